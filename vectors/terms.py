"""Terms, and the outcomes that their rules permit (Part 3 of docs/wire.md)."""

import unicodedata
from functools import lru_cache
from math import gcd

from documents import (
    DAY,
    INTEGER,
    different,
    digest_member,
    early_time,
    listed,
    matches,
    plain,
    read_group,
    read_key,
    time,
    whole,
)
from escrow import read_card
from primitives import canonical, from_base64url, members, need, read_json, same, tagged
from publication import read_publish


RULES = {
    "zopa": ("", ""),
    "split": ("sellerShare", "grid"),
    "random-split": ("", ""),
    "posted-price": ("price", ""),
    "menu": ("solution", "version"),
}
SOLUTIONS = ("nash", "egalitarian", "kalai-smorodinsky", "utilitarian")


class Terms:
    """Valid terms, and what follows from them."""

    def __init__(self, value):
        members(
            value,
            "parley subject rule parties security seals attempts expires nonce",
            "range menu roles matter arbiter obligations mandates publish ratify",
            "terms",
        )
        self.value = value
        plain_throughout(value)
        need(value["parley"] == 1, "terms are not of parley 1")
        plain(value["subject"], "the subject")
        if "matter" in value:
            plain(value["matter"], "the matter")
        whole(value["attempts"], 1, 1000, "attempts")
        self.expires = time(value["expires"], "expires")
        need(16 <= len(from_base64url(value["nonce"], what="the nonce")) <= 32, "the nonce has not 16 to 32 bytes")
        self._read_rule()
        self._read_roles()
        self._read_security()
        self.window = self._read_arbiter() if "arbiter" in value else 0
        self.publish = read_publish(value["publish"]) if "publish" in value else None
        self.ratify = self._read_ratify() if "ratify" in value else {}
        self.obligations = self._read_obligations() if "obligations" in value else {}
        self.mandates = self._read_mandates() if "mandates" in value else {}
        self._separate()
        self.digest = tagged("terms digest", canonical(value))

    # the rule

    def _read_rule(self):
        rule = self.value["rule"]
        need(isinstance(rule, dict) and rule.get("name") in RULES, "the rule is none of the five")
        self.rule = rule["name"]
        required, optional = RULES[self.rule]
        if self.rule == "menu":
            members(rule, f"name {required}", optional, "the rule")
            need(rule["solution"] in SOLUTIONS and rule.get("version", 2) == 2, "the solution")
            need("menu" in self.value and "range" not in self.value, "a menu, and no range")
            self._read_menu()
            self.roles = ("a", "b")
            return
        members(rule, f"name {required}", f"{optional} rounds nearMiss", "the rule")
        need("range" in self.value and "menu" not in self.value, "a range, and no menu")
        self.roles = ("seller", "buyer")
        self._read_range()
        self.rounds = whole(rule["rounds"], 2, 256, "rounds") if "rounds" in rule else 1
        self.near = None
        if "nearMiss" in rule:
            form = r"(100|[1-9]?[0-9](\.[0-9]?[1-9])?)%"
            whole_part, _, cents = matches(form, rule["nearMiss"], "nearMiss")[:-1].partition(".")
            self.near = int(whole_part) * 100 + int(cents.ljust(2, "0"))
            need(self.near > 0, "nearMiss is 0")
        if self.rule == "split":
            p, q = map(int, matches("(0|[1-9][0-9]{0,4})/[1-9][0-9]{0,4}", rule["sellerShare"], "sellerShare").split("/"))
            need(p <= q <= 65_536 and gcd(p, q) == 1, "sellerShare is not a fraction in lowest terms")
            self.share = (p, q)
            if "grid" in rule:
                self.grid = int(matches(INTEGER, rule["grid"], "the grid"))
                need(self.grid > 0 and self.grid % self.step == self.low % self.step == 0, "the grid")
                need(self.high // self.grid * self.grid >= self.low, "no multiple of the grid is in the range")
        if self.rule == "posted-price" and rule["price"] != "random":
            self.posted = int(matches(INTEGER, rule["price"], "the price"))
            need(self.is_price(self.posted), "the posted price is none of the grid")

    grid = None
    posted = None

    def _read_range(self):
        value = members(self.value["range"], "min max step unit decimals", what="the range")
        for name in ("min", "max", "step"):
            need(len(matches(INTEGER, value[name], name)) <= 40, f"{name} is too long")
        self.low, self.high, self.step = (int(value[name]) for name in ("min", "max", "step"))
        need(self.low <= self.high and self.step >= 1, "the range is empty")
        plain(value["unit"], "the unit", empty=True)
        whole(value["decimals"], 0, 18, "decimals")
        self.count = (self.high - self.low) // self.step + 1
        need(self.count <= 2**64, "there are too many prices")
        self.width = max(1, (self.count - 1).bit_length())

    def is_price(self, price):
        return self.low <= price <= self.high and (price - self.low) % self.step == 0

    def _read_menu(self):
        issues = listed(members(self.value["menu"], "issues", what="the menu")["issues"], 1, 1000, "issues")
        self.count = 1
        for issue in issues:
            members(issue, "name values", what="an issue")
            plain(issue["name"], "an issue's name")
            values = listed(issue["values"], 1, 400_000, "values")
            different((plain(value, "a value") for value in values), "values of an issue")
            self.count *= len(values)
        different((issue["name"] for issue in issues), "issues")
        need(self.count <= 400_000, "there are too many options")
        groups, self.width = self.count, 4
        while (groups := -(-groups // 16)) > 1:
            self.width += 4

    @property
    def sealed_bits(self):
        """Bits of the number that a seal is of."""
        if self.rule == "menu":
            return 17
        random = {"random-split": self.width + 40, "posted-price": 0 if self.posted is not None else self.width}
        return self.rounds * (self.width + 1) + (self.near is not None) + random.get(self.rule, 0)

    @property
    def fingerprinted_inputs(self):
        """How many inputs of each party are fingerprinted."""
        chunks = -(-self.count // 4096)
        rule = self.value["rule"]
        twice = rule["solution"] == "kalai-smorodinsky" and "version" in rule and self.count >= 8192
        return 2 * chunks if twice else chunks

    def _read_roles(self):
        value = self.value
        if "roles" in value:
            names = members(value["roles"], "a b", what="roles")
            letter, rest = "L", "LMN"
            for name in names.values():
                kinds = [unicodedata.category(c)[0] if c != "-" else "N" for c in plain(name, "a role's name")]
                need(kinds[0] == letter and set(kinds) <= set(rest) and len(kinds) <= 30, "a role's name")
            different((name.casefold() for name in names.values()), "names of the roles")
            need(names["a"].casefold() != self.roles[1] and names["b"].casefold() != self.roles[0], "roles are exchanged")
        members(value["parties"], " ".join(self.roles), what="parties")
        self.parties = {role: read_key(value["parties"][role], f"the {role}'s key") for role in self.roles}
        different(self.parties.values(), "the parties' keys")

    def other(self, role):
        return self.roles[1 - self.roles.index(role)]

    def need_role(self, role, what):
        need(role in self.roles, f"{what} is no role of the rule")
        return role

    def _read_security(self):
        need(self.value["security"] in ("malicious", "semi-honest"), "security")
        need(self.value["seals"] in ("paillier", "none"), "seals")
        self.sealed = self.value["seals"] == "paillier"
        allowed = self.value["security"] == "malicious" and self.sealed_bits <= 1024
        need(allowed or not self.sealed, "seals where there can be none")

    @property
    def commits(self):
        """Whether seals commit to more than a number."""
        return self.sealed and self.rule == "menu"

    # the optional members

    def _read_arbiter(self):
        arbiter = members(self.value["arbiter"], "card window", what="the arbiter")
        self.card = read_card(arbiter["card"])
        need(self.value["security"] == "malicious", "an arbiter without malicious security")
        need(self.card.key not in self.parties.values(), "the arbiter's key is a party's")
        need(self.outcome_bits <= 1024, "the outcome is too long for an arbiter")
        need(len(canonical(self.value).encode()) <= 131_072, "the terms are too long for an arbiter")
        window = whole(arbiter["window"], 1, 2_592_000, "the window")
        low, high = self.card.windows
        need(low <= window <= high, "the window is not one of the card's")
        return window

    def _read_ratify(self):
        value, groups = self.value["ratify"], {}
        need(isinstance(value, dict) and value and set(value) <= set(self.roles), "ratify")
        need(self.publish, "ratify without publish")
        for role, entry in value.items():
            groups[role] = read_group(entry, "those who ratify", "by")
            by = early_time(entry["by"], "by")
            need(by >= self.expires + self.window + DAY, "by is too early")
            need(self.parties[self.other(role)] not in groups[role].keys, "the other party ratifies")
            groups[role] = (groups[role], by)
        keys = [key for group, _ in groups.values() for key in group.keys]
        different(keys, "members who ratify")
        return groups

    def _read_mandates(self):
        value = self.value["mandates"]
        need(isinstance(value, dict) and value and set(value) <= set(self.roles), "mandates")
        return {role: digest_member(value[role], "a certificate's digest") for role in value}

    def _read_obligations(self):
        found = {}
        for entry in listed(self.value["obligations"], 1, 32, "obligations"):
            members(entry, "id by to if what due judge objection", "remedy stake", "an obligation")
            name = matches("[a-z][a-z0-9-]{0,29}", entry["id"], "an obligation's id")
            need(name not in ("expires", "broken") and name not in found, f"the id {name}")
            need({entry["by"], entry["to"]} == set(self.roles), "by and to are not the two roles")
            need(entry["if"] in ("deal", "no-deal", "always"), "if")
            plain(entry["what"], "what")
            if entry["judge"] != "to":
                need(not set(read_group(entry["judge"], "judge").keys) & set(self.parties.values()), "a party judges")
            whole(entry["objection"], 1, 3650, "objection")
            if "stake" in entry:
                stake = members(entry["stake"], "amount unit", what="a stake")
                matches("[1-9][0-9]{0,38}", stake["amount"], "an amount")
                plain(stake["unit"], "a stake's unit")
            need(self.publish or (entry["judge"] != "to" and "remedy" not in entry), "an obligation without publish")
            found[name] = entry
        self._check_dues(found)
        return found

    def _check_dues(self, obligations):
        remedies = different((o["remedy"] for o in obligations.values() if "remedy" in o), "remedies")
        latest = max([by for _, by in self.ratify.values()], default=0)
        for name, entry in obligations.items():
            due = entry["due"]
            if isinstance(due, str):
                moment = early_time(due, "due")
                need(moment >= self.expires + self.window, "due is too early")
                need(entry["if"] == "no-deal" or moment >= latest, "due is before the ratification")
            else:
                members(due, "days after", what="due")
                whole(due["days"], 0, 3650, "days")
                after = due["after"]
                need(after in ("expires", "broken") or after in obligations, "due is after nothing")
                need(after not in remedies, "due is after a remedy")
            need((name in remedies) == (isinstance(due, dict) and due["after"] == "broken"), "a remedy's due")
            if "remedy" in entry:
                remedy = obligations.get(entry["remedy"])
                need(remedy, "there is no such remedy")
                need("always" in (entry["if"], remedy["if"]) or entry["if"] == remedy["if"], "a remedy's if")

        def chain(name, step):
            seen = []
            while name in obligations:
                need(name not in seen, "a circle of obligations")
                seen.append(name)
                name = step(obligations[name])

        for name in obligations:
            chain(name, lambda o: o.get("remedy"))
            chain(name, lambda o: o["due"]["after"] if isinstance(o["due"], dict) else None)

    def _separate(self):
        """No key of a side judges, keeps the log, is a witness, or ratifies for the other side."""
        apart = set()
        for entry in self.obligations.values():
            apart |= set() if entry["judge"] == "to" else set(read_group(entry["judge"], "judge").keys)
        if self.publish:
            apart |= {self.publish.log.key, *(witness.key for witness in self.publish.witnesses)}
        for role in self.roles:
            own = {self.parties[role], *(self.ratify[role][0].keys if role in self.ratify else ())}
            need(not own & apart, f"a key of the {role}'s is to be apart from both sides")
        self.apart = apart

    # outcomes

    @property
    def round_bits(self):
        return (self.rounds - 1).bit_length() if self.rounds > 1 else 0

    @property
    def price_bits(self):
        return 0 if self.rule == "zopa" or self.posted is not None else self.width

    @property
    def outcome_bits(self):
        if self.rule == "menu":
            return 1 + self.width
        return 1 + self.round_bits + self.price_bits + (self.near is not None)

    def outcome(self, bits):
        """What outcome_bits bits say (a number, lowest bit first), if the rule permits it."""
        if not bits & 1:
            near = {} if self.rule == "menu" or self.near is None else {"nearMiss": bool(bits >> self.outcome_bits - 1)}
            return {"deal": False, **near}
        if self.rule == "menu":
            return {"deal": True, "option": self.option(bits >> 1)}
        outcome = {"deal": True}
        if self.rounds > 1:
            outcome["round"] = (bits >> 1 & (1 << self.round_bits) - 1) + 1
        if self.rule != "zopa":
            index = bits >> 1 + self.round_bits & (1 << self.price_bits) - 1
            outcome["price"] = str(self.posted if self.posted is not None else self.low + index * self.step)
        need(self.near is None or not bits >> self.outcome_bits - 1, "a near miss with a deal")
        self.permits(outcome)
        return outcome

    def option(self, index):
        need(type(index) is int and 0 <= index < self.count, "there is no such option")
        values, rest = {}, index
        for issue in reversed(self.value["menu"]["issues"]):
            rest, at = divmod(rest, len(issue["values"]))
            values[issue["name"]] = issue["values"][at]
        return {"index": index, "values": dict(reversed(values.items()))}

    def permits(self, outcome):
        need(isinstance(outcome, dict) and isinstance(outcome.get("deal"), bool), "the outcome")
        near = self.rule != "menu" and self.near is not None
        if not outcome["deal"]:
            members(outcome, "deal nearMiss" if near else "deal", what="the outcome")
            need(not near or isinstance(outcome["nearMiss"], bool), "nearMiss is neither true nor false")
        elif self.rule == "menu":
            members(outcome, "deal option", what="the outcome")
            option = members(outcome["option"], "index values", what="the option")
            same(option, self.option(option["index"]), "the option")
        else:
            names = "deal" + (" price" if self.rule != "zopa" else "") + (" round" if self.rounds > 1 else "")
            members(outcome, names, what="the outcome")
            if self.rounds > 1:
                whole(outcome["round"], 1, self.rounds, "the round")
            if self.rule != "zopa":
                price = int(matches(INTEGER, outcome["price"], "the price"))
                need(self.is_price(price) and self.posted in (None, price), "the price is none that the rule can give")
                need(self.grid is None or price % self.grid == 0, "the price is no multiple of the grid")

    def outcome_digest(self, session, outcome):
        return tagged("outcome digest", self.digest, session, canonical(outcome))


def plain_throughout(value):
    """Every text and name is plain but those that are base64url in signed documents."""
    if isinstance(value, str):
        plain(value, "a text", empty=True)
    for inner in value if isinstance(value, list) else ():
        plain_throughout(inner)
    for name, inner in value.items() if isinstance(value, dict) else ():
        plain(name, "a name")
        if name != "card":
            plain_throughout(inner)


@lru_cache(maxsize=256)
def _terms(text):
    return Terms(read_json(text))


def read_terms(value):
    need(isinstance(value, dict), "terms are no object")
    return _terms(canonical(value))
