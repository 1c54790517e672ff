"""Engagements, agreements in their three forms, and what an arbiter says (Part 3 of docs/wire.md)."""

from dataclasses import dataclass

from documents import listed, read_document, time, whole
from escrow import (
    EscrowRest,
    check_packed,
    ciphertext_digest,
    escrow_encrypt,
    escrow_label,
    mask_size,
    record_digest,
    tag_of_mask,
    unopened_side,
)
from mandates import read_certificates
from paillier import read_seals
from primitives import base64url, canonical, from_base64url, members, need, read_json, same, sha256, tagged, xor
from terms import Terms, read_terms

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
