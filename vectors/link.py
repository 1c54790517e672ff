"""The handshake, records and invites (Part 1 of docs/wire.md)."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from nacl.bindings import crypto_aead_chacha20poly1305_ietf_encrypt, crypto_scalarmult, crypto_scalarmult_base
from nacl.signing import SigningKey
from primitives import from_base64url, gcm_encrypt, need, same, tagged

VERSION = 3


def clamped(key):
    """A secret X25519 key, which has to be written in the form in which it is used."""
    need(key[0] & 7 == 0 and key[31] & 192 == 64, "an X25519 key is not written as clamped")
    return key


def blake2b(data):
    return hashlib.blake2b(data).digest()


def hkdf(key, material, outputs):
    secret = hmac.digest(key, material, "blake2b")
    found, last = [], b""
    for i in range(1, outputs + 1):
        last = hmac.digest(secret, last + bytes([i]), "blake2b")
        found.append(last)
    return found


class Symmetric:
    """Noise's symmetric state (revision 34, 5.2), as a writer of messages."""

    def __init__(self, name, prologue):
        self.h = self.chain = name.ljust(64, b"\0")
        self.key, self.count = None, 0
        self.mix_hash(prologue)

    def mix_hash(self, data):
        self.h = blake2b(self.h + data)

    def _use(self, key):
        self.key, self.count = key[:32], 0

    def mix_key(self, material):
        self.chain, key = hkdf(self.chain, material, 2)
        self._use(key)

    def mix_key_and_hash(self, material):
        self.chain, extra, key = hkdf(self.chain, material, 3)
        self.mix_hash(extra)
        self._use(key)

    def encrypt_and_hash(self, plaintext):
        out = plaintext
        if self.key is not None:
            nonce = bytes(4) + self.count.to_bytes(8, "little")
            out = crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, self.h, nonce, self.key)
            self.count += 1
        self.mix_hash(out)
        return out

    def split(self):
        return [key[:32] for key in hkdf(self.chain, b"", 2)]


@dataclass
class Side:
    """The private keys of one side: X25519 (static and ephemeral) and the seed of its identity."""

    static: bytes
    ephemeral: bytes
    identity: bytes

    @property
    def static_key(self):
        return crypto_scalarmult_base(self.static)

    @property
    def ephemeral_key(self):
        return crypto_scalarmult_base(self.ephemeral)

    @property
    def identity_key(self):
        return bytes(SigningKey(self.identity).verify_key)

    def payload(self, side, h):
        statement = tagged("identity proof", side, self.static_key, h)
        return self.identity_key + SigningKey(self.identity).sign(statement).signature


@dataclass
class Handshake:
    messages: list
    hash: bytes
    context: bytes
    session: bytes
    keys: list


def handshake(initiator, responder, secret, early):
    """All three messages with what precedes them on the channel, and what follows from them."""
    psk = secret is not None
    preamble = b"PARLEY" + bytes([VERSION, psk])
    state = Symmetric(
        b"Noise_XX%s_25519_ChaChaPoly_BLAKE2b" % (b"psk0" if psk else b""), b"parley/1 noise prologue" + preamble
    )

    def write_ephemeral(side):
        state.mix_hash(side.ephemeral_key)
        if psk:
            state.mix_key(side.ephemeral_key)
        return side.ephemeral_key

    if psk:
        need(len(secret) >= 16, "a secret of fewer than 16 bytes")
        state.mix_key_and_hash(tagged("invite psk", secret))
    first = write_ephemeral(initiator) + state.encrypt_and_hash(b"")
    context = state.h

    second = write_ephemeral(responder)
    state.mix_key(crypto_scalarmult(responder.ephemeral, initiator.ephemeral_key))
    proof = responder.payload("responder", context)
    second += state.encrypt_and_hash(responder.static_key)
    state.mix_key(crypto_scalarmult(responder.static, initiator.ephemeral_key))
    second += state.encrypt_and_hash(proof + early)

    proof = initiator.payload("initiator", state.h)
    third = state.encrypt_and_hash(initiator.static_key)
    state.mix_key(crypto_scalarmult(initiator.static, responder.ephemeral_key))
    third += state.encrypt_and_hash(proof)

    session = tagged("session id", state.h)
    keys = [tagged("record key", key, session) for key in state.split()]
    messages = [preamble + first, preamble + len(second).to_bytes(2, "big") + second, third]
    return Handshake(messages, state.h, context, session, keys)


def message(kind, flight, fields):
    need(0 <= kind < 256 and 0 <= flight < 65_536, "the type or flight of a message")
    return bytes([kind]) + len(fields).to_bytes(4, "big") + flight.to_bytes(2, "big") + fields


def record(key, index, kind, data):
    need(kind in (0, 1, 2, 3) and (1 <= len(data) <= 2**20 if kind == 0 else not data), "a record's kind or data")
    length = (len(data) + 1).to_bytes(4, "big")
    ciphertext, tag = gcm_encrypt(key, index.to_bytes(12, "big"), bytes([kind]) + data, length)
    return length + ciphertext + tag


# Invites

HOST = r"[A-Za-z0-9._-]{1,253}|\[[0-9a-fA-F:.]+\]"
PLACE = re.compile(
    rf"stdio|(?P<relay>relay:)?((?P<scheme>wss?)://)?(?P<host>{HOST})(:(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>/[A-Za-z0-9_./~-]{0,200})?"
)


def read_invite(text):
    """The host's thumbprint, the secret and the place."""
    found = re.fullmatch("(?i:parley)1-([A-Za-z0-9_-]{72})@(.*)", text)
    need(found, "the form of an invite")
    code = from_base64url(found[1], 54, "an invite")
    host, secret, checksum = code[:32], code[32:48], code[48:]
    same(tagged("invite checksum", host, secret)[:6], checksum, "the checksum of an invite")
    return host, secret, read_place(found[2])


def read_place(text):
    found = PLACE.fullmatch(text)
    need(found, "the place of an invite")
    if text == "stdio":
        return {"kind": "stdio"}
    transport = found["scheme"] or "tcp"
    need(found["scheme"] or (found["port"] and not found["path"]), "a place without a port, or with a path")
    port = int(found["port"] or {"ws": 80, "wss": 443}[transport])
    need(port <= 65_535, "the port of a place")
    return {
        "kind": "relay" if found["relay"] else "direct",
        "transport": transport,
        "host": found["host"].strip("[]"),
        "port": port,
        "path": found["path"] or "",
    }


def relay_entry(role, room):
    return b"PARLEYR" + bytes([1, role == "joiner"]) + room
