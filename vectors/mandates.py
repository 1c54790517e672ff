"""Mandate certificates and lists of revocations (Part 3 of docs/wire.md)."""

from dataclasses import dataclass

from documents import (
    INTEGER,
    Group,
    different,
    folded,
    listed,
    matches,
    one_of,
    plain,
    read_document,
    read_key,
    read_principal,
    thumbprint,
    time,
    whole,
)
from primitives import Wrong, base64url, canonical, from_base64url, members, need, same, tagged
from terms import RULES, plain_throughout


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
