"""Base OT and OT extension (Part 4 of docs/wire.md). Blocks are 16 bytes; bits are numbers, bit 0 the lowest."""

import hashlib
from functools import lru_cache

from primitives import (
    BASE,
    add,
    aes,
    decode_element,
    element_from_bytes,
    encode_element,
    field_product,
    multiply,
    need,
    negate,
    same,
    sha256,
    tagged,
    xor,
)

COUNT, TREES, LEAVES, DEPTH = 128, 32, 16, 4
CHUNK, SEGMENT = 32_256, 252


def little(block):
    return int.from_bytes(block, "little")


def block_of(value):
    return value.to_bytes(16, "little")


def tweak(c, d):
    return c.to_bytes(8, "little") + d.to_bytes(8, "little")


def total(blocks):
    """The sum of byte strings of one length."""
    value, size = 0, 0
    for block in blocks:
        value, size = value ^ int.from_bytes(block, "big"), len(block)
    return value.to_bytes(size, "big")


def oracle256(prefix, i, data):
    return sha256(prefix + i.to_bytes(4, "big") + data)


# Base OT


@lru_cache(maxsize=2048)
def hash_to_group(sid, a, i, b, point):
    prefix = tagged("base OT hash to group", sid, a)
    digest = hashlib.sha512(prefix + (2 * i + b).to_bytes(4, "big") + point).digest()
    element = element_from_bytes(digest)
    return add(element, element)


@lru_cache(maxsize=2048)
def receiver_point(sid, a, i, choice, t, other):
    """r_c = t·G − H_c(i, r_{1−c})."""
    return encode_element(add(multiply(t, BASE), negate(hash_to_group(sid, a, i, choice, other))))


@lru_cache(maxsize=2048)
def _product(scalar, point):
    return encode_element(multiply(scalar, decode_element(point)))


def receiver_seeds(sid, a, points, choices, scalars):
    """The seed of each choice; choices is a number, scalars are the t of each instance."""
    prefix = tagged("base OT key", sid, a, points)
    return [
        oracle256(prefix, 2 * i + (choices >> i & 1), _product(scalars[i], a))[:16] for i in range(COUNT)
    ]


def sender_seeds(sid, scalar, points):
    """Both seeds of each instance."""
    a = encode_element(multiply(scalar, BASE))
    prefix, seeds = tagged("base OT key", sid, a, points), []
    need(len(points) == 64 * COUNT, "128 pairs of points")
    for i in range(COUNT):
        pair = [points[64 * i : 64 * i + 32], points[64 * i + 32 : 64 * i + 64]]
        both = []
        for b in (0, 1):
            sum_ = add(decode_element(pair[b]), hash_to_group(sid, a, i, b, pair[1 - b]))
            product = encode_element(multiply(scalar, sum_))
            need(any(product), "the product of a base OT is the identity")
            both.append(oracle256(prefix, 2 * i + b, product)[:16])
        seeds.append(tuple(both))
    return seeds


# OT extension


class Extension:
    """One direction of the extension; both sides' values are known here."""

    def __init__(self, sid, direction, seeds):
        """seeds are both seeds of each of the 128 base OTs."""
        self.sid, self.direction = sid, direction
        self.keys = [tagged("OT extension tree cipher key", sid, direction, j)[:16] for j in range(5)]
        sums, proofs, self.leaves, digests = b"", b"", [], b""
        for t in range(TREES):
            nodes = [seeds[4 * t + 3][1], seeds[4 * t + 3][0]]
            for v in range(1, DEPTH):
                left, right = self._expand(0, nodes), self._expand(1, nodes)
                zero, one = seeds[4 * t + 3 - v]
                sums += xor(total(left), one) + xor(total(right), zero)
                nodes = [node for pair in zip(left, right) for node in pair]
            self.leaves.append(self._expand(2, nodes))
            proof = [x + y for x, y in zip(self._expand(3, nodes), self._expand(4, nodes))]
            proofs += total(proof)
            digests += b"".join(proof)
        self.message = sums + proofs + tagged("OT extension tree proof", sid, direction, 4, digests)
        self.setup = tagged("COT setup", sums, proofs, self.message[-32:])

    def _expand(self, j, nodes):
        data = b"".join(nodes)
        out = xor(aes(self.keys[j], data), data)
        return [out[i : i + 16] for i in range(0, len(out), 16)]

    def batch(self, number, count, choices):
        """Message 0x23 and the MACs for choices, a number with the bits of all rows."""
        rows = rows_of(count)
        need(choices >> rows == 0, "there are more choices than rows")
        correction, columns = b"", [0] * 128
        for first in range(0, rows, CHUNK):
            size = min(CHUNK, rows - first)
            part = choices >> first & (1 << size) - 1
            key = tagged("OT extension leaf cipher key", self.sid, self.direction, number, first)[:16]
            for t in range(TREES):
                streams = self._streams(key, self.leaves[t], size // 128)
                for b in range(4):
                    column = little(total(streams[y] for y in range(LEAVES) if y >> b & 1))
                    columns[4 * t + b] |= column << first
                correction += xor(total(streams), part.to_bytes(size // 8, "little"))
        seed = tagged("COT challenge", self.sid, self.direction, self.setup, number, count, correction)
        choice_hash = linear_hash(seed, choices, rows)
        matrix = transpose([linear_hash(seed, column, rows) for column in columns], 128)
        mac_hash = tagged("COT consistency answer", seed, b"".join(map(block_of, matrix)))
        macs = [block_of(row) for row in transpose(columns, rows)[:count]]
        return correction + block_of(choice_hash) + mac_hash, macs

    @staticmethod
    def _streams(key, leaves, blocks):
        data = b"".join(xor(leaf, tweak(c, 0)) for leaf in leaves for c in range(blocks))
        out, size = xor(aes(key, data), data), 16 * blocks
        return [out[i * size : (i + 1) * size] for i in range(LEAVES)]


def rows_of(count):
    return 128 * -(-count // 128) + 128


def transpose(columns, rows):
    """Row i has as its bit c the bit i of column c."""
    texts = [f"{column:0{rows}b}" for column in reversed(columns)]
    return [int("".join(bits), 2) for bits in zip(*texts)][::-1]


def linear_hash(seed, column, rows):
    pieces = [column >> at & 2**128 - 1 for at in range(0, rows, 128)]
    value = pieces.pop()
    for start in range(0, len(pieces), SEGMENT):
        point = _universal_key(seed, start)
        segment = 0
        for piece in pieces[start : start + SEGMENT]:
            segment = field_product(segment ^ piece, point)
        value ^= segment
    return value


@lru_cache(maxsize=1024)
def _universal_key(seed, start):
    return little(tagged("COT universal hash", seed, start)[:16])


def check_keys(macs, keys, choices, delta):
    """M_i = K_i ⊕ x_i·Δ."""
    for i, (mac, key) in enumerate(zip(macs, keys, strict=True)):
        same(mac, xor(key, delta) if choices >> i & 1 else key, f"MAC {i}")
