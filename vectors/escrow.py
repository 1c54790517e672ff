"""An arbiter's card, and escrows of masks (Part 5 of docs/wire.md)."""

from dataclasses import dataclass
from functools import lru_cache

from documents import ADDRESS, matches, read_document, read_key
from primitives import (
    BASE,
    Wrong,
    add,
    base64url,
    decode_element,
    encode_element,
    from_base64url,
    members,
    multiply,
    need,
    negate,
    number,
    read_scalar,
    same,
    scalar_from_bytes,
    stream,
    tagged,
    tagged64,
    xor,
)


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
