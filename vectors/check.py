"""Checks the vectors in vectors/v1 against docs/wire.md, from which alone this was written.

    python3 vectors/check.py                    checks every file, and exits with 1 at the first thing that is wrong
    python3 vectors/check.py --mutations [N]    changes every member of every file, one at a time (or N of each file,
                                                evenly spread); each change must be noticed

It needs Python 3.11 and PyNaCl 1.5.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True

from agreements import read_agreement, read_complaint, read_engagement, read_mask, read_resolution, read_void
from documents import listed, read_key, read_principal, thumbprint, time
from escrow import check_packed, open_ciphertext, read_card
from mandates import read_certificate, read_revocations
from paillier import check_key_proof, check_modulus, key_proof
from link import Side, clamped, handshake, message, read_invite, record, relay_entry
from openings import read_opening, rule_outcome
from primitives import (
    BASE,
    Wrong,
    base64url,
    canonical,
    encode_element,
    from_hex,
    members,
    multiply,
    need,
    number,
    read_json,
    read_scalar,
    same,
    tagged,
)
from semi_honest import check_deal
from statements import Standing, ratification_state, read_statement
from terms import read_terms

HERE = Path(__file__).parent
WIRE = 3
FILES = {}


def file(name, about):
    """Registers what checks a file; it gets the file's members besides about and wire."""

    def register(check):
        FILES[name] = (about, check)
        return check

    return register


# Part 1


@file("handshake", "Handshakes without and with an invite: all keys, every byte that is sent, and what both sides derive.")
def check_handshakes(value):
    for entry in members(value, "handshakes")["handshakes"]:
        derived = "messages context transcript sessionId baseSid recordKeys"
        members(entry, f"initiator responder {derived}", "secret psk", "a handshake")
        need(("secret" in entry) == ("psk" in entry), "a secret without its psk, or a psk without a secret")
        secret = from_hex(entry["secret"]) if "secret" in entry else None
        if secret is not None:
            same(from_hex(entry["psk"]), tagged("invite psk", secret), "the psk")
        initiator = side(members(entry["initiator"], "seed static ephemeral", what="the initiator"))
        responder = side(members(entry["responder"], "seed static ephemeral early", what="the responder"))
        found = handshake(initiator, responder, secret, from_hex(entry["responder"]["early"], 32))
        same(list(map(from_hex, entry["messages"])), found.messages, "the messages")
        for name, value in (("context", found.context), ("transcript", found.hash), ("sessionId", found.session)):
            same(from_hex(entry[name]), value, name)
        same(from_hex(entry["baseSid"]), tagged("early base OT", found.context), "baseSid")
        keys = members(entry["recordKeys"], "initiator responder", what="record keys")
        same([from_hex(keys["initiator"]), from_hex(keys["responder"])], found.keys, "the record keys")


def side(value):
    static, ephemeral = from_hex(value["static"], 32), from_hex(value["ephemeral"], 32)
    return Side(clamped(static), clamped(ephemeral), from_hex(value["seed"], 32))


@file("records", "Messages in records of one direction, one message over two records and two in one, to the close.")
def check_records(value):
    members(value, "noiseKey sessionId key messages records")
    key = tagged("record key", from_hex(value["noiseKey"], 32), from_hex(value["sessionId"], 32))
    same(from_hex(value["key"]), key, "the key")
    sent = b""
    for entry in value["messages"]:
        members(entry, "type flight fields", what="a message")
        sent += message(entry["type"], entry["flight"], from_hex(entry["fields"]))
    data = b""
    for number, entry in enumerate(value["records"]):
        members(entry, "kind data record", what="a record")
        plaintext = from_hex(entry["data"])
        data += plaintext if entry["kind"] == 0 else b""
        same(from_hex(entry["record"]), record(key, number, entry["kind"], plaintext), f"record {number}")
    same(data, sent, "the data of the records")
    same(value["records"][-1]["kind"], 2, "the kind of the last record")


@file("invites", "Invites: their text, what it holds, and what follows from the secret.")
def check_invites(value):
    for invite in members(value, "invites")["invites"]:
        members(invite, "text host place secret psk room entries", what="an invite")
        host, secret, place = read_invite(invite["text"])
        same(thumbprint(read_key(invite["host"])), host, "the host's thumbprint")
        same(from_hex(invite["secret"]), secret, "the secret")
        same(invite["place"], place, "the place")
        same(from_hex(invite["psk"]), tagged("invite psk", secret), "the psk")
        room = tagged("invite room", secret)
        same(from_hex(invite["room"]), room, "the room")
        entries = members(invite["entries"], "host joiner", what="entries")
        for role in entries:
            same(from_hex(entries[role]), relay_entry(role, room), "the entry at a relay")


# Part 3


@file("terms", "Completed terms of every rule: digests, what is sealed, and outcomes from opened bits.")
def check_terms(value):
    for entry in members(value, "terms")["terms"]:
        members(entry, "terms digest question sealed outcomeBits outcomes", what="an entry")
        terms = read_terms(read_json(entry["terms"]))
        same(entry["terms"], canonical(terms.value), "the text of the terms")
        same(from_hex(entry["digest"]), terms.digest, "the digest")
        apart = ("nonce", "expires", "arbiter", "obligations", "mandates", "publish", "ratify")
        question = {name: member for name, member in terms.value.items() if name not in apart}
        same(from_hex(entry["question"]), tagged("ledger question", canonical(question)), "the question")
        same(entry["sealed"], terms.sealed_bits, "the bits that are sealed")
        same(entry["outcomeBits"], terms.outcome_bits, "the bits of the outcome")
        for outcome in entry["outcomes"]:
            members(outcome, "bits outcome", what="an outcome")
            bits = check_packed(from_hex(outcome["bits"]), terms.outcome_bits, "the bits")
            same(outcome["outcome"], terms.outcome(bits), "the outcome")
            near = bits >> terms.outcome_bits - 1 << terms.outcome_bits - 1 if "nearMiss" in outcome["outcome"] else 0
            need(bits & 1 or bits == near, "bits that are read over are not 0")


@file("engagements", "Engagements of both parties: without seals, with seals, and with seals and fingerprints.")
def check_engagements(value):
    for entry in members(value, "engagements")["engagements"]:
        members(entry, "document terms session", what="an entry")
        engagement = read_engagement(entry["document"])
        same(from_hex(entry["terms"]), engagement.terms.digest, "the digest of the terms")
        same(from_hex(entry["session"]), engagement.session, "the session")


@file("agreements", "Agreements: without a deal, sealed, over a sealed menu, and by delegates of others.")
def check_agreements(value):
    for entry in members(value, "agreements")["agreements"]:
        members(entry, "document terms outcome sha256", "seals", "an entry")
        agreement = read_agreement(entry["document"])
        same(from_hex(entry["terms"]), agreement.terms.digest, "the digest of the terms")
        same(from_hex(entry["outcome"]), agreement.digest, "the outcome digest")
        same(from_hex(entry["sha256"]), agreement.opened_digest, "the digest that openings name")
        same(agreement.seals is not None, "seals" in entry, "whether there are seals")
        if agreement.seals:
            check_seals(entry["seals"], agreement.terms, agreement.seals)


def check_seals(value, terms, seals):
    members(value, " ".join(terms.roles), what="digests of seals")
    for role in terms.roles:
        same(from_hex(value[role]), seals[role].digest(terms.sealed_bits), f"the digest of the {role}'s seal")


@file("mandates", "Keys, principals, mandate certificates and lists of revocations, with what they are named by.")
def check_mandates(value):
    members(value, "keys principals certificates revocations")
    for entry in value["keys"]:
        members(entry, "key thumbprint", what="a key")
        same(entry["thumbprint"], base64url(thumbprint(read_key(entry["key"]))), "the thumbprint")
    for entry in value["principals"]:
        members(entry, "principal digest name fingerprint", what="a principal")
        principal = read_principal(entry["principal"])
        same(from_hex(entry["digest"]), principal.digest, "the digest of a principal")
        same(from_hex(entry["name"]), principal.ledger_name, "the ledger name")
        same(entry["fingerprint"], principal.fingerprint, "the fingerprint")
    certificates = {}
    for entry in value["certificates"]:
        members(entry, "document digest", what="a certificate")
        certificate = read_certificate(entry["document"])
        same(from_hex(entry["digest"]), certificate.digest, "the digest of a certificate")
        certificates[certificate.digest] = certificate
    for entry in value["revocations"]:
        members(entry, "document of revokes", what="a list")
        need(from_hex(entry["of"]) in certificates, "a list of no certificate here")
        certificate = certificates[from_hex(entry["of"])]
        digests = read_revocations(entry["document"], certificate).digests
        same(entry["revokes"], certificate.digest in digests, "whether the list names the certificate")


@file("obligations", "An agreement with obligations that has to be ratified, all that is said about it, and how it stands.")
def check_obligations(value):
    members(value, "agreement outcome ratification statements contradiction statuses")
    agreement = read_agreement(value["agreement"])
    terms = agreement.terms
    same(from_hex(value["outcome"]), agreement.digest, "the outcome digest")

    ratification = members(value["ratification"], "answers state since withoutProofs", what="the ratification")
    answers = [proved_statement(agreement, entry) for entry in ratification["answers"]]
    need(all(answer.kind == "ratification" for answer in answers), "an answer of another kind")
    end = time("2039-12-31T23:59:59Z")
    same((ratification["state"], ratification["since"]), ratification_state(agreement, answers, end), "the state")
    unproved = [replace(answer, times={}) for answer in answers]
    same(ratification["withoutProofs"], ratification_state(agreement, unproved, end)[0], "the state without proofs")

    statements = [proved_statement(agreement, entry) for entry in value["statements"]]
    standing = Standing(agreement, answers, statements)
    verdicts = [read_statement(agreement, text) for text in listed(value["contradiction"], 2, 2, "the contradiction")]
    need(
        all(verdict.kind == "verdict" and "judge" not in verdict.payload for verdict in verdicts),
        "a contradiction between others than verdicts of judges",
    )
    same({v.payload["verdict"] for v in verdicts}, {"kept", "broken"}, "what two verdicts say")
    same(len({v.payload["obligation"] for v in verdicts}), 1, "the number of obligations that two verdicts are about")
    need(set(verdicts[0].keys) & set(verdicts[1].keys), "two verdicts without a key that has signed both")

    late = time("2035-01-01T00:00:00Z")
    same([entry.get("obligation") for entry in value["statuses"]], list(terms.obligations), "the obligations")
    for entry in value["statuses"]:
        members(entry, "obligation due objectUntil statuses", what="a status")
        name = entry["obligation"]
        due, until = standing.due(name, late), standing.object_until(name, late)
        same((entry["due"], entry["objectUntil"]), (due, until), f"the times of {name}")
        found = [standing.status(name, moment) for moment in (due, due + 1, until, until + 1)]
        same(entry["statuses"], found, f"the statuses of {name}")


def proved_statement(agreement, entry):
    members(entry, "document digest evidence", what="a statement")
    statement = read_statement(agreement, entry["document"])
    same(from_hex(entry["digest"]), statement.digest, "the digest of a statement")
    for text in listed(entry["evidence"], 1, 16, "evidence"):
        statement.prove(agreement, text)
    return statement


@file(
    "resolutions",
    "A case before an arbiter: its card, engagements, masks, complaint, resolution, a false void, "
    "and two proofs of one outcome.",
)
def check_resolutions(value):
    members(
        value,
        "escrowSecret card fingerprint case seals engagements masks complaint resolution void outcome opened resolved",
    )
    secret, card = read_scalar(from_hex(value["escrowSecret"])), read_card(value["card"])
    same(encode_element(multiply(secret, BASE)), card.escrow, "the escrow key")
    same(value["fingerprint"], card.fingerprint, "the arbiter's fingerprint")
    engagements = {role: read_engagement(text) for role, text in value["engagements"].items()}
    first = next(iter(engagements.values()))
    terms = first.terms
    members(engagements, " ".join(terms.roles), what="engagements")
    same(terms.card, card, "the card in the terms")
    engagements[terms.roles[0]].agrees_with(engagements[terms.roles[1]])
    same(from_hex(value["case"]), first.case, "the case")
    members(value["masks"], " ".join(terms.roles), what="masks")
    masks = {role: read_mask(value["masks"][role], terms, role, first.case) for role in terms.roles}
    complained, ciphertexts = read_complaint(value["complaint"])
    resolution = read_resolution(value["resolution"])
    resolution.is_about(*engagements.values())
    same(resolution.payload["by"], complained["by"], "by whom there is a complaint")
    for role, engagement in engagements.items():
        same(engagement.party, role, "the party of an engagement")
        same(complained["engagements"][role], engagement.object, "an engagement in a complaint")
        decrypted = [open_ciphertext(secret, *place) for place in ciphertexts[role]]
        same(resolution.opened[role], decrypted, "what the resolution opens")
    void = read_void(value["void"])
    void.is_about(first)
    same(void.keys, resolution.keys, "the key that a resolution and a void convict")
    check_seals_engaged(value["seals"], first)
    for name, proof in (("opened", "opened"), ("resolved", "resolved")):
        agreement = read_agreement(value[name])
        same(agreement.proof, proof, "the form of the proof")
        same(from_hex(value["outcome"]), agreement.digest, "the outcome digest")
        same(agreement.session, first.session, "the session of a proved outcome")
        for role, mask in agreement.masks.items():
            same(mask, masks[role], "a mask in a proved outcome")


def check_seals_engaged(value, engagement):
    same({role: from_hex(digest) for role, digest in value.items()}, engagement.seals, "the digests of the seals")


# Part 5


@file("key-proofs", "Two Paillier keys with their primes, and the proofs that they are well formed.")
def check_key_proofs(value):
    for entry in members(value, "keys")["keys"]:
        members(entry, "owner modulus p q proof remembered", what="a key")
        owner, modulus = read_key(entry["owner"]), check_modulus(from_hex(entry["modulus"]))
        p, q = (number(from_hex(entry[name])) for name in ("p", "q"))
        need(p > 1 and q > 1 and p * q == number(modulus), "p·q is not the modulus")
        proof = from_hex(entry["proof"])
        same(proof, key_proof(owner, modulus, p, q), "the proof that the primes give")
        check_key_proof(owner, modulus, proof)
        same(from_hex(entry["remembered"]), tagged("seal key", owner, modulus), "by what the key is remembered")


@file("openings", "Openings of both seals of two agreements, over a price and over a menu, and what they show.")
def check_openings(value):
    for entry in members(value, "opened")["opened"]:
        members(entry, "agreement openings seals mandates", what="an entry")
        agreement = read_agreement(entry["agreement"])
        terms = agreement.terms
        check_seals(entry["seals"], terms, agreement.seals)
        openings = [read_opening(agreement, opening) for opening in entry["openings"]]
        same(tuple(opening.party for opening in openings), terms.roles, "the parties of the openings")
        members(entry["mandates"], " ".join(terms.roles), what="mandates")
        for opening in openings:
            same(entry["mandates"][opening.party], opening.mandate(), "the mandate that an opening shows")
        same(rule_outcome(terms, openings), agreement.outcome, "the outcome of what was opened")


# Whole deals under semi-honest security

file("deal-zopa", "A deal under semi-honest security: whether there is one.")(check_deal)
file("deal-split", "A deal under semi-honest security: a price in the middle.")(check_deal)
file("deal-random-split", "A deal under semi-honest security: a price drawn from all that both accept.")(check_deal)


# All files


def check_file(name, value):
    need(name in FILES, "there is no such file of vectors")
    about, check = FILES[name]
    need(isinstance(value, dict), "not an object")
    rest = dict(value)
    same(rest.pop("wire", None), WIRE, "wire")
    same(rest.pop("about", None), about, "about")
    try:
        check(rest)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Wrong(f"not of the form that the page describes ({type(error).__name__}: {error})") from error


def places(value, path=()):
    """Every member: its path, its value, and a number that says where to change it (several in a long text)."""
    if isinstance(value, (dict, list)):
        if isinstance(value, dict):
            yield path, value, 0
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    else:
        for i in range(1 + len(value) // 4000 if isinstance(value, str) else 1):
            yield path, value, i


def changed(value, at):
    """The value with one digit, letter or truth changed, or with one more member."""
    if isinstance(value, dict):
        return {**value, "further": 0}
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, float):
        return value + 0.125
    if isinstance(value, int):
        return value + (1 if value % 10 < 9 else -1)
    if not value:
        return "0"
    at %= len(value)
    alike = next((kind for kind in ("0123456789", "abcdef", "ABCDEF") if value[at] in kind), "xy")
    other = alike[(alike.find(value[at]) + 1) % len(alike)]
    return value[:at] + other + value[at + 1 :]


def replaced(value, path, inner):
    """A copy of the value with another one at a path."""
    if not path:
        return inner
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], inner)
    return copy


def mutations(value, limit):
    """Pairs of a member's path and the value in which it is changed: all, or so many evenly spread ones."""
    found = list(places(value))
    count = min(limit or len(found), len(found))
    for i in range(count):
        n = (2 * i + 1) * len(found) // (2 * count)
        path, inner, part = found[n]
        yield path, replaced(value, path, changed(inner, 7919 * n + 4001 * part))


def unnoticed(name, value, limit):
    for path, mutated in mutations(value, limit):
        place = "/".join(map(str, path))
        try:
            check_file(name, mutated)
        except Wrong:
            continue
        yield place or "the whole"


def main(arguments):
    authenticated = HERE / "check_authenticated.py"
    if authenticated.exists():
        import check_authenticated

        FILES.update(check_authenticated.FILES)
    for path in sorted((HERE / "v1").iterdir()):
        try:
            need(path.suffix == ".json", "no file of vectors")
            value = read_json(path.read_text("utf-8"), fractions=True)
            check_file(path.stem, value)
        except Wrong as error:
            return f"{path.name}: {error}"
        if arguments[:1] == ["--mutations"]:
            passed = list(unnoticed(path.stem, value, int(arguments[1]) if arguments[1:] else 0))
            if passed:
                return "\n".join(f"{path.name}: a change of {place} is not noticed" for place in passed)
        print(f"{path.name}: ok")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
