"""Claims, objections, verdicts and ratifications, their proofs, and how a deal stands (Part 3 of docs/wire.md)."""

from dataclasses import dataclass, field

from documents import (
    DAY,
    Group,
    early_time,
    listed,
    one_of,
    plain,
    read_document,
    read_group,
    statement_digest,
    time,
)
from primitives import Wrong, from_base64url, members, need, same
from publication import publication_time

KINDS = ("claim", "objection", "verdict", "ratification")


@dataclass
class Statement:
    kind: str
    payload: dict
    keys: tuple
    data: bytes
    digest: bytes
    # The earliest proved time: against a role, by its receipt, or against everybody (None), by publication.
    times: dict = field(default_factory=dict)

    def prove(self, agreement, text):
        """Takes a receipt or a proof of publication."""
        role, moment = None, None
        if text.startswith("{"):
            role, moment = read_receipt(agreement, text, self.digest)
        else:
            need(agreement.terms.publish, "a proof of publication without a log")
            moment = publication_time(text, self.data, agreement.terms.publish)
        self.times[role] = min(moment, self.times.get(role, moment))

    @property
    def public(self):
        return self.times.get(None)

    def proved(self, role):
        """The earliest time that is proved against a role, or None."""
        return min((self.times[key] for key in (None, role) if key in self.times), default=None)


def acting(agreement, role):
    """Who signs for a side: its party, or its principal where the terms name a certificate."""
    return agreement.principals.get(role) or one_of([agreement.terms.parties[role]])


def read_receipt(agreement, text, digest):
    """The side that has signed, and the time."""
    document = read_document(text, "receipt")
    payload = members(document.payload, "parley statement received", what="a receipt")
    same(from_base64url(payload["statement"], 32), digest, "the statement of a receipt")
    for role in agreement.terms.roles:
        try:
            document.signed_by(acting(agreement, role), "a receipt")
        except Wrong:
            continue
        return role, time(payload["received"])
    raise Wrong("a receipt by neither side")


def kind_of(text):
    """The kind that the first header says; reading the document checks it."""
    for kind in KINDS:
        try:
            return kind, read_document(text, kind)
        except Wrong as error:
            if not str(error).startswith("a header"):
                raise
    raise Wrong("a statement of no known kind")


def read_statement(agreement, text):
    kind, document = kind_of(text)
    payload, terms = document.payload, agreement.terms
    if kind == "ratification":
        members(payload, "parley outcome answer", what="a ratification")
        same(from_base64url(payload["outcome"], 32), agreement.digest, "the outcome of a ratification")
        need(payload["answer"] in ("yes", "no"), "the answer of a ratification")
        signers = {key for group, _ in terms.ratify.values() for key in group.keys}
        need(len(document.keys) == 1 and document.keys[0] in signers, "a ratification by nobody who ratifies")
    else:
        need(payload.get("obligation") in terms.obligations, f"the obligation of a {kind}")
        obligation = terms.obligations[payload["obligation"]]
        names = "parley agreement obligation made evidence" + (" verdict" if kind == "verdict" else "")
        own = kind == "verdict" and obligation["judge"] == "to"
        members(payload, names + " judge" if own else names, what=f"a {kind}")
        need(not own or payload["judge"] == "to", "the judge of a verdict")
        same(from_base64url(payload["agreement"], 32), agreement.digest, f"the agreement of a {kind}")
        early_time(payload["made"], "made")
        for evidence in listed(payload["evidence"], 0, 32, "evidence"):
            members(evidence, "sha256 note", what="evidence")
            from_base64url(evidence["sha256"], 32, "evidence")
            plain(evidence["note"], "a note", empty=True)
        if kind == "verdict":
            need(payload["verdict"] in ("kept", "broken"), "a verdict")
            judges = obligation["judge"]
            if judges == "to":
                signers = acting(agreement, obligation["to"])
            else:
                signers = one_of(read_group(judges, "judge").keys)
        else:
            signers = acting(agreement, obligation["by" if kind == "claim" else "to"])
        document.signed_by(signers, f"a {kind}")
    return Statement(kind, payload, document.keys, document.data, statement_digest(document))


# Ratification

WORST_FIRST = ("refused", "lapsed", "unproved", "pending", "in force")


def ratification_state(agreement, answers, now):
    """The state, and since when a deal is in force (or None)."""
    states = [_side_state(group, by, answers, now) for group, by in agreement.terms.ratify.values()]
    state = next(worst for worst in WORST_FIRST if any(worst == found for found, _ in states))
    return state, max(since for _, since in states) if state == "in force" else None


def _side_state(group: Group, by, answers, now):
    signed, public = {}, {}
    for answer in answers:
        key, said = answer.keys[0], answer.payload["answer"]
        if said == "no" and answer.public is not None and answer.public > now:
            continue
        if key in group.keys:
            signed.setdefault(said, set()).add(key)
            if answer.public is not None:
                at = public.setdefault(said, {})
                at[key] = min(answer.public, at.get(key, answer.public))
    yes, no = public.get("yes", {}), public.get("no", {})
    for moment in sorted(at for at in yes.values() if at <= min(by, now)):
        if sum(at <= moment and not no.get(key, moment + 1) <= moment for key, at in yes.items()) >= group.threshold:
            return "in force", moment
    if len(signed.get("no", ())) > len(group.keys) - group.threshold:
        return "refused", None
    if now <= by:
        return "pending", None
    late = {key for key, at in yes.items() if at > by}
    if len(signed.get("yes", set()) - signed.get("no", set()) - late) >= group.threshold:
        return "unproved", None
    return "lapsed", None


# Obligations


class Standing:
    """How the obligations of an agreement stand, by what was said about them."""

    def __init__(self, agreement, answers, statements):
        self.agreement, self.answers, self.statements = agreement, answers, statements
        self.obligations = agreement.terms.obligations
        self.broken_for = {o["remedy"]: name for name, o in self.obligations.items() if "remedy" in o}

    def about(self, name, kind, now):
        """Statements that are not proved to be later than now."""
        found = [s for s in self.statements if s.kind == kind and s.payload["obligation"] == name]
        return [s for s in found if s.public is None or s.public <= now]

    def due(self, name, now):
        """The due, in seconds; None for a remedy whose start is not proved."""
        due = self.obligations[name]["due"]
        if isinstance(due, str):
            return time(due)
        if due["after"] == "expires":
            start = self.agreement.terms.expires
        elif due["after"] == "broken":
            start = self._remedy_start(self.broken_for[name], self.obligations[name]["by"], now)
        else:
            start = self.due(due["after"], now)
        return None if start is None else start + due["days"] * DAY

    def object_until(self, name, now):
        due = self.due(name, now)
        return None if due is None else due + self.obligations[name]["objection"] * DAY

    def _remedy_start(self, broken, owed_by, now):
        due, starts = self.due(broken, now), []
        if due is None:
            return None
        if not self._claimed(broken, due, now):
            starts.append(self.object_until(broken, now))
        judges = self._judges(broken)
        proved = {}
        for verdict in self._late_verdicts(broken, "broken", due, now) if judges else ():
            at = verdict.proved(owed_by)
            for key in verdict.keys if at is not None else ():
                proved[key] = min(at, proved.get(key, at))
        moments = sorted(proved.values())
        if judges and len(moments) >= judges.threshold:
            starts.append(max(due, moments[judges.threshold - 1]))
        return min(starts, default=None)

    def _judges(self, name):
        """The judges, or None where the side to whom it is owed judges."""
        judge = self.obligations[name]["judge"]
        return None if judge == "to" else read_group(judge, "judge")

    def _claimed(self, name, due, now):
        times = [s.proved(self.obligations[name]["to"]) for s in self.about(name, "claim", now)]
        return any(at is not None and at <= due for at in times)

    def _late_verdicts(self, name, said, due, now):
        verdicts = [v for v in self.about(name, "verdict", now) if v.payload["verdict"] == said]
        return [v for v in verdicts if said == "kept" or v.public is None or v.public > due]

    def _judged(self, name, due, now):
        """kept, broken, disputed, or None."""
        judges = self._judges(name)
        if judges is None:
            return "kept" if self._late_verdicts(name, "kept", due, now) else None
        said = {"kept": {}, "broken": {}}
        for verdict in said:
            for v in self._late_verdicts(name, verdict, due, now) if verdict == "kept" or now > due else ():
                at = float("inf") if v.public is None else v.public
                for key in v.keys:
                    said[verdict][key] = min(at, said[verdict].get(key, at))
        enough = [verdict for verdict in said if len(said[verdict]) >= judges.threshold]
        if len(enough) == 2:
            kept, broken = said["kept"], said["broken"]
            for key in set(kept) & set(broken):
                if kept[key] != broken[key]:
                    del (kept if kept[key] > broken[key] else broken)[key]
            enough = [verdict for verdict in said if len(said[verdict]) >= judges.threshold]
        return "disputed" if len(enough) == 2 else (enough or [None])[0]

    def status(self, name, now):
        obligation, agreement = self.obligations[name], self.agreement
        if agreement.terms.ratify:
            state, _ = ratification_state(agreement, self.answers, now)
            if state != "in force":
                return "pending" if state in ("pending", "unproved") else "void"
        wanted = {"deal": True, "no-deal": False}.get(obligation["if"], agreement.outcome["deal"])
        if agreement.outcome["deal"] != wanted:
            return "void"
        if name in self.broken_for and self.status(self.broken_for[name], now) != "broken":
            return "void"
        due = self.due(name, now)
        judged = self._judged(name, float("inf") if due is None else due, now)
        if judged:
            return judged
        if due is None or now <= due:
            return "open"
        if not self._claimed(name, due, now):
            return "broken"
        until = due + obligation["objection"] * DAY
        if now <= until:
            return "open"
        against = [s for s in self.about(name, "objection", now)]
        if obligation["judge"] == "to":
            against += [v for v in self.about(name, "verdict", now) if v.payload["verdict"] == "broken"]
        times = [s.proved(obligation["by"]) for s in against]
        return "disputed" if any(at is not None and at <= until for at in times) else "kept"
