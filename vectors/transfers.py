"""Base OT, OT extension and silent OT (docs/wire.md, Part 4).

A checker knows the secrets of both parties: each class computes both ends, and compares.
"""

from functools import lru_cache

from blocks import (
    block,
    blocks,
    davies,
    joined,
    linear_hash,
    oracle256,
    oracle512,
    sigma,
    total,
    transposed,
    unpack,
)
from primitives import (
    BASE,
    add,
    counter_stream,
    decode_element,
    element_from_bytes,
    encode_element,
    multiply,
    need,
    negate,
    read_scalar,
    same,
    tagged,
)

# Base OT


class BaseOt:
    """Both ends of a batch: a is the OT sender's scalar, choices, t and others (encodings) are the OT receiver's."""

    def __init__(self, sid, a, choices, scalars, others):
        self.point = encode_element(multiply(a, BASE))
        hashed = tagged("base OT hash to group", sid, self.point)
        sent = []
        for i, c in enumerate(choices):
            shift = masked_point(hashed, 2 * i + c, others[i])
            pair = [others[i], others[i]]
            pair[c] = encode_element(add(multiply(2 * scalars[i], BASE), negate(shift)))
            sent += pair
        self.points = b"".join(sent)
        self.pairs = sender_seeds(sid, a, self.points)
        keys = tagged("base OT key", sid, self.point, self.points)
        self.chosen = []
        for i, c in enumerate(choices):
            own = encode_element(multiply(2 * scalars[i] * a, BASE))
            self.chosen.append(oracle256(keys, 2 * i + c, own)[:16])
            same(self.pairs[i][c], self.chosen[i], f"base OT seed {i}")


def parted(data, size, count, what):
    need(len(data) == size * count, f"the length of {what}")
    return [data[i : i + size] for i in range(0, len(data), size)]


@lru_cache(maxsize=4)
def base_ot(sid, a, choices, t, points):
    """The batch in which the OT receiver has drawn t, and those of the points that it does not choose."""
    bits = unpack(choices, 128, "choices")
    pairs = parted(points, 64, 128, "points")
    others = [pair[32:] if c == 0 else pair[:32] for pair, c in zip(pairs, bits)]
    scalars = [read_scalar(one, "t") for one in parted(t, 32, 128, "t")]
    return BaseOt(sid, read_scalar(a, "a"), bits, scalars, others)


def base_point(a):
    """The OT sender's point of its scalar."""
    return encode_element(multiply(read_scalar(a, "a"), BASE))


@lru_cache(maxsize=256)
def masked_point(prefix, index, other):
    element = element_from_bytes(oracle512(prefix, index, other))
    return add(element, element)


def sender_seeds(sid, a, points):
    """The OT sender's two seeds of each instance, from the 8,192 bytes of 0x21."""
    point = encode_element(multiply(a, BASE))
    hashed = tagged("base OT hash to group", sid, point)
    keys = tagged("base OT key", sid, point, points)
    halves = [points[i : i + 32] for i in range(0, len(points), 32)]
    pairs = []
    for i in range(len(halves) // 2):
        pair = halves[2 * i : 2 * i + 2]
        elements = [decode_element(half, f"base OT point of instance {i}") for half in pair]
        seeds = []
        for b in (0, 1):
            shift = masked_point(hashed, 2 * i + b, pair[1 - b])
            product = encode_element(multiply(a, add(elements[b], shift)))
            need(any(product), "a base OT whose product is the identity")
            seeds.append(oracle256(keys, 2 * i + b, product)[:16])
        pairs.append(tuple(seeds))
    return pairs


# OT extension

CHUNK_ROWS = 32256


def rows_of(count):
    return 128 * ((count + 127) // 128) + 128


class Extension:
    """One instance, both ends: the COT receiver's pairs of seeds, and the COT sender's of its choices."""

    def __init__(self, sid, direction, pairs, delta, chosen):
        self.name, self.delta = (sid, direction), delta
        self.keys = [tagged("OT extension tree cipher key", sid, direction, j)[:16] for j in range(5)]
        self._grow([tuple(map(block, pair)) for pair in pairs])
        self._regrow(list(map(block, chosen)))

    def _expand(self, j, trees):
        """G_j of every node, None standing for a node that is not known."""
        known = davies(self.keys[j], [node or 0 for nodes in trees for node in nodes])
        found = iter(known)
        return [[value if node is not None else None for node, value in zip(nodes, found)] for nodes in trees]

    def _grow(self, pairs):
        trees = [[pairs[4 * t + 3][1], pairs[4 * t + 3][0]] for t in range(32)]
        sums = [b""] * 32
        for v in (1, 2, 3):
            left, right = self._expand(0, trees), self._expand(1, trees)
            for t in range(32):
                seeds = pairs[4 * t + 3 - v]
                sums[t] += joined([total(left[t]) ^ seeds[1], total(right[t]) ^ seeds[0]])
            trees = [interleaved(left[t], right[t]) for t in range(32)]
        self.leaves, proofs = self._expand(2, trees), self._proofs(trees)
        self.sums = b"".join(sums)
        self.proof = b"".join(total(proof).to_bytes(32, "little") for proof in proofs)
        self.digest = self._digest(proofs)
        self.fields = self.sums, self.proof, self.digest
        self.setup = tagged("COT setup", self.sums, self.proof, self.digest)

    def _regrow(self, chosen):
        """What the COT sender finds out; refuses a message whose digest is wrong."""
        delta, sums = self.delta, blocks(self.sums)
        trees = [[None, None] for _ in range(32)]
        for t, nodes in enumerate(trees):
            nodes[1 - (delta >> 4 * t + 3 & 1)] = chosen[4 * t + 3]
        for v in (1, 2, 3):
            sides = [self._expand(0, trees), self._expand(1, trees)]
            for t in range(32):
                off, at = 1 - (delta >> 4 * t + 3 - v & 1), trees[t].index(None)
                known = [node for node in sides[off][t] if node is not None]
                sides[off][t][at] = sums[6 * t + 2 * (v - 1) + off] ^ chosen[4 * t + 3 - v] ^ total(known)
            trees = [interleaved(sides[0][t], sides[1][t]) for t in range(32)]
        proofs = self._proofs(trees)
        for t in range(32):
            missing = trees[t].index(None)
            same(missing, delta >> 4 * t & 15, f"{self.name[1]}: the missing leaf of tree {t}")
            known = total(node for node in proofs[t] if node is not None)
            proofs[t][missing] = block(self.proof[32 * t : 32 * t + 32]) ^ known
        same(self._digest(proofs), self.digest, f"{self.name[1]}: digest of the proofs")
        self.known = self._expand(2, trees)
        same(
            [[None if i == delta >> 4 * t & 15 else leaf for i, leaf in enumerate(self.leaves[t])] for t in range(32)],
            self.known,
            f"{self.name[1]}: leaves",
        )

    def _proofs(self, trees):
        low, high = self._expand(3, trees), self._expand(4, trees)
        return [[x if x is None else x | y << 128 for x, y in zip(*pair)] for pair in zip(low, high)]

    def _digest(self, proofs):
        data = b"".join(proof.to_bytes(32, "little") for tree in proofs for proof in tree)
        return tagged("OT extension tree proof", *self.name, 4, data)

    def _columns(self, leaves, number, rows):
        """The columns, and the ⊕ of all streams of each tree (integers of `rows` bits)."""
        columns, sums = [0] * 128, [0] * 32
        for first in range(0, rows, CHUNK_ROWS):
            count = min(CHUNK_ROWS, rows - first) // 128
            key = tagged("OT extension leaf cipher key", *self.name, number, first)[:16]
            for t, tree in enumerate(leaves):
                inputs = [(leaf or 0) ^ c for leaf in tree for c in range(count)]
                data = joined(davies(key, inputs))
                streams = [block(data[16 * count * y : 16 * count * (y + 1)]) for y in range(16)]
                streams = [0 if leaf is None else value for leaf, value in zip(tree, streams)]
                sums[t] |= total(streams) << first
                for b in range(4):
                    columns[4 * t + b] |= total(streams[y] for y in range(16) if y >> b & 1) << first
        return columns, sums

    @lru_cache(maxsize=8)
    def batch(self, number, count, choices, in_bit_0=False):
        """A batch whose choices are all rows' bits, packed: the message's fields, keys and MACs."""
        rows, delta = rows_of(count), self.delta
        need(len(choices) == rows // 8, f"{self.name[1]}: choices of batch {number}")
        chosen = block(choices)
        columns, sums = self._columns(self.leaves, number, rows)
        corrections = [value ^ chosen for value in sums]
        correction = b""
        for first in range(0, rows, CHUNK_ROWS):
            size = min(CHUNK_ROWS, rows - first)
            correction += b"".join((c >> first & 2**size - 1).to_bytes(size // 8, "little") for c in corrections)
        seed = tagged("COT challenge", *self.name, self.setup, number, count, correction)
        *hashes, choice_hash = linear_hash(seed, [*columns, chosen], rows)
        mac_hash = tagged("COT consistency answer", seed, joined(transposed(hashes, 128)))
        fields = correction, choice_hash.to_bytes(16, "little"), mac_hash
        macs = transposed(columns, rows)[:count]

        columns, sums = self._columns(self.known, number, rows)
        for column in range(128):
            if delta >> column & 1:
                columns[column] ^= sums[column // 4] ^ corrections[column // 4]
        matrix = transposed(linear_hash(seed, columns, rows), 128)
        matrix = [row ^ delta * (choice_hash >> r & 1) for r, row in enumerate(matrix)]
        same(tagged("COT consistency answer", seed, joined(matrix)), mac_hash, f"{self.name[1]}: consistency")
        keys = transposed(columns, rows)[:count]
        for i in range(count):
            same(keys[i] ^ (chosen >> i & 1) * delta, macs[i], f"{self.name[1]}: MAC {i}")
        if in_bit_0:
            keys = [key & ~1 for key in keys]
            macs = [mac & ~1 | chosen >> i & 1 for i, mac in enumerate(macs)]
        return fields, keys, macs


@lru_cache(maxsize=8)
def extension(sid, direction, pairs, delta, chosen):
    return Extension(sid, direction, pairs, delta, chosen)


def interleaved(left, right):
    return [node for pair in zip(left, right) for node in pair]


def base_from_cots(sid, keys, macs, delta):
    """Base seeds of `bits of the evaluator`: pairs of the evaluator's, and those of the garbler's choices."""
    prefix = tagged("base seeds from COTs", sid, "bits of the garbler")

    def seed(i, value):
        return oracle256(prefix, i, value.to_bytes(16, "little"))[:16]

    return [(seed(i, k), seed(i, k ^ delta)) for i, k in enumerate(keys)], [seed(i, m) for i, m in enumerate(macs)]


# Silent OT

SIZES = {9: (16, 1100), 10: (17, 1250), 11: (18, 1420)}


class Silent:
    """One extension, both ends, out of base COTs with choices in bit 0; depth d, 2ᵏ blocks of secret, `most` trees."""

    def __init__(self, name, size, trees, delta, keys, macs, lefts, coins):
        self.name, self.trees, self.coins = name, trees, coins
        self.depth, self.secret_bits, self.most = size
        self.delta, self.cipher = delta, tagged("silent OT node cipher key", *name)[:16]
        first = 2**self.secret_bits
        paths = slice(first, first + trees * self.depth)
        checks = slice(first + self.most * self.depth, first + self.most * self.depth + 128)
        sent, self.corrections = self._grow(lefts, keys[paths])
        found = self._regrow(macs[paths])
        seed = tagged("silent OT challenge", *name, self.corrections, coins)
        hashed = self._hash(seed, [*found, *macs[checks]])
        self.noise = sum((row & 1) << r for r, row in enumerate(hashed)).to_bytes(16, "little")
        self.answer = tagged("silent OT answer", seed, joined(hashed))
        rows = self._hash(seed, [*sent, *keys[checks]])
        rows = [row ^ delta * (block(self.noise) >> r & 1) for r, row in enumerate(rows)]
        same(tagged("silent OT answer", seed, joined(rows)), self.answer, "silent OT: answer")
        self.keys, self.macs = self._encode([(sent, keys[:first]), (found, macs[:first])])
        for i, (key, mac) in enumerate(zip(self.keys, self.macs)):
            same(key ^ (mac & 1) * delta, mac, f"silent OT: MAC {i}")

    def _children(self, nodes):
        hashed = davies(self.cipher, [sigma(node) for node in nodes])
        return [child for node, left in zip(nodes, hashed) for child in (left, node ^ left)]

    def _grow(self, lefts, keys):
        d, level, sums = self.depth, [node for left in lefts for node in (left, left ^ self.delta)], []
        for i in range(d):
            width = 2**i
            sums.append([total(level[2 * t * width : 2 * (t + 1) * width : 2]) for t in range(self.trees)])
            level = self._children(level) if i < d - 1 else level
        corrections = [keys[d * t + i] ^ sums[i][t] for t in range(self.trees) for i in range(d)]
        return [leaf & ~1 for leaf in level], joined(corrections)

    def _regrow(self, macs):
        d, corrections, leaves = self.depth, blocks(self.corrections), []
        level, ends = [[0, 0] for _ in range(self.trees)], [0] * self.trees
        for i in range(d):
            for t, nodes in enumerate(level):
                mac = macs[d * t + i]
                beside = 2 * ends[t] + (mac & 1)
                nodes[beside] = nodes[beside ^ 1] = 0
                nodes[beside] = corrections[d * t + i] ^ mac ^ total(nodes[mac & 1 :: 2])
                ends[t] = beside ^ 1
            if i < d - 1:
                children = self._children([node for nodes in level for node in nodes])
                level = [children[4 * 2**i * t : 4 * 2**i * (t + 1)] for t in range(self.trees)]
        for nodes, end in zip(level, ends):
            nodes[end] = 0
            nodes[end] = total(nodes)
            leaves += [node & ~1 | (y == end) for y, node in enumerate(nodes)]
        return leaves

    def _hash(self, seed, rows):
        count = len(rows)
        return transposed(linear_hash(seed, transposed(rows, 128), count), 128)

    def _encode(self, ends):
        """Both ends' leaves with ten blocks of the secret added to each."""
        words = counter_stream(tagged("silent OT code", *self.name, self.coins)[:16], 64)
        words = [int.from_bytes(words[i : i + 4], "little") for i in range(0, 64, 4)]
        lanes, mask, outputs = [words[lane::4] for lane in range(4)], 2**self.secret_bits - 1, []
        while len(outputs) < 10 * len(ends[0][0]):
            outputs += [xoshiro(state) & mask for state in lanes]
        results = []
        for leaves, secret in ends:
            chosen = iter([secret[i] for i in outputs])
            results.append([leaf ^ total(next(chosen) for _ in range(10)) for leaf in leaves])
        return results


def rotated(x, k):
    return (x << k | x >> 32 - k) & 0xFFFFFFFF


def xoshiro(s):
    """One output of xoshiro128++; s is its state."""
    result = rotated((s[0] + s[3]) & 0xFFFFFFFF, 7) + s[0] & 0xFFFFFFFF
    u = s[1] << 9 & 0xFFFFFFFF
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= u
    s[3] = rotated(s[3], 11)
    return result
