"""Boolean circuits: the builder, its gadgets, digests and schedules (docs/wire.md, Part 4).

A gate is (kind, left, right), with wires for operands; kind is 0 for XOR and 1 for AND. Everything is made in the
order in which the page writes it, since the numbers of the gates follow from it.
"""

from functools import lru_cache
from itertools import groupby

from primitives import need, tagged

XOR, AND = 0, 1
ZERO, ONE = 0, 1


def words32(numbers):
    return b"".join(value.to_bytes(4, "little") for value in numbers)


class Circuit:
    def __init__(self, inputs, outputs, gates, output_wires):
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.gates, self.output_wires = [tuple(gate) for gate in gates], list(output_wires)
        self.first = 2 + sum(self.inputs)
        self.ands = sum(kind for kind, _, _ in self.gates)
        for number, (kind, left, right) in enumerate(self.gates):
            need(kind in (XOR, AND) and max(left, right) < self.first + number, f"gate {number}")
        need(sum(self.outputs) == len(self.output_wires), "widths of a circuit's outputs")

    def digest(self):
        kinds, left, right = zip(*self.gates) if self.gates else ((), (), ())
        parts = [words32(self.inputs), words32(self.outputs), bytes(kinds), words32(left), words32(right)]
        return tagged("circuit digest", *parts, words32(self.output_wires), self.ands)

    def values(self, bits):
        values = [0, 1, *bits]
        for kind, left, right in self.gates:
            values.append(values[left] & values[right] if kind else values[left] ^ values[right])
        return values

    def evaluate(self, bits):
        values = self.values(bits)
        return [values[wire] for wire in self.output_wires]

    @lru_cache(maxsize=None)
    def schedule(self):
        """The order of the gates as a list of (layer, kind, gates), and the number of slots."""
        earliest = self._earliest()
        layers = 1 + max(earliest, default=0)
        orders = [self._order(self._latest(earliest, layers, moves)) for moves in ((), (XOR,), (XOR, AND))]
        counted = [(self._slots(order), order) for order in orders]
        slots, order = min(counted, key=lambda pair: pair[0])
        return order, slots

    def _earliest(self):
        layers = []
        for _, left, right in self.gates:
            gates = [wire - self.first for wire in (left, right) if wire >= self.first]
            layers.append(max((layers[gate] + self.gates[gate][0] for gate in gates), default=0))
        return layers

    def _latest(self, earliest, layers, moves):
        """The layers when the gates of the kinds in moves go as late as their readers allow."""
        result, limit = list(earliest), [layers - 1] * len(earliest)
        for gate in reversed(range(len(self.gates))):
            kind, left, right = self.gates[gate]
            if kind in moves:
                result[gate] = limit[gate]
            for operand in (left - self.first, right - self.first):
                if operand >= 0:
                    limit[operand] = min(limit[operand], result[gate] - self.gates[operand][0])
        return result

    def _order(self, layers):
        ordered = sorted(range(len(self.gates)), key=lambda gate: (layers[gate], self.gates[gate][0]))
        groups = groupby(ordered, key=lambda gate: (layers[gate], self.gates[gate][0]))
        return [(layer, kind, list(gates)) for (layer, kind), gates in groups]

    def _slots(self, order):
        """An XOR gate is a step by itself, and all AND gates of a layer are one."""
        steps = []
        for _, kind, gates in order:
            steps += [gates] if kind else [[gate] for gate in gates]
        last = {}
        for step, gates in enumerate(steps):
            for gate in gates:
                last.setdefault(self.first + gate, step)
                last.update(dict.fromkeys(self.gates[gate][1:], step))
        kept = {0, 1, *self.output_wires}
        free = sum(wire not in last and wire not in kept for wire in range(2, self.first))
        slots = self.first
        for step, gates in enumerate(steps):
            wires = {wire for gate in gates for wire in (*self.gates[gate][1:], self.first + gate)}
            freed = sum(last[wire] == step and wire not in kept for wire in wires)
            one = self.gates[gates[0]][0] == XOR
            own = one and last[self.first + gates[0]] == step and self.first + gates[0] not in kept
            if one:
                free += freed - own
            taken = min(free, len(gates))
            free, slots = free - taken, slots + len(gates) - taken
            free += own if one else freed
        return slots

    def units(self, copies, room):
        """Numbers of copies that are worked on together."""
        most = max(1, room // (16 * self.schedule()[1]))
        return [min(most, copies - first) for first in range(0, copies, most)]


class Builder:
    def __init__(self):
        self.gates = {}  # by node: (kind, left, right); the operands are bits, 2·node + complement
        self.inputs, self.widths, self.nodes = [], [], 1
        self.made = {}

    def input(self, width):
        nodes = range(self.nodes, self.nodes + width)
        self.nodes += width
        self.inputs += nodes
        self.widths.append(width)
        return [2 * node for node in nodes]

    def _gate(self, kind, left, right):
        key = (kind, left >> 1, right >> 1)
        if key not in self.made:
            self.gates[self.nodes] = (kind, left, right)
            self.made[key] = self.nodes
            self.nodes += 1
        return self.made[key]

    def xor(self, x, y):
        c = (x ^ y) & 1
        low, high = sorted((x >> 1, y >> 1))
        if low == high:
            return c
        if low == 0:
            return 2 * high + c
        kind, left, right = self.gates.get(high, (None, 0, 0))
        if kind == XOR and left == 2 * low:
            return right ^ c
        if kind == XOR and right == 2 * low:
            return left ^ c
        return 2 * self._gate(XOR, 2 * low, 2 * high) + c

    def and_(self, x, y):
        low, high = sorted((x, y))
        if low == ZERO or low == high ^ 1:
            return ZERO
        if low in (ONE, high):
            return high
        kind, left, right = self.gates.get(high >> 1, (None, 0, 0))
        if kind == AND and not high & 1:
            if low in (left, right):
                return high
            if low ^ 1 in (left, right):
                return ZERO
        node = self._gate(AND, low, high)
        _, left, right = self.gates[node]
        result = 2 * node
        if low != left:
            result = self.xor(result, right)
        if high != right:
            result = self.xor(result, low)
        return result

    def or_(self, x, y):
        return self.and_(x ^ 1, y ^ 1) ^ 1

    def build(self, *groups):
        """The circuit of these groups of output bits."""
        marked, waiting = set(), [bit >> 1 for group in groups for bit in group]
        while waiting:
            node = waiting.pop()
            if node not in marked:
                marked.add(node)
                waiting += [bit >> 1 for bit in self.gates.get(node, ())[1:]]
        wires = {0: 0, 1: 1, **{2 * node: 2 + i for i, node in enumerate(self.inputs)}}
        gates = []

        def append(gate):
            gates.append(gate)
            return 1 + len(self.inputs) + len(gates)

        def wire(bit):
            if bit not in wires:
                wires[bit] = append((XOR, wires[bit ^ 1], 1))
            return wires[bit]

        for node in sorted(marked & set(self.gates)):
            kind, left, right = self.gates[node]
            wires[2 * node] = append((kind, wire(left), wire(right)))
        outputs = [wire(bit) for group in groups for bit in group]
        return Circuit(self.widths, map(len, groups), gates, outputs)

    # Gadgets: words are lists of bits, lowest first

    def xor_words(self, x, y):
        return [self.xor(a, b) for a, b in zip(x, y, strict=True)]

    def mask(self, x, bit):
        return [self.and_(a, bit) for a in x]

    def all_of(self, x):
        while len(x) > 1:
            x = [self.and_(*x[i : i + 2]) if i + 1 < len(x) else x[i] for i in range(0, len(x), 2)]
        return x[0] if x else ONE

    def any_of(self, x):
        return self.all_of(not_word(x)) ^ 1

    def add(self, x, y, carry=ZERO):
        total = []
        for a, b in zip(x, y, strict=True):
            f = self.xor(a, carry)
            total.append(self.xor(f, b))
            p = self.and_(f, self.xor(b, carry))
            carry = self.xor(carry, p)
        return [*total, carry]

    def add_modulo(self, x, y, carry=ZERO):
        return self.add(x, y, carry)[:-1]

    def subtract(self, x, y, borrow=ZERO):
        *difference, top = self.add(x, not_word(y), borrow ^ 1)
        return difference, top ^ 1

    def less_than(self, x, y):
        return self.subtract(x, y)[1]

    def less_or_equal(self, x, y):
        return self.less_than(y, x) ^ 1

    def select(self, bit, yes, no):
        return [self.xor(n, self.and_(bit, self.xor(y, n))) for y, n in zip(yes, no, strict=True)]

    def maximum(self, x, y):
        return self.select(self.less_than(y, x), x, y)

    def minimum(self, x, y):
        return self.select(self.less_than(y, x), y, x)

    def multiply(self, x, y):
        long, short = (x, y) if len(x) >= len(y) else (y, x)
        product, upper = [], [ZERO] * len(long)
        for bit in short:
            low, *upper = self.add(upper, self.mask(long, bit))
            product.append(low)
        return product + upper

    def best(self, candidates):
        """The payload and key of the best of some pairs of key and payload; tournament below."""

        def better(p, q):
            take = self.less_than(p[0], q[0])
            return self.select(take, q[0], p[0]), self.select(take, q[1], p[1])

        return tournament(candidates, better)

    def product_with_constant(self, x, k):
        n = len(x)
        low, upper, carry, coefficient, place = [], [ZERO], ZERO, 0, 0
        for at, sign in digits_for(k, n):
            while place < at:
                low.append(self.xor(upper[0], carry))
                carry = self.and_(upper[0], carry)
                upper = upper[1:] or upper
                place += 1
            first = coefficient == 0
            coefficient += sign << place
            extreme = coefficient * (2**n - 1) >> place
            size = (-extreme - 1).bit_length() + 1 if coefficient < 0 else extreme.bit_length()
            upper, addend = sign_extend(upper, size), sign_extend([*x, ZERO], size)
            if sign == 1:
                upper, carry = self.add_modulo(upper, addend, carry), ZERO
            elif first:
                upper, carry = not_word([*x, ZERO]), ONE
            else:
                if carry != ZERO:
                    upper = self.add_modulo(upper, [ZERO] * size, carry)
                upper, carry = self.add_modulo(upper, not_word(addend), ONE), ZERO
            if coefficient >= 0:
                upper = [*upper, ZERO]
        return resize(low + upper, n + k.bit_length())

    def divide_by_constant(self, x, k):
        """Quotient and remainder."""
        shift = (k & -k).bit_length() - 1
        odd, below, above = k >> shift, x[:shift], x[shift:]
        size = odd.bit_length()
        if len(above) < size:
            return [ZERO], x
        if odd == 1:
            return above, below
        divisor, steps = constant(odd, size + 1), len(above) - size + 1
        running, quotient = extend(above[steps:], size + 1), [ZERO] * steps
        for i in reversed(range(steps)):
            down = running[size] ^ 1
            shifted = [above[i], *running[:size]]
            running = self.add_modulo(shifted, [self.xor(d, down) for d in divisor], down)
            quotient[i] = running[size] ^ 1
        correction = [self.and_(d, running[size]) for d in divisor[:size]]
        return quotient, below + self.add(running[:size], correction)[:size]

    def one_hot(self, x):
        bits = [ONE]
        for bit in x:
            high = [self.and_(e, bit) for e in bits]
            bits = self.xor_words(bits, high) + high
        return bits

    def lookup(self, index, table, width):
        n = len(index)
        a = min(range(n + 1), key=lambda a: 2 ** (n - a) + (width + 1) * 2**a)
        low, high, cut = self.one_hot(index[: n - a]), self.one_hot(index[n - a :]), 2 ** (n - a)
        made, result = {}, [ZERO] * width

        def subset(group, members):
            if not members:
                return ZERO
            if (group, members) not in made:
                rest = subset(group, members[1:])
                made[group, members] = self.xor(rest, low[8 * group + members[0]])
            return made[group, members]

        for h in range(2**a):
            sums = [ZERO] * width
            for group in range((cut + 7) // 8):
                entries = table[h * cut + 8 * group : h * cut + min(8 * group + 8, cut)]
                for j in range(width):
                    members = tuple(i for i, entry in enumerate(entries) if entry >> j & 1)
                    sums[j] = self.xor(sums[j], subset(group, members))
            result = [self.xor(result[j], self.and_(high[h], sums[j])) for j in range(width)]
        return result


def not_word(x):
    return [bit ^ 1 for bit in x]


def constant(value, width):
    return [value >> i & 1 for i in range(width)]


def extend(x, size):
    return x + [ZERO] * (size - len(x))


def resize(x, size):
    return extend(x[:size], size)


def sign_extend(x, size):
    return x[:size] + [x[-1]] * (size - len(x))


def tournament(candidates, better):
    while len(candidates) > 1:
        pairs = [candidates[i : i + 2] for i in range(0, len(candidates), 2)]
        candidates = [better(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return candidates[0]


def digits_for(k, n):
    """The digits of k, as (place, sign), of the cheaper of its two forms for a factor of n bits."""
    binary = [(i, 1) for i in range(k.bit_length()) if k >> i & 1]
    signed, rest, place = [], k, 0
    while rest:
        if rest & 1:
            signed.append((place, 2 - (rest & 3)))
            rest -= signed[-1][1]
        rest, place = rest >> 1, place + 1
    extra = 0
    if signed and signed[0][1] == -1:
        extra = min(n, signed[1][0] - signed[0][0]) if signed[1][1] == 1 else n
    return signed if len(signed) * n + extra < len(binary) * n else binary
