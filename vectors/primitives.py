"""What every checker of vectors needs: tagged hashes, encodings, canonical JSON, Ed25519, AES, ristretto255.

Written from docs/wire.md and the RFCs that it names, for checking: nothing here is constant-time.
"""

import base64
import hashlib
import json
import re
from functools import lru_cache

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey


class Wrong(Exception):
    """A vector, or a document in it, that the page does not allow."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


def same(found, expected, what):
    if found != expected or type(found) is not type(expected):
        raise Wrong(f"{what}: {short(found)} is not {short(expected)}")


def short(value):
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 120 else f"{text[:120]}…"


# Hashes


def part(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int):
        need(0 <= value < 2**53, "a number in a hash is out of range")
        return value.to_bytes(8, "big")
    return bytes(value)


def tagged(tag, *parts):
    """hash(tag, part, …) of the page; the tag is named by its text."""
    data = b""
    for piece in map(part, (f"parley/1 {tag}", *parts)):
        data += len(piece).to_bytes(8, "big") + piece
    return sha256(data)


def tagged64(tag, *parts):
    return tagged(tag, *parts, 0) + tagged(tag, *parts, 1)


def stream(tag, *parts, size):
    """hash(tag, …, 0) ‖ hash(tag, …, 1) ‖ …, cut to size."""
    return b"".join(tagged(tag, *parts, i) for i in range((size + 31) // 32))[:size]


def sha256(data):
    return hashlib.sha256(data).digest()


# Encodings


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text, size=None, what="base64url"):
    need(isinstance(text, str) and re.fullmatch("[A-Za-z0-9_-]*", text), f"{what}: not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) % 4 != 1 else b""
    need(base64url(data) == text, f"{what}: base64url that would be written otherwise")
    need(size is None or len(data) == size, f"{what}: {len(data)} bytes instead of {size}")
    return data


def from_hex(text, size=None, what="hexadecimal digits"):
    need(isinstance(text, str) and re.fullmatch("([0-9a-f]{2})*", text), f"{what}: not hexadecimal digits")
    need(size is None or len(text) == 2 * size, f"{what}: {len(text) // 2} bytes instead of {size}")
    return bytes.fromhex(text)


def number(data):
    return int.from_bytes(data, "big")


def xor(x, y):
    need(len(x) == len(y), "strings of different lengths are added")
    return (int.from_bytes(x, "big") ^ int.from_bytes(y, "big")).to_bytes(len(x), "big")


# JSON


def read_json(text, fractions=False):
    """What the page lets a reader accept; documents have whole numbers only."""

    def unique(pairs):
        names = [name for name, _ in pairs]
        need(len(set(names)) == len(names) and "__proto__" not in names, "a member stands twice in an object")
        return dict(pairs)

    def whole(digits):
        value = int(digits)
        need(abs(value) < 2**53 and digits == str(value), f"the number {digits}")
        return value

    def refuse(literal):
        raise Wrong(f"the number {literal}")

    def fraction(literal):
        need(fractions, f"the number {literal}")
        return float(literal)

    try:
        value = json.loads(
            text, object_pairs_hook=unique, parse_int=whole, parse_float=fraction, parse_constant=refuse
        )
        text.encode()
    except (ValueError, RecursionError) as error:
        raise Wrong(f"not JSON: {error}") from None
    check_nesting(value)
    return value


def check_nesting(value, depth=1):
    if isinstance(value, str):
        need(not re.search("[\ud800-\udfff]", value), "half of a surrogate pair")
    if isinstance(value, (dict, list)):
        need(depth <= 64, "more than 64 arrays and objects inside each other")
        for name in value:
            check_nesting(name, depth + 1)
        for inner in value.values() if isinstance(value, dict) else value:
            check_nesting(inner, depth + 1)


def canonical(value):
    """The text of RFC 8785 of a value whose numbers are whole."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    need(not isinstance(value, float), "a number that is not whole")
    return json.dumps(value, ensure_ascii=False)


def members(value, required, optional="", what="an object"):
    """The object, if it has all the required members and no others than the optional ones (names between spaces)."""
    need(isinstance(value, dict), f"{what} is no object")
    missing = set(required.split()) - set(value)
    unknown = set(value) - set(required.split()) - set(optional.split())
    need(not missing, f"{what} lacks {' '.join(sorted(missing))}")
    need(not unknown, f"{what} has the unknown member {' '.join(sorted(unknown))}")
    return value


# Ed25519


@lru_cache(maxsize=None)
def is_public_key(key):
    return len(key) == 32 and bool(crypto_core_ed25519_is_valid_point(key))


def verify_signature(key, signature, message, what):
    need(is_public_key(key), f"{what}: the key does not decode")
    try:
        VerifyKey(key).verify(message, signature)
    except (CryptoError, ValueError):
        raise Wrong(f"{what}: the signature does not verify") from None


# AES, on many blocks at a time: row r of the state holds the bytes r, 4 + r, 8 + r, 12 + r of every block


def _double(x):
    return (x << 1) ^ (0x11B if x & 0x80 else 0)


def _sbox():
    power, log, x = [], {}, 1
    for i in range(255):
        power.append(x)
        log[x] = i
        x ^= _double(x)
    box = bytearray(256)
    for value in range(256):
        inverse = power[-log[value] % 255] if value else 0
        sums = inverse ^ inverse << 1 ^ inverse << 2 ^ inverse << 3 ^ inverse << 4
        box[value] = (sums ^ sums >> 8) & 0xFF ^ 0x63
    return bytes(box)


SBOX = _sbox()
DOUBLED_SBOX = bytes(_double(x) for x in SBOX)


@lru_cache(maxsize=4096)
def _round_keys(key):
    words = [key[i : i + 4] for i in range(0, len(key), 4)]
    size, constant = len(words), 1
    while len(words) < 4 * (size + 7):
        word = words[-1]
        if len(words) % size == 0:
            word = (word[1:] + word[:1]).translate(SBOX)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif size == 8 and len(words) % size == 4:
            word = word.translate(SBOX)
        words.append(xor(word, words[-size]))
    return [b"".join(words[i : i + 4]) for i in range(0, len(words), 4)]


def aes(key, blocks):
    """The encryption of each 16 bytes of blocks (AES-128 or AES-256, by the key's length)."""
    count = len(blocks) // 16
    repeat = number(b"\1" * count)

    def key_row(key, r):
        return number(b"".join((key[4 * c + r] * repeat).to_bytes(count, "big") for c in range(4)))

    first, *middle, last = _round_keys(key)
    rows = [number(b"".join(blocks[4 * c + r :: 16] for c in range(4))) ^ key_row(first, r) for r in range(4)]
    for round_key in [*middle, last]:
        once, twice = [], []
        for r, row in enumerate(rows):
            data = row.to_bytes(4 * count, "big")
            data = data[r * count :] + data[: r * count]
            once.append(number(data.translate(SBOX)))
            twice.append(number(data.translate(DOUBLED_SBOX)))
        if round_key is not last:
            total = once[0] ^ once[1] ^ once[2] ^ once[3]
            once = [total ^ once[r] ^ twice[r] ^ twice[(r + 1) % 4] for r in range(4)]
        rows = [once[r] ^ key_row(round_key, r) for r in range(4)]
    out = bytearray(len(blocks))
    for r, row in enumerate(rows):
        data = row.to_bytes(4 * count, "big")
        for c in range(4):
            out[4 * c + r :: 16] = data[c * count : (c + 1) * count]
    return bytes(out)


def counter_stream(key, size, start=0):
    """CTR(key): the encryptions of the blocks start, start + 1, …, which are numbers big-endian."""
    count = (size + 15) // 16
    return aes(key, b"".join((start + i).to_bytes(16, "big") for i in range(count)))[:size]


def gcm_encrypt(key, nonce, plaintext, associated):
    """AES-GCM with a nonce of 12 bytes: the ciphertext and the tag of 16 bytes."""

    def reflected(block):
        return int(f"{number(block):0128b}"[::-1], 2)

    start = number(nonce) << 32
    ciphertext = xor(plaintext, counter_stream(key, len(plaintext), start + 2))
    h, total = reflected(aes(key, bytes(16))), 0
    hashed = b"".join(data + bytes(-len(data) % 16) for data in (associated, ciphertext))
    hashed += (8 * len(associated)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    for i in range(0, len(hashed), 16):
        total = field_product(total ^ reflected(hashed[i : i + 16]), h)
    tag = xor(reflected(total.to_bytes(16, "big")).to_bytes(16, "big"), counter_stream(key, 16, start + 1))
    return ciphertext, tag


# GF(2¹²⁸) with z¹²⁸ + z⁷ + z² + z + 1; bit r of 16 bytes, read little-endian, is the coefficient of zʳ


def field_product(x, y):
    product = 0
    while y:
        low = y & -y
        product ^= x * low
        y ^= low
    for _ in range(2):
        high, product = product >> 128, product & 2**128 - 1
        product ^= high ^ high << 1 ^ high << 2 ^ high << 7
    return product


def field_hash(key, bits):
    """Σ c_j·key^(J + 1 − j) over the pieces of 16 bytes of a packed bit string; zeros at its end."""
    point, value = int.from_bytes(key, "little"), 0
    for i in range(0, len(bits), 16):
        value = field_product(value ^ int.from_bytes(bits[i : i + 16], "little"), point)
    return value.to_bytes(16, "little")


# Powers modulo n², in two digits base n: half as much work as pow(base, exponent, n * n)


def power_modulo_square(base, exponent, n):
    def product(x, y):
        carry, low = divmod(x[0] * y[0], n)
        return low, (carry + x[0] * y[1] + x[1] * y[0]) % n

    def square(x):
        carry, low = divmod(x[0] * x[0], n)
        return low, (carry + 2 * x[0] * x[1]) % n

    powers, total = [(1, 0)], (1, 0)
    for _ in range(31):
        powers.append(product(powers[-1], (base % n, base // n % n)))
    for at in range((exponent.bit_length() + 4) // 5 - 1, -1, -1):
        for _ in range(5):
            total = square(total)
        total = product(total, powers[exponent >> 5 * at & 31])
    return total[0] + n * total[1]


# ristretto255 (RFC 9496); an element is a point (x, y, z, t) of its class

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def _root_ratio(u, v):
    """Whether u / v is a square, and the non-negative root of u / v, or of i·u / v."""
    r = u * v**3 * pow(u * v**7 % P, (P - 5) // 8, P) % P
    check = v * r * r % P
    if check in (-u % P, -u * ROOT_OF_MINUS_ONE % P):
        r = r * ROOT_OF_MINUS_ONE % P
    return check in (u % P, -u % P), _absolute(r)


def _absolute(x):
    x %= P
    return P - x if x & 1 else x


# Of the two roots the RFC has these.
ROOT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVERSE_ROOT_A_MINUS_D = _root_ratio(1, -1 - D)[1]


def decode_element(data, what="a point"):
    s = int.from_bytes(data, "little")
    need(len(data) == 32 and s < P and not s & 1, f"{what}: not a canonical encoding")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, inverse = _root_ratio(1, v * u2 * u2 % P)
    x = _absolute(2 * s * inverse * u2)
    y = u1 * inverse * inverse * u2 * v % P
    need(square and not x * y % P & 1 and y, f"{what}: not the encoding of an element")
    need(s, f"{what}: the identity")
    return x, y, 1, x * y % P


def encode_element(element):
    x, y, z, t = element
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    inverse = _root_ratio(1, u1 * u2 * u2 % P)[1]
    d1, d2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = d1 * d2 * t % P
    d = d2
    if t * z_inverse % P & 1:
        x, y = y * ROOT_OF_MINUS_ONE % P, x * ROOT_OF_MINUS_ONE % P
        d = d1 * INVERSE_ROOT_A_MINUS_D % P
    if x * z_inverse % P & 1:
        y = -y
    return _absolute(d * (z - y)).to_bytes(32, "little")


def _map(data):
    t = int.from_bytes(data, "little") % 2**255
    r = ROOT_OF_MINUS_ONE * t * t % P
    u = (r + 1) * (1 - D * D) % P
    v = (-1 - r * D) * (r + D) % P
    square, s = _root_ratio(u, v)
    c = -1
    if not square:
        s, c = -_absolute(s * t), r
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1, w2, w3 = 2 * s * v, n * ROOT_AD_MINUS_ONE, 1 - s * s, 1 + s * s
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def element_from_bytes(data):
    need(len(data) == 64, "an element is made of 64 bytes")
    return add(_map(data[:32]), _map(data[32:]))


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * D * p[3] * q[3], 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    return -p[0] % P, p[1], p[2], -p[3] % P


def multiply(scalar, p):
    """scalar·p by libsodium, which takes points of prime order: 4·p is one, whatever stands for the element."""
    if scalar % ORDER == 0:
        return IDENTITY
    if p is BASE:
        found = crypto_scalarmult_ed25519_base_noclamp((scalar % ORDER).to_bytes(32, "little"))
    else:
        x, y, z, _ = add(*[add(p, p)] * 2)
        inverse = pow(z, -1, P)
        x, y = x * inverse % P, y * inverse % P
        if x == 0:
            return IDENTITY
        point = (y | (x & 1) << 255).to_bytes(32, "little")
        quarter = (scalar * pow(4, -1, ORDER) % ORDER).to_bytes(32, "little")
        found = crypto_scalarmult_ed25519_noclamp(quarter, point)
    found = int.from_bytes(found, "little")
    y = found % 2**255
    x = _root_ratio(y * y - 1, D * y * y + 1)[1]
    x = P - x if x & 1 != found >> 255 else x
    return x, y, 1, x * y % P


BASE = decode_element(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def scalar_from_bytes(data):
    """64 bytes as a number modulo the order."""
    return int.from_bytes(data, "little") % ORDER


def read_scalar(data, what="a scalar"):
    value = int.from_bytes(data, "little")
    need(len(data) == 32 and value < ORDER, f"{what}: not reduced")
    return value
