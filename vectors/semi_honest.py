"""A whole deal under semi-honest security: both sides' messages from their secrets (docs/wire.md)."""

from dataclasses import dataclass

from blocks import block
from check_authenticated import base_ot, extension
from circuits import constant
from agreements import read_agreement
from documents import INTEGER, matches
from terms import Terms
from garbling import HalfGates, program_of
from link import Side, clamped, handshake
from nacl.signing import SigningKey
from primitives import BASE, base64url, canonical, encode_element, from_hex, members, multiply, need, read_scalar, same, tagged
from rules import rule_of

ROOM = 393_216


@dataclass
class Party:
    role: str
    identity: SigningKey
    noise: Side
    secrets: dict

    def sign(self, kind, payload):
        """The signature alone, and the entry of the signed document."""
        key = base64url(bytes(self.identity.verify_key))
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": key}
        header = base64url(canonical({"alg": "EdDSA", "jwk": jwk, "typ": f"parley-{kind}+jws"}).encode())
        signature = self.identity.sign(f"{header}.{base64url(canonical(payload).encode())}".encode()).signature
        return signature, {"protected": header, "signature": base64url(signature)}


def check_deal(value):
    members(value, "terms termsDigest handshake sessionId prepared mandates secrets messages outcome agreement")
    terms = Terms(value["terms"])
    need(terms.value["security"] == "semi-honest" and terms.rule != "menu", "a deal of another kind")
    same(value["prepared"], False, "whether something was prepared")
    same(from_hex(value["termsDigest"]), terms.digest, "the digest of the terms")
    secrets = members(value["secrets"], "initiator responder", what="secrets")
    garbler = read_party(terms, secrets["initiator"], "delta baseOt")
    evaluator = read_party(terms, secrets["responder"], "baseOt choices")
    entries = read_entries(terms, value["mandates"], garbler, evaluator)

    scalar = read_scalar(from_hex(members(evaluator.secrets["baseOt"], "a")["a"]))
    point = encode_element(multiply(scalar, BASE))
    link = handshake(garbler.noise, evaluator.noise, None, point)
    same(list(map(from_hex, value["handshake"])), link.messages, "the handshake")
    same(from_hex(value["sessionId"]), link.session, "the session id")

    said = {side: list(value["messages"][side]) for side in members(value["messages"], "initiator responder")}
    engine = Engine(terms, link, garbler, evaluator, entries, said)
    outcome = terms.outcome(sum(bit << i for i, bit in enumerate(engine.bits)))
    same(value["outcome"], outcome, "the outcome")
    negotiation = base64url(engine.negotiation)
    engagement = {
        "parley": 1,
        "session": negotiation,
        "statement": "bound by the outcome of this session",
        "terms": terms.value,
    }
    agreement = {"outcome": outcome, "parley": 1, "session": negotiation, "terms": terms.value}
    signed = {}
    for side, party in (("initiator", garbler), ("responder", evaluator)):
        signature, _ = party.sign("engagement", {**engagement, "party": party.role})
        engine.expect(side, "0x02", signature=signature)
        if side == "initiator":
            engine.expect(side, "0x42", colours=engine.garbler_colours)
        else:
            engine.expect(side, "0x43", colours=engine.evaluator_colours, proof=engine.proof)
        signature, signed[party.role] = party.sign("agreement", agreement)
        engine.expect(side, "0x03", signature=signature)
        need(not said[side], f"messages of the {side} that nobody expects")
    document = {
        "payload": base64url(canonical(agreement).encode()),
        "signatures": [signed[role] for role in terms.roles],
    }
    same(value["agreement"], canonical(document) + "\n", "the agreement")
    read_agreement(value["agreement"])


def read_party(terms, secrets, further):
    members(secrets, f"identity noise entry {further}", what="secrets")
    noise = members(secrets["noise"], "static ephemeral", what="keys of Noise")
    static, ephemeral = (from_hex(noise[name], 32) for name in ("static", "ephemeral"))
    identity = SigningKey(from_hex(secrets["identity"], 32))
    roles = [role for role, key in terms.parties.items() if key == bytes(identity.verify_key)]
    need(roles, "an identity that is no party")
    return Party(roles[0], identity, Side(clamped(static), clamped(ephemeral), bytes(identity)), secrets)


def read_entries(terms, mandates, garbler, evaluator):
    """The number that each role enters, and how many bits it has."""
    entries = {"bits": terms.sealed_bits}
    for side, party in zip(members(mandates, "initiator responder"), (garbler, evaluator)):
        entry = int(matches(INTEGER, members(party.secrets["entry"], "value")["value"], "an entry"))
        reservation = int(matches(INTEGER, members(mandates[side], "reservation")["reservation"], "a reservation"))
        need(terms.rounds == 1 and terms.is_price(reservation), "a reservation that is no price")
        word = entry & (1 << terms.width + 1) - 1
        need(0 <= entry and entry >> terms.sealed_bits == 0, "an entry of more bits than the rule has")
        same(word, (reservation - terms.low) // terms.step, "the word of a mandate")
        entries[party.role] = entry
    return entries


class Engine:
    """The engine's messages on both sides; what is random in them comes from the secrets, or from the messages."""

    def __init__(self, terms, link, garbler, evaluator, entries, said):
        self.said, self.negotiation = said, tagged("negotiation id", link.session, 0)
        for side in ("initiator", "responder"):
            self.expect(side, "0x01", termsDigest=terms.digest, mode=b"\0")
        delta = block(from_hex(garbler.secrets["delta"], 16))
        need(delta & 1, "bit 0 of Δ is not 1")
        ots = self.base_ots(link, garbler, evaluator)
        keys, macs = self.extend(link, evaluator, ots, delta, entries)
        seed = self.take("initiator", "0x40", "seed")["seed"]
        need(len(seed) == 16, "the seed of labels")
        program, outputs, _ = program_of(rule_of(terms.value), ROOM)
        owner = "ab"[terms.roles.index(garbler.role)]
        values = dict(zip(program.owned(owner), constant(entries[garbler.role], terms.sealed_bits)))
        gates = HalfGates(self.negotiation, program, delta, seed, "ba"["ab".index(owner)], keys, macs, values)
        for tables in gates.tables:
            self.expect("initiator", "0x41", tables=tables)
        (self.garbler_colours,), (self.evaluator_colours, self.proof), self.bits = gates.opening(outputs)

    def take(self, side, kind, names):
        """The fields of the next message of a side."""
        need(self.said[side], f"the {side}'s {kind} is missing")
        message = members(self.said[side].pop(0), "type fields", what="a message")
        same(message["type"], kind, f"the type of a message of the {side}")
        fields = members(message["fields"], names, what=f"the fields of {kind}")
        return {name: from_hex(text) for name, text in fields.items()}

    def expect(self, side, kind, **fields):
        found = self.take(side, kind, " ".join(fields))
        for name, data in fields.items():
            same(found[name], data, f"{name} of the {side}'s {kind}")

    def base_ots(self, link, garbler, evaluator):
        sid = tagged("early base OT", link.context)
        scalar, scalars = from_hex(evaluator.secrets["baseOt"]["a"]), members(garbler.secrets["baseOt"], "t")["t"]
        points = self.take("initiator", "0x21", "points")["points"]
        batch = base_ot(sid, scalar, from_hex(garbler.secrets["delta"]), from_hex(scalars), points)
        same(points, batch.points, "points of the initiator's 0x21")
        return batch

    def extend(self, link, evaluator, ots, delta, entries):
        instance = extension(link.session, "yao inputs", tuple(ots.pairs), delta, tuple(ots.chosen))
        self.expect("responder", "0x22", **dict(zip(("sums", "proof", "digest"), instance.fields)))
        (rows,) = map(from_hex, evaluator.secrets["choices"])
        entry, width = entries[evaluator.role], entries["bits"]
        same(block(rows) & (1 << width) - 1, entry, "the choices that the evaluator's entry makes")
        fields, keys, macs = instance.batch(0, width, rows)
        self.expect("responder", "0x23", **dict(zip(("correction", "choiceHash", "macHash"), fields)))
        return keys, macs
