"""Blocks of 16 bytes, packed bits and GF(2¹²⁸) (docs/wire.md, Part 4).

A block is an integer here, read little-endian, so that bit i of the block is bit i of the integer.
"""

import hashlib
from functools import reduce
from operator import xor as xor_of

from primitives import aes, need, tagged

# Blocks and bits


def block(data):
    return int.from_bytes(data, "little")


def blocks(data):
    need(len(data) % 16 == 0, "not whole blocks")
    return [block(data[i : i + 16]) for i in range(0, len(data), 16)]


def joined(values):
    return b"".join(value.to_bytes(16, "little") for value in values)


def pack(bits):
    return sum(bit << i for i, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")


def unpack(data, count, what="packed bits"):
    value = block(data)
    need(len(data) == (count + 7) // 8 and value >> count == 0, f"{what}: length or unused bits")
    return [value >> i & 1 for i in range(count)]


def total(values):
    return reduce(xor_of, values, 0)


def davies(key, values):
    """AES(key, x) ⊕ x of each block."""
    return [x ^ y for x, y in zip(values, blocks(aes(key, joined(values))))]


def tweak(c, d):
    return c | d << 64


def sigma(x):
    low, high = x & 2**64 - 1, x >> 64
    return high | (low ^ high) << 64


def oracle256(prefix, i, x):
    return hashlib.sha256(prefix + i.to_bytes(4, "big") + x).digest()


def oracle512(prefix, i, x):
    return hashlib.sha512(prefix + i.to_bytes(4, "big") + x).digest()


def transposed(columns, rows):
    """Of columns, integers of `rows` bits, the rows: integers with a bit for each column."""
    texts = [f"{column:0{rows}b}" for column in reversed(columns)]
    return [int("".join(bits), 2) for bits in zip(*texts)][::-1]


# GF(2¹²⁸)


def times(point):
    """The product with one element, as a function."""
    powers = [point]
    for _ in range(127):
        top = powers[-1] << 1
        powers.append(top & 2**128 - 1 ^ (0x87 if top >> 128 else 0))
    tables = []
    for i in range(0, 128, 8):
        table = [0]
        for power in powers[i : i + 8]:
            table += [entry ^ power for entry in table]
        tables.append(table)

    def product(x):
        result = 0
        for table, byte in zip(tables, x.to_bytes(16, "little")):
            result ^= table[byte]
        return result

    return product


def linear_hash(seed, columns, rows):
    """The linear hash of each column, an integer of `rows` bits."""
    pieces = rows // 128
    hashes = [column >> 128 * (pieces - 1) for column in columns]
    for first in range(0, pieces - 1, 252):
        product = times(block(tagged("COT universal hash", seed, first)[:16]))
        for i, column in enumerate(columns):
            value = 0
            for piece in range(first, min(first + 252, pieces - 1)):
                value = product(value ^ column >> 128 * piece & 2**128 - 1)
            hashes[i] ^= value
    return hashes
