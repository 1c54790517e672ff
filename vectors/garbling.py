"""Programs, half gates and authenticated garbling (docs/wire.md, Part 4).

A checker knows the secrets of both parties: what both compute is computed once, and what one of them checks is
compared.
"""

from itertools import groupby

from blocks import blocks, davies, joined, pack, sigma, total, tweak
from circuits import AND, XOR, Builder
from primitives import aes, canonical, counter_stream, need, same, tagged

# Programs: inputs and applications of circuits, as wires that are numbered through all of them


class Program:
    """What an engine works on: wires 0 and 1 are constants, and `groups` are AND or XOR gates that go together."""

    def __init__(self, room):
        self.room, self.wires = room, 2
        self.inputs, self.applied, self.sources, self.groups, self.gates = [], [], [], [], 0

    def input(self, owner, width):
        wires = list(range(self.wires, self.wires + width))
        self.wires += width
        self.inputs.append((owner, wires))
        return wires

    def owned(self, owner):
        return [wire for party, wires in self.inputs if party == owner for wire in wires]

    def apply(self, circuit, sources, copies):
        """Groups of (unit, copies of the unit, kind, gates); a gate is its three wires."""
        self.applied.append((circuit, copies))
        self.sources.append(sources)
        outputs, first = [], 0
        for unit, m in enumerate(circuit.units(copies, self.room)):
            maps = []
            for c in range(first, first + m):
                wires = {0: 0, 1: 1}
                for width, source in zip(circuit.inputs, sources, strict=True):
                    need(len(source) in (width, width * copies), "the width of a circuit's input")
                    own = source if len(source) == width else source[c * width : (c + 1) * width]
                    wires.update(enumerate(own, len(wires)))
                maps.append(wires)
            for _, kind, gates in circuit.schedule()[0]:
                found = [self._gate(circuit, gate, wires) for gate in gates for wires in maps]
                self.groups.append(((len(self.applied), unit), m, kind, found))
                self.gates += len(found) if kind == AND else 0
            outputs += [wires[wire] for wires in maps for wire in circuit.output_wires]
            first += m
        return outputs

    def _gate(self, circuit, gate, wires):
        _, left, right = circuit.gates[gate]
        wires[circuit.first + gate] = self.wires
        self.wires += 1
        return wires[left], wires[right], self.wires - 1


def description(program):
    """What a preparation absorbs of a program of one batch, whose circuits read whole inputs, all entered first."""
    inputs = [[number, owner, len(wires), 0, len(wires)] for number, (owner, wires) in enumerate(program.inputs)]
    numbers = {wires[0]: number for number, (_, wires) in enumerate(program.inputs)}
    steps = [inputs]
    for (circuit, copies), sources in zip(program.applied, program.sources):
        groups = []
        for width, source in zip(circuit.inputs, sources):
            need(program.inputs[numbers[source[0]]][1] == source, "a circuit that reads a part of an input")
            shared = copies > 1 and len(source) == width
            groups.append([shared, [[numbers[source[0]], 0, len(source)]]])
        number = len(inputs) + len(steps) - 1
        steps.append([number, copies, circuit.digest().hex(), 0, copies, groups])
    return canonical(steps)


def program_of(rule, room, seals=0, arbiter=0):
    """The program of some terms: seals is ℓ, arbiter is w. Gives it, the revealed wires and the inputs by name."""
    program, named = Program(room), {}

    def pair(name, width):
        named[name] = [program.input(owner, width) for owner in "ab"]

    if seals:
        pair("mask", seals + 117)
    if arbiter:
        pair("escrow", arbiter + 48)
    if seals and rule.name == "menu":
        pair("seal", seals)
        pair("fingerprint", 128)
    before = len(program.inputs)
    outcome = rule.program(program)
    named["rule"] = [[wires for owner, wires in program.inputs[before:] if owner == party] for party in "ab"]
    if arbiter:
        masks = [wires[:arbiter] for wires in named["escrow"]]
        outcome = program.apply(masked_circuit(arbiter), [outcome, *masks], 1)
    need(program.gates <= 2**19, "a program of more than one batch")
    return program, outcome, named


def masked_circuit(w):
    b = Builder()
    y, first, second = b.input(w), b.input(w), b.input(w)
    return b.build([b.xor(b.xor(y[i], first[i]), second[i]) for i in range(w)])


# Half gates


class HalfGates:
    """The semi-honest engine on one batch: keys and active labels of the evaluator's inputs come from COTs."""

    def __init__(self, negotiation, program, delta, seed, evaluator, keys, macs, values):
        self.negotiation, self.delta = negotiation, delta
        garbler = "b" if evaluator == "a" else "a"
        self.zero, self.active = {0: 0, 1: delta}, {0: 0, 1: 0}
        drawn = program.owned(garbler)
        labels = blocks(counter_stream(seed, 16 * len(drawn)))
        for wire, label in zip(drawn, labels):
            self.active[wire], self.zero[wire] = label, label ^ values[wire] * delta
        self.zero.update(zip(program.owned(evaluator), keys))
        self.active.update(zip(program.owned(evaluator), macs))
        self.number, tables = 0, []
        for _, _, kind, gates in program.groups:
            tables += self._ands(gates) if kind == AND else self._xors(gates)
        size = 8191
        self.tables = [joined(tables[2 * i : 2 * (i + size)]) for i in range(0, len(tables) // 2, size)]

    def _xors(self, gates):
        for left, right, out in gates:
            for labels in (self.zero, self.active):
                labels[out] = labels[left] ^ labels[right]
        return []

    def _ands(self, gates):
        tables, delta = [], self.delta
        for left, right, out in gates:
            g, self.number = self.number, self.number + 1
            key = tagged("label hash key", "half gates", self.negotiation, g >> 18)[:16]
            a, b, s, t = self.zero[left], self.zero[right], self.active[left], self.active[right]
            labels = [(a, 0), (a ^ delta, 0), (b, 1), (b ^ delta, 1), (s, 0), (t, 1)]
            a0, a1, b0, b1, ha, hb = davies(key, [sigma(x) ^ tweak(2 * g + i, 0) for x, i in labels])
            first = a0 ^ a1 ^ (b & 1) * delta
            second = b0 ^ b1 ^ a
            self.zero[out] = a0 ^ (a & 1) * first ^ b0 ^ (b & 1) * (second ^ a)
            self.active[out] = ha ^ (s & 1) * first ^ hb ^ (t & 1) * (second ^ s)
            tables += [first, second]
        return tables

    def opening(self, wires, number=0):
        """The fields of 0x42, those of 0x43, and the values."""
        colours = pack([self.zero[wire] & 1 for wire in wires])
        proof = tagged("yao output labels", self.negotiation, number, joined([self.active[wire] for wire in wires]))
        values = [(self.zero[wire] ^ self.active[wire]) & 1 for wire in wires]
        for wire, value in zip(wires, values):
            same(self.zero[wire] ^ value * self.delta, self.active[wire], f"the label of wire {wire}")
        return (colours,), (pack([self.active[wire] & 1 for wire in wires]), proof), values


# The authenticated engine. G and E are 0 and 1. A share is (M_G, K_G, M_E, K_E): an authenticated bit.

G, E = 0, 1
ROLES = ("garbler", "evaluator")
BUCKETS = ((280747, 3), (3052, 4), (320, 5), (84, 6), (34, 7))
NOTHING = (0, 0, 0, 0)


def sum_of(*shares):
    return tuple(map(total, zip(*shares)))


def bit_of(share):
    return (share[0] ^ share[2]) & 1


class Engine:
    """Both parties of one negotiation; `deltas` are Δ_G and Δ_E. `sent` has what each sends: types and fields."""

    def __init__(self, negotiation, deltas):
        self.id, self.deltas = negotiation, deltas
        self.t = tagged("authenticated transcript", negotiation)
        self.entered = tagged("authenticated inputs", self.t)
        self.triples, self.outputs, self.masks, self.proof_bits = [], [], ([], []), []
        self.sent = ([], [])

    def say(self, party, kind, *fields):
        self.sent[party].append((kind, fields))

    def absorb(self, *parts):
        self.t = tagged("authenticated transcript", self.t, *parts)

    def add_public(self, share, bit):
        if not bit:
            return share
        return share[0] ^ 1, share[1], share[2], share[3] ^ self.deltas[E] ^ 1

    def times_public(self, bit, share):
        return share if bit else NOTHING

    def opened(self, party, kind, step, shares, t=None):
        """The party opens its shares with MACs."""
        self.say(party, kind, *self.opening_of(party, step, [share[2 * party] for share in shares], t))

    def opening_of(self, party, step, macs, t=None):
        hashed = tagged("authenticated opening", t or self.t, ROLES[party], step, joined(macs))
        return pack([mac & 1 for mac in macs]), hashed

    # Preparation

    def begin_preparation(self, triples, garbler, evaluator, proofs, deal, coins, nonce):
        """Up to 0x53 of the evaluator and 0x54 of the garbler; deal(N) gives bits, and says its messages."""
        triples = max(triples, 34) if triples else 0
        self.absorb("preparation", triples, garbler, evaluator, proofs)
        t = self.prepared = self.t
        bucket = next((b for least, b in BUCKETS if triples >= least), 0)
        leaky = triples * bucket
        bits = iter(deal(3 * leaky + triples + garbler + evaluator + proofs))
        self.leaky = [[next(bits), next(bits), next(bits)] for _ in range(leaky)]
        self.outputs += [next(bits) for _ in range(triples)]
        masks = [[next(bits) for _ in range(count)] for count in (garbler, evaluator)]
        self.proof_bits += list(bits)
        self.bucket, self.coins = bucket, coins
        if triples:
            for party in (G, E):
                self.say(party, 0x50, self.coin_commitment(t, party))
            sums = self._leaky_ands(t, leaky)
        for party in (G, E):
            self.masks[party].extend(masks[party])
        if masks[G]:
            self.opened(E, 0x58, "input masks", masks[G], t)
        if triples:
            self._leaky_bits(sums)
        if masks[E]:
            self.opened(G, 0x58, "input masks", masks[E], t)
        if triples:
            self._equality(t, nonce)

    def coin_commitment(self, t, party):
        return tagged("authenticated coins", t, ROLES[party], "commitment", self.coins[party])

    def _leaky_ands(self, t, count):
        """Says 0x51, and gives S of both parties."""
        corrected, ciphertexts, hashes = [], [], []
        for p in (G, E):
            delta, m, k = self.deltas[p], 2 * p, 2 * p + 1
            own = [((x[k], y[k] ^ y[m] ^ (y[m] & 1) * delta), x[m]) for x, y, _ in self.leaky]
            corrected.append([c for (_, c), _ in own])
            plain = self._leaky_hash(t, [key for (key, _), _ in own], 1 + p)
            shifted = self._leaky_hash(t, [key ^ delta for (key, _), _ in own], 1 + p)
            macs = self._leaky_hash(t, [mac for _, mac in own], 2 - p)
            ciphertexts.append([x ^ y ^ c for x, y, c in zip(plain, shifted, corrected[p])])
            hashes.append([x ^ y for x, y in zip(plain, macs)])
            for i in range(0, count, 16384):
                self.say(p, 0x51, joined(ciphertexts[p][i : i + 16384]))
        sums = ([], [])
        for p in (G, E):
            m, k = 2 * p, 2 * p + 1
            for i, (x, _, r) in enumerate(self.leaky):
                s = hashes[p][i] ^ (x[m] & 1) * (ciphertexts[1 - p][i] ^ corrected[p][i])
                sums[p].append(s ^ r[k] ^ r[m] ^ (r[m] & 1) * self.deltas[p])
        return sums

    def _leaky_hash(self, t, values, domain):
        result = []
        for first in range(0, len(values), 2**17):
            key = tagged("label hash key", "leaky and", t, first >> 17)[:16]
            part = blocks(aes(key, joined(values[first : first + 2**17])))
            result += davies(key, [u ^ tweak(first + i, domain) for i, u in enumerate(part)])
            for i, u in enumerate(part):
                result[first + i] ^= tweak(first + i, domain)
        return result

    def _leaky_bits(self, sums):
        for p in (G, E):
            self.say(p, 0x52, pack([s >> 1 & 1 for s in sums[p]]))
        self.checks = []
        for i, (x, y, r) in enumerate(self.leaky):
            d = (sums[G][i] ^ sums[E][i]) >> 1 & 1
            self.leaky[i] = [x, y, self.add_public(r, d)]
            checks = [sums[p][i] ^ d * self.deltas[p] for p in (G, E)]
            same(checks[G], checks[E], f"leaky AND {i}")
            self.checks.append(checks[G])

    def digest(self, t, party):
        checks = tagged("authenticated equality", t, "garbler", "checks", joined(self.checks))
        return tagged("authenticated equality", t, ROLES[party], "digest", checks)

    def _equality(self, t, nonce):
        digests = [self.digest(t, p) for p in (G, E)]
        commitment = tagged("authenticated equality", t, "evaluator", "commitment", digests[E], nonce)
        self.say(E, 0x53, commitment)
        self.say(G, 0x54, digests[G], self.coins[G])
        self.opening = digests[E], nonce, self.coins[E]

    def end_preparation(self):
        """0x55 and 0x56: buckets, and the triples that come out."""
        t, bucket, both = self.prepared, self.bucket, b"".join(self.coins)
        self.say(E, 0x55, *self.opening)
        seed = tagged("authenticated coins", t, "garbler", "order", both)[:16]
        order = shuffled(seed, len(self.leaky))
        buckets = [[self.leaky[i] for i in order[j : j + bucket]] for j in range(0, len(order), bucket)]
        differences = [[sum_of(first[1], other[1]) for other in rest] for first, *rest in buckets]
        for p in (E, G):
            self.opened(p, 0x56, "differences", [share for shares in differences for share in shares], t)
        for members, shares in zip(buckets, differences):
            products = [self.times_public(bit_of(d), one[0]) for d, one in zip(shares, members[1:])]
            x, z = sum_of(*(one[0] for one in members)), sum_of(*(one[2] for one in members), *products)
            same(bit_of(z), bit_of(x) & bit_of(members[0][1]), "a triple")
            self.triples.append((x, members[0][1], z))
        self.absorb("coins", tagged("authenticated coins", t, "garbler", "binding", both))

    # A batch

    def demand(self, program, garbler, proofs):
        """What a batch needs that the pools do not have."""
        evaluator = "b" if garbler == "a" else "a"
        inputs = [len(program.owned(owner)) for owner in (garbler, evaluator)]
        self.absorb("inputs", *inputs)
        triples = program.gates - min(len(self.triples), len(self.outputs))
        missing = [triples, *(inputs[p] - len(self.masks[p]) for p in (G, E)), proofs - len(self.proof_bits)]
        return [max(0, value) for value in missing]

    def enter(self, program, garbler, values):
        """Masks of the inputs, and 0x59; values are by wire."""
        owners = (garbler, "b" if garbler == "a" else "a")
        self.share, self.masked, packed = {0: NOTHING, 1: NOTHING}, {0: 0, 1: 1}, [b"", b""]
        self.inputs = [wire for owner in owners for wire in program.owned(owner)]
        for party, owner in enumerate(owners):
            for wire in program.owned(owner):
                self.share[wire] = self.masks[party].pop(0)
                self.masked[wire] = values[wire] ^ bit_of(self.share[wire])
            packed[party] = pack([self.masked[wire] for wire in program.owned(owner)])
        self.entered = tagged("authenticated inputs", self.entered, *packed)
        return packed

    def say_inputs(self, packed):
        for party in (G, E):
            if packed[party]:
                self.say(party, 0x59, packed[party])

    def absorb_circuits(self, program):
        for circuit, copies in program.applied:
            self.absorb("apply", circuit.digest(), copies)

    def fit(self, program):
        """0x57; takes the triples and masks of all gates."""
        self.absorb_circuits(program)
        self.gates, fits = {}, ([], [])
        for _, _, kind, gates in program.groups:
            for left, right, out in gates:
                if kind == XOR:
                    self.share[out] = sum_of(self.share[left], self.share[right])
                    continue
                x, y, z = self.triples.pop(0)
                self.share[out] = self.outputs.pop(0)
                pair = sum_of(self.share[left], x), sum_of(self.share[right], y)
                for fit, share in zip(fits, pair):
                    fit.append(share)
                a, b = map(bit_of, pair)
                sigma_share = sum_of(z, self.times_public(a, y), self.times_public(b, x))
                self.gates[out] = len(self.gates), self.add_public(sigma_share, a & b)
        if program.gates:
            padding = [NOTHING] * (-len(fits[0]) % 8)
            for p in (E, G):
                self.opened(p, 0x57, "fits", [*fits[0], *padding, *fits[1]])

    def label_inputs(self, seed):
        """Labels of inputs whose masked values are known: 0x60."""
        key = tagged("authenticated input labels", self.t, "garbler", "input labels", seed)[:16]
        drawn = blocks(counter_stream(key, 16 * len(self.inputs)))
        self.zeros = {}
        for wire, label in zip(self.inputs, drawn):
            self.zeros[wire] = (label & ~1) ^ self.masked[wire] * (self.deltas[G] ^ 1)
        if self.inputs:
            self.say(G, 0x60, seed)

    def set_labels(self, program, zeros):
        """The labels of zero of all inputs, in order, where they are drawn before masked values are known."""
        need(len(zeros) == len(self.inputs), "labels of zero")
        wires = [wire for _, wires in program.inputs for wire in wires]
        need(all(zero & 1 == 0 for zero in zeros), "bit 0 of a label of zero")
        self.zeros = dict(zip(wires, zeros))

    def say_labels(self, program, garbler):
        """0x5a, in place of 0x60."""
        for owner in (garbler, "b" if garbler == "a" else "a"):
            if program.owned(owner):
                self.say(G, 0x5A, joined([self.active[wire] for wire in program.owned(owner)]))

    def garble(self, program):
        """0x5b, with the labels of zero of the inputs in `zeros`; T is T_g."""
        self.gates_t, delta = self.t, self.deltas[G]
        self.active, self.zero = {0: 0, 1: 1}, {0: 0, 1: delta ^ 1, **self.zeros}
        for wire in self.inputs:
            self.active[wire] = self.zero[wire] ^ self.masked[wire] * delta
        self.epoch, self.hashed = 0, 0
        for _, groups in groupby(program.groups, key=lambda group: group[0]):
            tables, permutes = [], []
            for _, copies, kind, gates in groups:
                if kind == XOR:
                    self._add_labels(gates)
                    continue
                size = max(1, 2048 // copies) * copies
                for first in range(0, len(gates), size):
                    self._garble(self.gates_t, gates[first : first + size], tables, permutes)
            if permutes:
                self.say(G, 0x5B, joined(tables), pack(permutes))

    def _add_labels(self, gates):
        for left, right, out in gates:
            for values in (self.zero, self.active, self.masked):
                values[out] = values[left] ^ values[right]

    def _garble(self, t, gates, tables, permutes):
        if self.hashed + len(gates) > 2**18:
            self.epoch, self.hashed = self.epoch + 1, 0
        self.hashed += len(gates)
        key, delta, inputs = tagged("label hash key", "authenticated gate", t, self.epoch)[:16], self.deltas[G], []
        for left, right, out in gates:
            number = self.gates[out][0]
            for wire, domain in ((left, 16), (right, 18)):
                labels = self.zero[wire], self.zero[wire] ^ delta, self.active[wire]
                inputs += [sigma(label) ^ tweak(number, domain) for label in labels]
        hashes = iter(davies(key, inputs))
        for left, right, out in gates:
            a0, a1, a, b0, b1, b = (next(hashes) for _ in range(6))
            alpha, beta, gamma, fit = self.share[left], self.share[right], self.share[out], self.gates[out][1]
            own = [share[1] ^ (share[0] & 1) * delta for share in (alpha, beta, fit, gamma)]
            first, second = a0 ^ a1 ^ own[1], b0 ^ b1 ^ self.zero[left] ^ own[0]
            label = a0 ^ b0 ^ own[2] ^ own[3]
            self.zero[out], permute = label & ~1, label & 1
            x, y = self.masked[left], self.masked[right]
            found = a ^ b ^ fit[2] ^ gamma[2] ^ permute
            found ^= x * (first ^ beta[2]) ^ y * (second ^ alpha[2] ^ self.active[left])
            self.active[out], self.masked[out] = found, found & 1
            same(found, self.zero[out] ^ (found & 1) * delta, f"the label of gate {self.gates[out][0]}")
            tables += [first, second]
            permutes.append(permute)
            self.gates[out] = (*self.gates[out], self._check_of(left, right, out))

    def _check_of(self, left, right, out):
        x, y = self.masked[left], self.masked[right]
        operands = self.times_public(x, self.share[right]), self.times_public(y, self.share[left])
        share = sum_of(self.gates[out][1], self.share[out], *operands)
        own = (share[2] & 1) ^ x & y ^ self.masked[out]
        same(share[0], share[3] ^ own * self.deltas[E], "a gate's check")
        return share[0]

    def check_gates(self):
        """0x5c and 0x5d."""
        t = self.gates_t
        if not self.gates:
            return
        labels = joined([self.active[out] for out in self.gates])
        digest = tagged("authenticated labels", t, "evaluator", "masked gates", labels)
        self.say(E, 0x5C, pack([self.masked[out] for out in self.gates]), digest)
        macs = joined([check for _, _, check in self.gates.values()])
        self.say(G, 0x5D, tagged("authenticated gates", t, "garbler", "gate check", macs))

    def reveal(self, wires):
        """0x5e of both, and the values."""
        for p in (G, E):
            self.absorb("outputs", len(wires))
            self.opened(p, 0x5E, "outputs", [self.share[wire] for wire in wires])
        return [self.masked[wire] ^ bit_of(self.share[wire]) for wire in wires]


def shuffled(seed, count):
    order = list(range(count))
    data = counter_stream(seed, 16 * count + 256) if count else b""
    words = iter([int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)])
    for last in range(count - 1, 0, -1):
        b = last + 1
        word = next(w for w in words if w * b % 2**32 >= 2**32 % b)
        order[last], order[word * b >> 32] = order[word * b >> 32], order[last]
    return order
