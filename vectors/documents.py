"""Terms, and the documents that parties, principals, judges and arbiters sign (Parts 3 and 5 of docs/wire.md)."""

import base64 as standard
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from math import gcd

from primitives import (
    Wrong,
    BASE,
    add,
    base64url,
    canonical,
    decode_element,
    encode_element,
    field_hash,
    from_base64url,
    is_public_key,
    members,
    multiply,
    need,
    negate,
    number,
    power_modulo_square,
    read_json,
    read_scalar,
    same,
    scalar_from_bytes,
    sha256,
    stream,
    tagged,
    tagged64,
    verify_signature,
    xor,
)

DAY = 86_400

# Text and times

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
NEVER_PLAIN = re.compile(f"[{BIDI_CONTROLS}\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def plain(text, what, empty=False):
    need(isinstance(text, str) and (text or empty), f"{what} is no text")
    need(unicodedata.is_normalized("NFC", text) and len(text) <= 200, f"{what} is not in NFC, or too long")
    bad = NEVER_PLAIN.search(text) or any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp") for c in text)
    need(not bad, f"{what} is not plain")
    return text


def folded(text):
    def spaced(text):
        return re.sub(r"\s+", " ", text)

    text = IGNORABLE.sub("", spaced(unicodedata.normalize("NFKC", text)))
    text = text.lower().upper().lower().replace("ς", "σ")
    text = "".join("-" if unicodedata.category(c) == "Pd" or c == "\u2212" else c for c in text)
    text = re.sub('[“”„‟]', '"', re.sub("[‘’‚‛ʼ]", "'", text))
    return spaced(unicodedata.normalize("NFKC", text)).strip(" ")


def time(text, what="a time"):
    """Seconds since 1970."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        moment = None
    need(moment and moment.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20) == text, f"{what} is no time")
    return int(moment.timestamp())


def early_time(text, what):
    need(text < "9000", f"{what} is after the year 8999")
    return time(text, what)


def whole(value, low, high, what):
    need(type(value) is int and low <= value <= high, f"{what} is not a whole number from {low} to {high}")
    return value


def matches(pattern, value, what):
    need(isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII), f"{what} has not its form")
    return value


def listed(value, low, high, what):
    need(isinstance(value, list) and low <= len(value) <= high, f"{what} is no list of {low} to {high}")
    return value


def different(values, what):
    values = list(values)
    need(len(set(values)) == len(values), f"{what} are not all different")
    return values


# Keys and principals


def read_key(jwk, what="a key"):
    members(jwk, "kty crv x", what=what)
    need(jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519", f"{what} is of another kind")
    key = from_base64url(jwk["x"], 32, what)
    need(is_public_key(key), f"{what} does not decode")
    return key


def thumbprint(key):
    return sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(key)}"}}'.encode())


@dataclass(frozen=True)
class Group:
    """Members of whom a threshold has to sign."""

    keys: tuple
    threshold: int

    @property
    def digest(self):
        keys = sorted(map(base64url, self.keys))
        return tagged("principal", canonical({"keys": keys, "threshold": self.threshold}))

    @property
    def ledger_name(self):
        if len(self.keys) == 1:
            return self.keys[0]
        name = self.digest
        while is_public_key(name):
            name = tagged("principal name", name)
        return name

    @property
    def fingerprint(self):
        return base64url(thumbprint(self.keys[0]) if len(self.keys) == 1 else self.ledger_name)

    def same_as(self, other):
        return self.threshold == other.threshold and set(self.keys) == set(other.keys)


def read_group(value, what, further=""):
    members(value, f"members threshold {further}", what=what)
    keys = tuple(read_key(jwk, f"a member of {what}") for jwk in listed(value["members"], 1, 32, what))
    different(keys, f"members of {what}")
    return Group(keys, whole(value["threshold"], 1, len(keys), f"the threshold of {what}"))


def read_principal(value, what="a principal"):
    if isinstance(value, dict) and "members" in value:
        return read_group(value, what)
    return Group((read_key(value, what),), 1)


def one_of(keys):
    return Group(tuple(keys), 1)


# Signed documents

LIMITS = {
    "agreement": 2**27,
    "engagement": 2**27,
    "mask": 4096,
    "arbiter": 8192,
    "complaint": 655_360,
    "resolution": 720_896,
    "void": 8192,
    "mandate": 65_536,
    "mandate-revocations": 65_536,
    "receipt": 16_384,
    "claim": 65_536,
    "objection": 65_536,
    "verdict": 65_536,
    "ratification": 4096,
}


@dataclass
class Document:
    payload: dict
    keys: tuple
    data: bytes

    def signed_by(self, signers, what):
        """signers is a list of keys, of which each signs, or a group."""
        if isinstance(signers, Group):
            order = [signers.keys.index(key) if key in signers.keys else -1 for key in self.keys]
            held = -1 not in order and order == sorted(set(order)) and len(order) >= signers.threshold
        else:
            held = self.keys == tuple(signers)
        need(held, f"{what} is not signed by those who have to sign it")


def read_document(source, kind):
    """The document in a text with its newline, or in the JSON object that stands in another document."""
    if isinstance(source, dict):
        source = canonical(source) + "\n"
    return _read_document(source, kind)


@lru_cache(maxsize=256)
def _read_document(text, kind):
    need(isinstance(text, str) and text.endswith("\n"), f"the {kind} does not end in a newline")
    need(len(text.encode()) <= LIMITS[kind], f"the {kind} is too long")
    jws = members(read_json(text[:-1]), "payload signatures", what=f"the {kind}")
    need(canonical(jws) + "\n" == text, f"the {kind} is not canonical")
    payload = from_base64url(jws["payload"], what=f"the payload of the {kind}")
    keys = []
    for entry in listed(jws["signatures"], 1, 64, f"signatures of the {kind}"):
        members(entry, "protected signature", what=f"a signature of the {kind}")
        header = read_json(_utf8(from_base64url(entry["protected"])))
        need(isinstance(header, dict) and isinstance(header.get("jwk"), dict), f"a header of the {kind}")
        x, typ = header["jwk"].get("x"), f"parley-{kind}+jws"
        expected = f'{{"alg":"EdDSA","jwk":{{"crv":"Ed25519","kty":"OKP","x":"{x}"}},"typ":"{typ}"}}'
        same(from_base64url(entry["protected"]), expected.encode(), f"a header of the {kind}")
        key = from_base64url(x, 32, f"a key in the {kind}")
        signature = from_base64url(entry["signature"], 64, f"a signature of the {kind}")
        verify_signature(key, signature, f"{entry['protected']}.{jws['payload']}".encode(), f"the {kind}")
        keys.append(key)
    value = read_json(_utf8(payload))
    same(canonical(value).encode(), payload, f"the payload of the {kind}")
    need(isinstance(value, dict) and value.get("parley") == 1, f"the {kind} is not of parley 1")
    return Document(value, tuple(keys), text.encode())


def _utf8(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        need(False, "not UTF-8")


def statement_digest(document):
    return tagged("statement digest", document.data)


def digest_member(value, what, size=32):
    return from_base64url(value, size, what)


# Terms

RULES = {
    "zopa": ("", ""),
    "split": ("sellerShare", "grid"),
    "random-split": ("", ""),
    "posted-price": ("price", ""),
    "menu": ("solution", "version"),
}
SOLUTIONS = ("nash", "egalitarian", "kalai-smorodinsky", "utilitarian")
INTEGER = "0|-?[1-9][0-9]*"
ADDRESS = r"https://[A-Za-z0-9.-]{1,253}(:[0-9]+)?(/[\w.~-]{1,60}){0,8}"


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


# Seals and Paillier keys


def read_paillier(value):
    """The modulus of a public key in JSON, and its bytes."""
    members(value, "kty n", what="a Paillier key")
    need(value["kty"] == "Paillier", "a key of another kind")
    return check_modulus(from_base64url(value["n"]))


def check_modulus(data):
    bits = 8 * len(data)
    need(3072 <= bits <= 4096 and bits % 128 == 0, "a modulus of another size")
    need(data[0] & 0x80 and data[-1] & 1, "a modulus that is even, or has fewer bits than it says")
    return data


def check_unit(value, modulus, what):
    need(0 < value < modulus and gcd(value, modulus) == 1, f"{what} is out of range, or shares a factor with N")
    return value


@lru_cache(maxsize=64)
def encrypt(n, message, randomness):
    return (1 + message * n) * power_modulo_square(randomness, n, n) % (n * n)


def key_proof_numbers(identity, modulus):
    seed, size = tagged("seal key proof", identity, modulus), len(modulus) + 16
    return [number(stream("seal key proof challenge", seed, i, size=size)) % number(modulus) for i in range(8)]


def key_proof(identity, modulus, p, q):
    """The roots that follow from the primes."""
    n = p * q
    exponents = [(prime, pow(n, -1, prime - 1)) for prime in (p, q)]
    proof, p_inverse = b"", pow(p, -1, q)
    for value in key_proof_numbers(identity, modulus):
        low, high = (pow(value, exponent, prime) for prime, exponent in exponents)
        proof += (low + p * ((high - low) * p_inverse % q)).to_bytes(len(modulus), "big")
    return proof


def product_of_primes(below):
    sieve, product = bytearray(b"\1" * below), 1
    for p in range(2, below):
        if sieve[p]:
            sieve[p * p :: p] = bytes(len(sieve[p * p :: p]))
            product *= p
    return product


SMALL_PRIMES = product_of_primes(65_536)


@lru_cache(maxsize=64)
def check_key_proof(identity, modulus, proof):
    n, size = number(check_modulus(modulus)), len(modulus)
    need(gcd(n, SMALL_PRIMES) == 1, "a small prime divides the modulus")
    need(len(proof) == 8 * size, "the key proof has not 8 roots")
    roots = [number(proof[i * size : (i + 1) * size]) for i in range(8)]
    for root, value in zip(roots, key_proof_numbers(identity, modulus)):
        check_unit(root, n, "a root")
        same(pow(root, n, n), value, "the power of a root of the key proof")


@dataclass
class Seal:
    modulus: bytes
    ciphertext: bytes
    commitment: bytes | None

    def digest(self, bits):
        commitment = () if self.commitment is None else (self.commitment,)
        return tagged("seal", bits, self.modulus, self.ciphertext, *commitment)


def read_seal(value, commits):
    members(value, "key ciphertext commitment" if commits else "key ciphertext", what="a seal")
    modulus = read_paillier(value["key"])
    ciphertext = from_base64url(value["ciphertext"], 2 * len(modulus), "a seal")
    check_unit(number(ciphertext), number(modulus) ** 2, "a seal")
    commitment = from_base64url(value["commitment"], 32, "a commitment") if commits else None
    return Seal(modulus, ciphertext, commitment)


def read_seals(terms, value):
    members(value, " ".join(terms.roles), what="seals")
    seals = {role: read_seal(value[role], terms.commits) for role in terms.roles}
    different((seal.modulus for seal in seals.values()), "moduli of the seals")
    return seals


# Escrow (Part 5)


@dataclass
class Card:
    key: bytes
    escrow: bytes
    windows: tuple

    @property
    def fingerprint(self):
        return base64url(tagged("arbiter fingerprint", self.key, self.escrow))


def read_card(source):
    document = read_document(source, "arbiter")
    payload = members(document.payload, "parley key escrow pop windows", "at", "a card")
    windows = members(payload["windows"], "min max", what="windows")
    low, high = windows["min"], windows["max"]
    need(type(low) is type(high) is int and 300 <= low <= high <= 2_592_000, "windows")
    if "at" in payload:
        need(len(matches(ADDRESS, payload["at"], "at")) <= 200, "at is too long")
    card = Card(read_key(payload["key"]), from_base64url(payload["escrow"], 32), (low, high))
    document.signed_by([card.key], "a card")
    check_possession(card, from_base64url(payload["pop"], 64, "pop"))
    return card


def check_possession(card, proof):
    r, s = proof[:32], read_scalar(proof[32:], "the scalar of pop")
    challenge = scalar_from_bytes(tagged64("escrow key possession", card.key, card.escrow, r))
    h = decode_element(card.escrow, "the escrow key")
    decode_element(r, "the point of pop")
    same(encode_element(add(multiply(s, BASE), negate(multiply(challenge, h)))), r, "the proof of possession")


@lru_cache(maxsize=4096)
def escrow_encrypt(h, label, pair, side, plaintext, seed):
    """E(L, k, b; p, seed)."""
    r = scalar_from_bytes(tagged64("escrow randomness", label, pair, side, plaintext, seed))
    u = encode_element(multiply(r, BASE))
    shared = encode_element(multiply(r, decode_element(h)))
    pad = stream("escrow pad", label, pair, side, u, shared, size=32 + len(plaintext))
    return u + xor(seed + plaintext, pad)


@lru_cache(maxsize=4096)
def open_ciphertext(secret, label, pair, side, ciphertext):
    """What the arbiter decrypts: the plaintext and the seed, or None."""
    u = ciphertext[:32]
    try:
        shared = encode_element(multiply(secret, decode_element(u)))
    except Wrong:
        return None
    pad = stream("escrow pad", label, pair, side, u, shared, size=len(ciphertext) - 32)
    inner = xor(ciphertext[32:], pad)
    seed, plaintext = inner[:32], inner[32:]
    h = encode_element(multiply(secret, BASE))
    return (plaintext, seed) if escrow_encrypt(h, label, pair, side, plaintext, seed) == ciphertext else None


def escrow_label(session, terms, role):
    return tagged("escrow label", session, terms.digest, role, terms.card.escrow)


def parity(value):
    return value.bit_count() & 1


def tag_of_mask(mask, matrix_seed, width):
    """A·o ⊕ pad for o′ packed, as 6 bytes."""
    value, size = int.from_bytes(mask, "little"), 6 * width
    rows = int.from_bytes(stream("escrow matrix", matrix_seed, size=size), "little")
    o, pad = value & (1 << width) - 1, value >> width
    product = sum(parity(rows >> i * width & o) << i for i in range(48))
    return (product ^ pad).to_bytes(6, "little")


@dataclass
class EscrowRest:
    """What belongs to the record of one party's escrow besides its ciphertexts."""

    challenge: bytes
    shares: list
    tag: bytes
    matrix: bytes

    def second(self):
        return tagged("escrow shares", b"".join(self.shares), self.tag, self.matrix)


def unopened_side(challenge, pair):
    """The side of the ciphertext of a pair that stays closed."""
    return 1 - (number(challenge) >> pair & 1)


def record_digest(label, challenge, ciphertext_digests, second):
    first = tagged("escrow unopened ciphertexts", label, challenge, *ciphertext_digests)
    return tagged("escrow record", first, second)


def ciphertext_digest(ciphertext):
    return tagged("escrow ciphertext", ciphertext)


def mask_size(terms):
    return (terms.outcome_bits + 48 + 7) // 8


def check_packed(data, bits, what):
    need(len(data) == (bits + 7) // 8 and int.from_bytes(data, "little") >> bits == 0, f"{what} has unused bits set")
    return int.from_bytes(data, "little")


# Engagements


@dataclass
class Engagement:
    terms: Terms
    session: bytes
    party: str
    seals: dict | None
    keys: list
    value: bytes | None
    fair: dict | None
    object: dict

    @property
    def case(self):
        return tagged("escrow case", self.terms.digest, self.session, canonical(self.fair))

    @property
    def complain_by(self):
        return time(self.fair["complainBy"])

    def agrees_with(self, other):
        for name in ("session", "seals", "keys", "fair"):
            same(getattr(self, name), getattr(other, name), f"{name} of two engagements")
        same(self.terms.digest, other.terms.digest, "terms of two engagements")
        need(self.party != other.party, "two engagements of one party")


def read_engagement(source):
    document = read_document(source, "engagement")
    need(isinstance(document.payload.get("terms"), dict), "an engagement without terms")
    terms = read_terms(document.payload["terms"])
    names = "parley terms session party statement" + (" seals" if terms.sealed else "")
    names += (" fingerprints" if terms.commits else "") + (" fair" if "arbiter" in terms.value else "")
    payload = members(document.payload, names, what="an engagement")
    need("fair" not in payload or len(document.data) <= 262_144, "an engagement with an arbiter is too long")
    same(payload["statement"], "bound by the outcome of this session", "the statement")
    role = terms.need_role(payload["party"], "the party of an engagement")
    seals, keys, value = None, [], None
    if terms.sealed:
        members(payload["seals"], " ".join(terms.roles), what="seals")
        seals = {role: from_base64url(payload["seals"][role], 32, "a seal's digest") for role in terms.roles}
    if terms.commits:
        keys, values = read_fingerprints(terms, payload["fingerprints"], [role])
        value = values[role]
    if "fair" in payload:
        fair = members(payload["fair"], "escrows masked complainBy" + (" fingerprints" if terms.commits else ""))
        members(fair["escrows"], " ".join(terms.roles), what="escrows")
        for digest in (*fair["escrows"].values(), fair["masked"]):
            from_base64url(digest, 32, "a digest in fair")
        need(time(fair["complainBy"]) <= terms.expires, "complainBy is after the terms expire")
        if terms.commits:
            _, values = read_fingerprints(terms, {"keys": [], "values": fair["fingerprints"]}, terms.roles, False)
            same(values[role], value, "the signer's fingerprint in fair")
    document.signed_by([terms.parties[role]], "an engagement")
    session = from_base64url(payload["session"], 32, "the session")
    return Engagement(terms, session, role, seals, keys, value, payload.get("fair"), read_json(document.data[:-1].decode()))


def read_fingerprints(terms, value, roles, with_keys=True):
    members(value, "keys values", what="fingerprints")
    count = terms.fingerprinted_inputs if with_keys else 0
    keys = [from_base64url(key, 16, "a fingerprint key") for key in listed(value["keys"], count, count, "keys")]
    members(value["values"], " ".join(roles), what="values of fingerprints")
    return keys, {role: from_base64url(value["values"][role], 16, "a fingerprint") for role in roles}


# Agreements in their three forms


@dataclass
class Agreement:
    terms: Terms
    session: bytes
    outcome: dict
    proof: str
    seals: dict | None
    keys: list
    values: dict
    engagements: dict
    principals: dict
    data: bytes
    masks: dict

    @property
    def digest(self):
        """The outcome digest, by which other documents name it."""
        return self.terms.outcome_digest(self.session, self.outcome)

    @property
    def opened_digest(self):
        """The digest by which an opening names it."""
        return sha256(self.data)


def read_agreement(text):
    need(isinstance(text, str) and text.endswith("\n"), "an agreement ends in a newline")
    value = read_json(text[:-1])
    need(isinstance(value, dict), "an agreement is an object")
    return read_signed_agreement(text) if "payload" in value else read_proved_outcome(text)


def read_signed_agreement(text):
    document = read_document(text, "agreement")
    need(isinstance(document.payload.get("terms"), dict), "an agreement without terms")
    terms = read_terms(document.payload["terms"])
    names = "parley terms outcome session" + (" seals" if terms.sealed else "")
    names += (" fingerprints" if terms.commits else "") + (" mandates" if terms.mandates else "")
    payload = members(document.payload, names, what="an agreement")
    terms.permits(payload["outcome"])
    seals = read_seals(terms, payload["seals"]) if terms.sealed else None
    keys, values = read_fingerprints(terms, payload["fingerprints"], terms.roles) if terms.commits else ([], {})
    document.signed_by(list(terms.parties.values()), "an agreement")
    session = from_base64url(payload["session"], 32, "the session")
    principals = read_certificates(terms, payload.get("mandates"))
    return Agreement(
        terms, session, payload["outcome"], "signed", seals, keys, values, {}, principals, document.data, {}
    )


def read_proved_outcome(text):
    value = read_json(text[:-1])
    need(canonical(value) + "\n" == text, "a proved outcome is not canonical")
    need(isinstance(value.get("engagements"), list) and len(value["engagements"]) == 2, "not two engagements")
    first, second = map(read_engagement, value["engagements"])
    terms, case = first.terms, first.case
    first.agrees_with(second)
    same((first.party, second.party), terms.roles, "the order of the engagements")
    need("arbiter" in terms.value, "a proved outcome without an arbiter")
    masks = members(value["masks"], " ".join(terms.roles), what="masks") if "masks" in value else {}
    resolved = any(mask.get("by") == "arbiter" for mask in masks.values())
    names = "parley engagements opening masks" + (" seals" if terms.sealed else "")
    names += (" mandates" if terms.mandates else "") + (" resolution" if resolved else "")
    members(value, names, what="a proved outcome")
    need(value["parley"] == 1, "a proved outcome is not of parley 1")
    seals = read_seals(terms, value["seals"]) if terms.sealed else None
    for role in terms.roles if terms.sealed else ():
        same(seals[role].digest(terms.sealed_bits), first.seals[role], "a seal's digest")
    opening = members(value["opening"], "salt masked", what="the opening")
    salt, masked = from_base64url(opening["salt"], 32, "the salt"), from_base64url(opening["masked"])
    bits = check_packed(masked, terms.outcome_bits, "the masked outcome")
    commitment = tagged("escrow masked outcome", first.session, salt, terms.outcome_bits, masked)
    same(base64url(commitment), first.fair["masked"], "the commitment to the masked outcome")
    resolution = None
    if resolved:
        resolution = read_resolution(value["resolution"])
        resolution.is_about(first, second)
    masks = {role: open_mask(first, role, masks[role], resolution, case) for role in terms.roles}
    for mask in masks.values():
        bits ^= int.from_bytes(mask, "little") & (1 << terms.outcome_bits) - 1
    values = {engagement.party: engagement.value for engagement in (first, second)} if terms.commits else {}
    return Agreement(
        terms,
        first.session,
        terms.outcome(bits),
        "resolved" if resolved else "opened",
        seals,
        first.keys,
        values,
        {first.party: first, second.party: second},
        read_certificates(terms, value.get("mandates")),
        text.encode(),
        masks,
    )


def open_mask(engagement, role, value, resolution, case):
    """o′ of a role, if it belongs to the record in fair."""
    terms, size = engagement.terms, mask_size(engagement.terms)
    by_party = value.get("by") == "party"
    need(by_party or value.get("by") == "arbiter", "a mask by nobody")
    members(value, "by index ciphertext rest" + (" mask seed" if by_party else ""), what="a mask")
    index, rest = whole(value["index"], 0, 39, "the index"), members(
        value["rest"], "challenge matrix shares tag others", what="the rest of an escrow"
    )
    shares = from_base64url(rest["shares"], 40 * size, "shares")
    record = EscrowRest(
        from_base64url(rest["challenge"], 5, "the challenge"),
        [shares[i * size : (i + 1) * size] for i in range(40)],
        from_base64url(rest["tag"], 6, "the tag"),
        from_base64url(rest["matrix"], 32, "the matrix's seed"),
    )
    ciphertext = from_base64url(value["ciphertext"], 64 + size, "the ciphertext")
    others = from_base64url(rest["others"], 39 * 32, "the other digests")
    digests = [others[i * 32 : (i + 1) * 32] for i in range(39)]
    digests.insert(index, ciphertext_digest(ciphertext))
    label = escrow_label(engagement.session, terms, role)
    digest = record_digest(label, record.challenge, digests, record.second())
    same(base64url(digest), engagement.fair["escrows"][role], f"the record of the {role}'s escrow")
    if by_party:
        mask = read_mask(value["mask"], terms, role, case)
        plaintext, seed = xor(record.shares[index], mask), from_base64url(value["seed"], 32, "the seed")
    else:
        opened = resolution.opened[role][index]
        need(opened is not None, "the resolution has not opened this ciphertext")
        plaintext, seed = opened
        mask = xor(record.shares[index], plaintext)
    side = unopened_side(record.challenge, index)
    same(escrow_encrypt(terms.card.escrow, label, index, side, plaintext, seed), ciphertext, "the ciphertext")
    check_packed(mask, terms.outcome_bits + 48, "a mask")
    same(tag_of_mask(mask, record.matrix, terms.outcome_bits), record.tag, "the tag of a mask")
    return mask


def read_mask(source, terms, role, case):
    document = read_document(source, "mask")
    payload = members(document.payload, "parley case party mask", what="an opened mask")
    same(payload["party"], role, "the party of an opened mask")
    same(from_base64url(payload["case"], 32), case, "the case of an opened mask")
    document.signed_by([terms.parties[role]], "an opened mask")
    return from_base64url(payload["mask"], mask_size(terms), "the mask")


# What an arbiter says


@dataclass
class Resolution:
    payload: dict
    keys: tuple
    opened: dict

    def is_about(self, *engagements):
        first, payload = engagements[0], self.payload
        need(self.keys == (first.terms.card.key,), "a resolution by another key than the card's")
        same(from_base64url(payload["case"], 32), first.case, "the case of a resolution")
        same(from_base64url(payload["session"], 32), first.session, "the session of a resolution")
        same(from_base64url(payload["terms"], 32), first.terms.digest, "the terms of a resolution")
        same(payload["complainBy"], first.fair["complainBy"], "complainBy of a resolution")
        first.terms.need_role(payload["by"], "by")
        members(payload["opened"], " ".join(first.terms.roles), what="opened")
        for engagement in engagements:
            same(payload["engagements"][engagement.party], engagement.object, "an engagement in a resolution")


def read_resolution(source):
    document = read_document(source, "resolution")
    names = "parley case session terms complainBy resolved by engagements opened"
    payload = members(document.payload, names, what="a resolution")
    need(time(payload["resolved"]) <= time(payload["complainBy"]), "resolved is after complainBy")
    engagements = {role: read_engagement(e) for role, e in payload["engagements"].items()}
    members(payload["engagements"], " ".join(payload["opened"]), what="engagements of a resolution")
    opened = {}
    for role, entries in payload["opened"].items():
        same(engagements[role].party, role, "the party of an engagement in a resolution")
        opened[role] = []
        for entry in listed(entries, 40, 40, "what is opened"):
            if entry is not None:
                members(entry, "p seed", what="what is opened")
                entry = from_base64url(entry["p"]), from_base64url(entry["seed"], 32)
            opened[role].append(entry)
    return Resolution(payload, document.keys, opened)


@dataclass
class Void:
    payload: dict
    keys: tuple

    def is_about(self, engagement):
        need(self.keys == (engagement.terms.card.key,), "a void by another key than the card's")
        same(from_base64url(self.payload["case"], 32), engagement.case, "the case of a void")
        same(from_base64url(self.payload["session"], 32), engagement.session, "the session of a void")
        need(time(self.payload["asOf"]) >= engagement.complain_by + 10, "a void that is too early")


def read_void(source):
    document = read_document(source, "void")
    return Void(members(document.payload, "parley case session asOf", what="a void"), document.keys)


def read_complaint(source):
    """The payload, and for each role the unopened ciphertexts with their places: (label, pair, side, ciphertext)."""
    document = read_document(source, "complaint")
    payload = members(document.payload, "parley by engagements escrows", what="a complaint")
    need(isinstance(payload["engagements"], dict), "engagements of a complaint")
    engagements = {role: read_engagement(e) for role, e in payload["engagements"].items()}
    need(len(engagements) == 2, "a complaint with other than two engagements")
    first, second = engagements.values()
    first.agrees_with(second)
    terms = first.terms
    need(set(engagements) == set(terms.roles), "roles of a complaint")
    for role, engagement in engagements.items():
        same(engagement.party, role, "the party of an engagement in a complaint")
    document.signed_by([terms.parties[terms.need_role(payload["by"], "by")]], "a complaint")
    size = 64 + mask_size(terms)
    members(payload["escrows"], " ".join(terms.roles), what="escrows of a complaint")
    ciphertexts = {}
    for role in terms.roles:
        escrow = members(payload["escrows"][role], "challenge ciphertexts second", what="an escrow")
        joined = from_base64url(escrow["ciphertexts"], 40 * size, "ciphertexts")
        unopened = [joined[i * size : (i + 1) * size] for i in range(40)]
        label, challenge = escrow_label(first.session, terms, role), from_base64url(escrow["challenge"], 5)
        second = from_base64url(escrow["second"], 32, "second")
        digest = record_digest(label, challenge, map(ciphertext_digest, unopened), second)
        ciphertexts[role] = [
            (label, pair, unopened_side(challenge, pair), ciphertext) for pair, ciphertext in enumerate(unopened)
        ]
        same(base64url(digest), first.fair["escrows"][role], f"the record of the {role}'s escrow")
    return payload, ciphertexts


# Mandate certificates


@dataclass
class Certificate:
    principal: Group
    payload: dict
    digest: bytes
    data: bytes


def read_certificate(source):
    document = read_document(source, "mandate")
    payload = members(
        document.payload, "parley principal delegate scope notBefore expires serial", "revokers", "a certificate"
    )
    plain_throughout(payload)
    principal, delegate = read_principal(payload["principal"]), read_key(payload["delegate"])
    need(time(payload["notBefore"]) < time(payload["expires"]), "a certificate ends before it begins")
    need(len(plain(payload["serial"], "the serial")) <= 64, "the serial is too long")
    if "revokers" in payload:
        keys = [read_key(jwk) for jwk in listed(payload["revokers"], 1, 16, "revokers")]
        need(delegate not in different(keys, "revokers"), "the delegate revokes")
    read_scope(payload["scope"])
    document.signed_by(principal, "a certificate")
    return Certificate(principal, payload, tagged("mandate certificate", canonical(payload)), document.data)


FURTHER = ("menu", "roles", "obligations", "publish", "ratify")
FINGERPRINT = "[A-Za-z0-9_-]{43}"


def read_scope(scope):
    optional = "seals attempts matters unit decimals min max arbiters peers further witnessed"
    members(scope, "rules roles minimumSecurity", optional, "a scope")
    for rule in listed(scope["rules"], 1, 32, "rules"):
        need((rule if isinstance(rule, str) else rule.get("name")) in RULES, "a rule of a scope")
    for role in listed(scope["roles"], 1, 32, "roles"):
        need(role in ("seller", "buyer", "a", "b"), "a role of a scope")
    need(scope["minimumSecurity"] in ("malicious", "semi-honest"), "minimumSecurity")
    need(scope.get("seals", "none") == "none" and scope.get("witnessed", True) is True, "seals or witnessed")
    whole(scope.get("attempts", 1), 1, 1000, "attempts")
    for matter in listed(scope.get("matters", ["x"]), 1, 256, "matters"):
        plain(matter, "a matter")
    bounds = {"unit", "decimals", "min", "max"} & set(scope)
    need(len(bounds) in (0, 4), "unit, decimals, min and max go together")
    if bounds:
        plain(scope["unit"], "the unit", empty=True)
        whole(scope["decimals"], 0, 18, "decimals")
        low, high = (int(matches(INTEGER, scope[name], name)) for name in ("min", "max"))
        need(low <= high, "a scope's range is empty")
    for name in ("arbiters", "peers"):
        for fingerprint in listed(scope.get(name, ["A" * 43]), 1, 256, name):
            from_base64url(matches(FINGERPRINT, fingerprint, name), 32, name)
    for name in listed(scope.get("further", []), 0, 32, "further"):
        need(name in FURTHER, "a further member that others bound, or that there is not")


def check_cover(certificate, terms, role, peer):
    """That a certificate covers terms; peer is the other side's principal, or None."""
    payload, scope, value = certificate.payload, certificate.payload["scope"], terms.value
    same(read_key(payload["delegate"]), terms.parties[role], "the delegate")
    need(value["rule"] in scope["rules"] or terms.rule in scope["rules"], "the scope allows another rule")
    need(role in scope["roles"], "the scope allows another role")
    need(terms.value["security"] == "malicious" or scope["minimumSecurity"] == "semi-honest", "security")
    need(terms.sealed or "seals" in scope or value["security"] == "semi-honest", "the scope asks for seals")
    need(value["attempts"] <= scope.get("attempts", 1), "attempts")
    subject, matter = folded(value["subject"]), folded(value.get("matter", value["subject"]))
    if "matters" in scope:
        need({subject, matter} <= set(map(folded, scope["matters"])), "the matter is not in the scope")
    else:
        need(subject == matter, "the scope has no matters")
    if "range" in value:
        need("unit" in scope, "the scope allows no range")
        same(value["range"]["unit"], scope["unit"], "the unit")
        same(value["range"]["decimals"], scope["decimals"], "decimals")
        need(int(scope["min"]) <= terms.low and terms.high <= int(scope["max"]), "the range")
    if "arbiter" in value:
        need(terms.card.fingerprint in scope.get("arbiters", ()), "the arbiter")
    if "peers" in scope:
        names = {base64url(thumbprint(terms.parties[terms.other(role)])), peer.fingerprint if peer else None}
        need(names & set(scope["peers"]), "the peer")
    further = set(FURTHER) & set(value)
    need(further <= set(scope.get("further", ())), "a further member")
    need(time(payload["notBefore"]) < terms.expires <= time(payload["expires"]), "the certificate's time")
    apart = set(terms.apart) | ({terms.card.key} if "arbiter" in value else set())
    other_ratify = terms.ratify.get(terms.other(role))
    apart |= set(other_ratify[0].keys) if other_ratify else set()
    need(not apart & set(certificate.principal.keys), "a key of a principal's is to be apart from both sides")


@dataclass
class Revocations:
    principal: Group
    payload: dict
    digests: list


def read_revocations(source, certificate):
    """A list of revocations that belongs to a certificate."""
    document = read_document(source, "mandate-revocations")
    payload = members(document.payload, "parley principal asOf next certificates", what="a list of revocations")
    need(time(payload["asOf"]) < time(payload["next"]), "a list ends before it begins")
    principal = read_principal(payload["principal"])
    need(principal.same_as(certificate.principal), "a list of another principal")
    digests = [from_base64url(d, 32, "a digest") for d in listed(payload["certificates"], 0, 1000, "certificates")]
    revokers = [read_key(jwk) for jwk in certificate.payload.get("revokers", ())]
    try:
        document.signed_by(principal, "a list of revocations")
    except Wrong:
        document.signed_by(one_of(revokers), "a list of revocations")
    return Revocations(principal, payload, digests)


def read_certificates(terms, value):
    """The principals for whom sides act, if the certificates are there that the terms name."""
    if not terms.mandates:
        return {}
    members(value, " ".join(terms.mandates), what="mandates")
    found = {}
    for role, digest in terms.mandates.items():
        entry = members(value[role], "certificate", "revocations", "a mandate")
        found[role] = read_certificate(entry["certificate"])
        same(found[role].digest, digest, "the digest of a certificate")
    principals = {role: certificate.principal for role, certificate in found.items()}
    for role, certificate in found.items():
        check_cover(certificate, terms, role, principals.get(terms.other(role)))
        need("revokers" not in certificate.payload or "revocations" in value[role], "a list of revocations is missing")
        if "revocations" in value[role]:
            revocations = read_revocations(value[role]["revocations"], certificate)
            need(certificate.digest not in revocations.digests, "the certificate is revoked")
    if len(principals) == 2:
        need(not principals[terms.roles[0]].same_as(principals[terms.roles[1]]), "one principal on both sides")
    return principals


# Publication


@dataclass
class VerifierKey:
    name: str
    id: bytes
    key: bytes


@dataclass
class Publish:
    log: VerifierKey
    witnesses: list
    quorum: int


def from_base64(text, what):
    try:
        data = standard.b64decode(text, validate=True)
    except ValueError:
        data = None
    need(data is not None and standard.b64encode(data).decode() == text, f"{what} is no base64")
    return data


def read_verifier_key(text, kind):
    name, identifier, key = matches(r"[!-*,-~]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", text, "a verifier key").split("+", 2)
    data = from_base64(key, "a verifier key")
    need(len(data) == 33 and data[0] == kind and is_public_key(data[1:]), "a verifier key")
    same(sha256(f"{name}\n".encode() + data)[:4].hex(), identifier, "the id of a verifier key")
    return VerifierKey(name, bytes.fromhex(identifier), data[1:])


def read_publish(value):
    members(value, "at log witnesses quorum", what="publish")
    need(len(matches(ADDRESS, value["at"], "at")) <= 200, "at is too long")
    log = read_verifier_key(value["log"], 1)
    witnesses = [read_verifier_key(text, 4) for text in listed(value["witnesses"], 1, 16, "witnesses")]
    different((witness.name for witness in witnesses), "witnesses' names")
    different((log.key, *(witness.key for witness in witnesses)), "keys of the log and its witnesses")
    return Publish(log, witnesses, whole(value["quorum"], 1, len(witnesses), "the quorum"))


def publication_time(text, entry, publish):
    """The time at which a proof shows a document (its bytes) to be public."""
    need(len(text.encode()) <= 65_536 and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), "a proof's text")
    head, origin, rest = text.partition("\n\n")
    note, _, signatures = rest.rpartition("\n\n")
    lines, checkpoint = head.split("\n"), note.split("\n")
    same(lines.pop(0), "c2sp.org/tlog-proof@v1", "the first line of a proof")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    index = int(matches("index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "", "index")[6:])
    path = [from_base64(line, "a hash") for line in lines]
    need(len(checkpoint) >= 3 and all(checkpoint) and all(len(h) == 32 for h in path), "the form of a proof")
    size = int(matches("0|[1-9][0-9]{0,15}", checkpoint[1], "SIZE"))
    need(size < 2**53, "SIZE")
    root = sha256(b"\0" + entry)
    need(index < size, "the leaf is not in the tree")
    leaf, last = index, size - 1
    for sibling in path:
        need(last > 0, "the path is too long")
        if leaf & 1 or leaf == last:
            root = sha256(b"\1" + sibling + root)
            while not leaf & 1 and leaf:
                leaf, last = leaf >> 1, last >> 1
        else:
            root = sha256(b"\1" + root + sibling)
        leaf, last = leaf >> 1, last >> 1
    need(last == 0, "the path is too short")
    same(from_base64(checkpoint[2], "the root"), root, "the root")
    same(checkpoint[0], publish.log.name, "ORIGIN")
    body, times, logged = f"{note}\n".encode(), {}, False
    need(signatures.endswith("\n"), "a proof does not end in a newline")
    entries = signatures[:-1].split("\n")
    need(1 <= len(entries) <= 64, "a proof has not 1 to 64 signatures")
    for line in entries:
        need(line.startswith("\u2014 ") and line.count(" ") == 2, "a signature's line")
        name, data = line[2:].split(" ")
        data = from_base64(data, "a signature")
        need(len(data) > 4, "a signature is too short")
        if (name, data[:4]) == (publish.log.name, publish.log.id):
            verify_signature(publish.log.key, data[4:], body, "the log's signature")
            logged = True
        for at, witness in enumerate(publish.witnesses):
            if (name, data[:4]) == (witness.name, witness.id):
                need(len(data) == 76, "a witness's signature")
                moment = number(data[4:12])
                need(moment < 221_845_392_000, "a witness's time")
                cosigned = f"cosignature/v1\ntime {moment}\n".encode() + body
                verify_signature(witness.key, data[12:], cosigned, "a witness's signature")
                times[at] = min(moment, times.get(at, moment))
    need(logged and len(times) >= publish.quorum, "too few signatures on a checkpoint")
    return sorted(times.values())[publish.quorum - 1]
