"""Openings of seals, and what the rule makes of the entries that they show (Parts 3 and 5 of docs/wire.md)."""

from dataclasses import dataclass

from blocks import pack
from circuits import constant
from documents import matches
from paillier import check_key_proof, check_unit, encrypt, read_seal
from terms import Terms
from primitives import field_hash, from_base64url, members, need, number, same, tagged, xor
from rules import rule_of

CHUNK = 4096


@dataclass
class Opening:
    terms: Terms
    party: str
    value: int
    rest: bytes

    def mandate(self):
        """The mandate whose entry this is."""
        if self.terms.rule == "menu":
            return {"reservation": self.value, "utilities": self.utilities()}
        simple = self.terms.rounds == 1 and self.terms.sealed_bits == self.terms.width + 1
        need(simple and self.value < self.terms.count, "an entry that is more than one price")
        return {"reservation": str(self.terms.low + self.value * self.terms.step)}

    def utilities(self):
        return [int.from_bytes(self.rest[i : i + 2], "little") for i in range(0, len(self.rest), 2)]

    def inputs(self):
        """The bits of each input that the party enters."""
        if self.terms.rule != "menu":
            return [constant(self.value, self.terms.sealed_bits)]
        rule = rule_of(self.terms.value)
        need(not rule.late, "gains and logarithms are not entered together")
        options = [rule.bits(max(u - self.value, 0), int(u >= self.value)) for u in self.utilities()]
        return [sum(options[i : i + CHUNK], []) for i in range(0, len(options), CHUNK)]


def read_opening(agreement, value):
    terms = agreement.terms
    names = "parley agreement party seal value randomness proof" + (" rest" if terms.commits else "")
    members(value, names, what="an opening")
    need(value["parley"] == 1, "an opening is not of parley 1")
    same(from_base64url(value["agreement"]), agreement.opened_digest, "the agreement of an opening")
    role = terms.need_role(value["party"], "the party of an opening")
    seal, bits = read_seal(value["seal"], terms.commits), terms.sealed_bits
    same(seal.digest(bits), agreement.seals[role].digest(bits), "the seal of an opening")
    check_key_proof(terms.parties[role], seal.modulus, from_base64url(value["proof"]))
    x, size, n = int(matches("0|[1-9][0-9]{0,308}", value["value"], "the value")), len(seal.modulus), number(seal.modulus)
    need(x >> bits == 0, "the value is too large")
    randomness = from_base64url(value["randomness"], size, "the randomness")
    check_unit(number(randomness), n, "the randomness")
    same(encrypt(n, x, number(randomness)), number(seal.ciphertext), "the encryption of the value")
    rest = b""
    if terms.commits:
        rest = from_base64url(value["rest"], 2 * terms.count, "the rest")
        seed = tagged("entry commitment seed", randomness)
        commitment = tagged("entry commitment", seal.modulus, seal.ciphertext, seed, rest)
        same(commitment, seal.commitment, "the commitment to the rest")
    opening = Opening(terms, role, x, rest)
    if terms.commits:
        fingerprint = tagged("fingerprint mask", seed, agreement.session)[:16]
        for key, bits in zip(agreement.keys, opening.inputs(), strict=True):
            fingerprint = xor(fingerprint, field_hash(key, pack(bits)))
        same(fingerprint, agreement.values[role], f"the {role}'s fingerprint")
    return opening


class InTheClear:
    """Stands in for an engine: applies circuits to the bits that both parties enter."""

    def __init__(self, openings):
        self.left = {owner: opening.inputs() for owner, opening in zip("ab", openings, strict=True)}

    def input(self, owner, width):
        bits = self.left[owner].pop(0)
        need(len(bits) == width, "the width of an input")
        return bits

    def apply(self, circuit, sources, copies):
        outputs = []
        for c in range(copies):
            bits = []
            for width, source in zip(circuit.inputs, sources, strict=True):
                bits += source if len(source) == width else source[c * width : (c + 1) * width]
            outputs += circuit.evaluate(bits)
        return outputs


def rule_outcome(terms, openings):
    """The outcome for both entries, in the order of the roles."""
    bits = rule_of(terms.value).program(InTheClear(openings))
    return terms.outcome(sum(bit << i for i, bit in enumerate(bits)))
