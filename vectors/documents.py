"""Text, times, keys, principals and signed documents (Part 3 of docs/wire.md)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

from primitives import (
    base64url,
    canonical,
    from_base64url,
    is_public_key,
    members,
    need,
    read_json,
    same,
    sha256,
    tagged,
    verify_signature,
)

DAY = 86_400

# Text and times

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
NEVER_PLAIN = re.compile(f"[{BIDI_CONTROLS}\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
INTEGER = "0|-?[1-9][0-9]*"
ADDRESS = r"https://[A-Za-z0-9.-]{1,253}(:[0-9]+)?(/[\w.~-]{1,60}){0,8}"


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
