"""What an engine proves and opens besides the outcome: proofs, fixed bits, fingerprints, the link of a seal and the
escrow (docs/wire.md, Parts 4 and 5)."""

from functools import lru_cache
from math import comb

from blocks import block, joined, pack, times, total
from circuits import AND, Builder, extend, not_word, resize
from escrow import ciphertext_digest, escrow_encrypt, parity, record_digest
from paillier import check_modulus, check_unit, encrypt
from garbling import ROLES
from primitives import counter_stream, field_product, need, number, same, stream, tagged

# Bits that one party P knows: a pair of M at P and K at Q, with M = K ⊕ v·Δ_Q; v is bit 0 of M


class Known:
    """The bits of party P (0 the garbler, 1 the evaluator) of an engine."""

    def __init__(self, engine, party):
        self.engine, self.party, self.delta = engine, party, engine.deltas[1 - party]
        self.constants = {0: (0, 0), 1: self.plus((0, 0), 1)}

    def plus(self, pair, bit):
        return (pair[0] ^ 1, pair[1] ^ self.delta ^ 1) if bit else pair

    def share(self, share):
        return share[2 * self.party], share[3 - 2 * self.party]

    def entered(self, wire):
        share = self.engine.share[wire]
        other = share[2 - 2 * self.party] & 1
        return self.plus(self.share(share), other ^ self.engine.masked[wire])

    def proof_bits(self, first, count):
        return [self.share(share) for share in self.engine.proof_bits[first : first + count]]

    def fix(self, first, bits):
        """Fixed bits on the proof bits from a position on; says 0x63."""
        drawn = self.proof_bits(first, len(bits))
        corrections = [bit ^ (pair[0] & 1) for bit, pair in zip(bits, drawn, strict=True)]
        self.engine.say(self.party, 0x63, pack(corrections))
        return [self.plus(pair, d) for pair, d in zip(drawn, corrections)]

    def combine(self, pairs, combinations):
        """Opens sums of bits; says 0x62, and gives them."""
        sums = [tuple(map(total, zip(*(pairs[i] for i in chosen)))) or (0, 0) for chosen in combinations]
        for mac, key in sums:
            same(mac, key ^ (mac & 1) * self.delta, "a combination")
        macs = [mac for mac, _ in sums]
        self.engine.say(self.party, 0x62, *self.engine.opening_of(self.party, "combinations", macs))
        return [mac & 1 for mac in macs]

    def prove(self, circuit, wires, room, first, number=0):
        """Shows what the circuit gives for inputs of P; says 0x61, and gives the outputs."""
        need(circuit.ands <= room, "a proof with too little room")
        drawn = self.proof_bits(first, room + 128)
        pairs, ands = [*self.constants.values(), *map(self.entered, wires)], []
        for kind, left, right in circuit.gates:
            a, b = pairs[left], pairs[right]
            if kind == AND:
                value = a[0] & b[0] & 1
                ands.append((a, b, self.plus(drawn[len(ands)], value ^ drawn[len(ands)][0] & 1)))
                pairs.append(ands[-1][2])
            else:
                pairs.append((a[0] ^ b[0], a[1] ^ b[1]))
        corrections = [(c[0] ^ r[0]) & 1 for (_, _, c), r in zip(ands, drawn)]
        corrections = pack(corrections + [0] * (room - len(ands)))
        step, t = f"proof {number}" if number else "proof", self.engine.t
        masked = pack([self.engine.masked[wire] for wire in wires])
        parts = (circuit.digest(), masked, corrections)
        seed = tagged("authenticated proof", t, ROLES[self.party], step, *parts)[:16]
        answers = self._answers(seed, ands, drawn[room:])
        macs = [pairs[wire][0] for wire in circuit.output_wires]
        opening = self.engine.opening_of(self.party, step, macs)
        self.engine.say(self.party, 0x61, corrections, *answers, *opening)
        return [mac & 1 for mac in macs]

    def _answers(self, seed, ands, spare):
        data = counter_stream(seed, 16 * len(ands))
        first = total(field_product(s[0], 1 << j) for j, s in enumerate(spare))
        second = total((s[0] & 1) << j for j, s in enumerate(spare))
        check, factor = total(field_product(s[1], 1 << j) for j, s in enumerate(spare)), 0
        for i, (a, b, c) in enumerate(ands):
            chi = block(data[16 * i : 16 * i + 16])
            first ^= field_product(chi, field_product(a[0], b[0]))
            second ^= field_product(chi, (a[0] & 1) * b[0] ^ (b[0] & 1) * a[0] ^ c[0])
            check ^= field_product(chi, field_product(a[1], b[1]))
            factor ^= field_product(chi, c[1])
        same(first, check ^ field_product(factor ^ second, self.delta), "a proof")
        return joined([first]), joined([second])

    def fingerprint(self, mask, parts):
        """The fields of 0x5f: of the mask's 128 wires, and of wires of this party in parts, each with its key."""
        point = times(2)
        values = [0, 0, 0, 0]  # of the bits, of MACs, of Λ ⊕ the peer's shares, of keys
        for wires, key in [(mask, 1), *((wires, block(key)) for wires, key in parts)]:
            product, sums = times(key), [0, 0, 0, 0]
            for i in range(0, len(wires), 128):
                piece = [0, 0, 0, 0]
                for wire in reversed(wires[i : i + 128]):
                    mac, key_of = self.share(self.engine.share[wire])
                    other = self.engine.share[wire][2 - 2 * self.party] & 1
                    public = self.engine.masked[wire] ^ other
                    added = public ^ mac & 1, mac, public, key_of
                    piece = [point(value) ^ bit for value, bit in zip(piece, added)]
                sums = [product(value ^ bits) for value, bits in zip(sums, piece)]
            values = [x ^ y for x, y in zip(values, sums)]
        bits, macs, public, keys = values
        same(macs, keys ^ field_product(bits ^ public, self.delta), "a fingerprint")
        return joined([bits]), joined([macs])


def fingerprint_key(entered, number):
    return tagged("fingerprint key", entered, number)[:16]


# The link between a seal and the circuit


def multiplier(challenge):
    """The terms (p, sign) of k(e), lowest first."""
    signs, rest, places, c = challenge & 127, challenge >> 7, [], 69
    for i in range(7, -1, -1):
        while comb(c, i + 1) > rest:
            c -= 1
        rest -= comb(c, i + 1)
        places.insert(0, c + i)
    need(rest == 0, "a challenge that is out of range")
    return [(p, -1 if signs >> i & 1 else 1) for i, p in enumerate(places)]


def link_circuit(size, challenge):
    b = Builder()
    x, m = b.input(size), b.input(size + 117)
    low, upper = [], []
    for p, sign in multiplier(challenge):
        gap = p - len(low)
        low += resize(upper, gap)
        upper = b.add(extend(upper[gap:], size), x if sign > 0 else not_word(x))
    return b.build(b.add(extend(low + upper, size + 117), m))


def factor_of(challenge):
    return sum(sign << p for p, sign in multiplier(challenge))


def offset_of(size, challenge):
    return sum((2**size - 1) << p for p, sign in multiplier(challenge) if sign < 0)


def challenge_commitment(negotiation, party, challenge, nonce):
    return tagged("seal challenge", negotiation, party, challenge, nonce)


class Key:
    """A Paillier key, by its modulus."""

    def __init__(self, modulus):
        self.bytes, self.n = check_modulus(modulus), number(modulus)

    def encrypted(self, m, r):
        """The bytes of a ciphertext; r has those of the randomness."""
        need(len(r) == len(self.bytes), "the length of randomness")
        value = encrypt(self.n, m, check_unit(number(r), self.n, "randomness"))
        return value.to_bytes(2 * len(self.bytes), "big")

    def ciphertext(self, data):
        need(len(data) == 2 * len(self.bytes), "the length of a ciphertext")
        return check_unit(number(data), self.n**2, "a ciphertext")


@lru_cache(maxsize=64)
def combined(n, sealed, factor, mask):
    return pow(sealed, factor, n * n) * mask % (n * n)


def check_link(key, size, challenge, sealed, mask, value, answer):
    """Step 8: value is what the proof's outputs say, answer is ρ; all are numbers."""
    t = value - offset_of(size, challenge)
    need(0 <= t < 2 ** (size + 118), "the sum of a link is out of range")
    product = combined(key.n, sealed, factor_of(challenge), mask)
    expected = encrypt(key.n, t, check_unit(answer, key.n, "the answer"))
    same(product, expected, "the link between the seal and the circuit")


# Escrow

PAIRS = 40


def matrix(label, nonce, w):
    """A's seed, and its 48 rows as numbers of w bits."""
    seed = tagged("escrow matrix seed", label, nonce)
    bits = block(stream("escrow matrix", seed, size=(48 * w + 7) // 8))
    return seed, [bits >> row * w & 2**w - 1 for row in range(48)]


def combinations(challenge, rows, w):
    """The positions of each combination that is opened, in o′ ‖ ρ_0 ‖ … ‖ ρ_39."""
    size, found = w + 48, []
    for k in range(PAIRS):
        own = [size * (k + 1) + i for i in range(size)]
        found += [[j, i] if challenge >> k & 1 else [j] for i, j in enumerate(own)]
    return found + [[i for i in range(w) if row >> i & 1] + [w + n] for n, row in enumerate(rows)]


class Escrow:
    """One party's escrow: o′ and the ρ_k are numbers of w + 48 bits, seeds are pairs of 32 bytes."""

    def __init__(self, label, public, w, mask, rhos, seeds):
        self.label, self.public, self.w, self.size = label, public, w, (w + 48 + 7) // 8
        self.mask, self.rhos, self.seeds = mask, rhos, seeds
        self.ciphertexts = []
        for k, (rho, pair) in enumerate(zip(rhos, seeds, strict=True)):
            plain = [value.to_bytes(self.size, "little") for value in (rho, rho ^ mask)]
            self.ciphertexts.append([escrow_encrypt(public, label, k, b, plain[b], pair[b]) for b in (0, 1)])

    def opened(self, challenge, nonce):
        """The t_k and the tag T, which the other party's challenge and nonce open."""
        chosen = [challenge >> k & 1 for k in range(PAIRS)]
        shares = [rho ^ self.mask * e for rho, e in zip(self.rhos, chosen)]
        seed, rows = matrix(self.label, nonce, self.w)
        o, pad = self.mask & 2**self.w - 1, self.mask >> self.w
        tag = sum((parity(row & o) ^ pad >> i & 1) << i for i, row in enumerate(rows))
        return seed, shares, tag

    def answer(self, challenge):
        return b"".join(pair[challenge >> k & 1] for k, pair in enumerate(self.seeds))

    def record(self, challenge, nonce):
        seed, shares, tag = self.opened(challenge, nonce)
        closed = [pair[1 - (challenge >> k & 1)] for k, pair in enumerate(self.ciphertexts)]
        data = b"".join(share.to_bytes(self.size, "little") for share in shares)
        second = tagged("escrow shares", data, tag.to_bytes(6, "little"), seed)
        return record_digest(self.label, challenge.to_bytes(5, "big"), map(ciphertext_digest, closed), second)
