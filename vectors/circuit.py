"""The builder, the gadgets, the circuits of price rules and the order of gates (Part 4 of docs/wire.md).

A word is a list of bits, lowest first; a bit is 2·node + c.
"""

from dataclasses import dataclass
from functools import cached_property

from primitives import need, tagged

ZERO, ONE = 0, 1
XOR, AND, INPUT = 0, 1, 2


@dataclass
class Circuit:
    inputs: list
    outputs: list
    kinds: list
    left: list
    right: list
    output_wires: list

    @cached_property
    def digest(self):
        def u32(numbers):
            return b"".join(value.to_bytes(4, "little") for value in numbers)

        parts = (u32(self.inputs), u32(self.outputs), bytes(self.kinds), u32(self.left), u32(self.right))
        return tagged("circuit digest", *parts, u32(self.output_wires), sum(self.kinds))

    @property
    def first_gate(self):
        return 2 + sum(self.inputs)

    def evaluate(self, bits):
        """The output bits for the bits of all inputs."""
        wires = [0, 1, *bits]
        need(len(wires) == self.first_gate, "other inputs than the circuit has")
        for kind, a, b in zip(self.kinds, self.left, self.right):
            wires.append(wires[a] & wires[b] if kind == AND else wires[a] ^ wires[b])
        return [wires[wire] for wire in self.output_wires]

    @cached_property
    def schedule(self):
        """The gates in the order in which engines work on them, layer by layer, and the number of slots."""
        early = self._earliest()
        orders = [early, self._latest(early, (XOR,)), self._latest(early, (XOR, AND))]
        orders = [self._layers(layer) for layer in orders]
        slots = [self._slots(order) for order in orders]
        return orders[slots.index(min(slots))], min(slots)

    def _earliest(self):
        layer, first = [], self.first_gate
        for operands in zip(self.left, self.right):
            gates = [wire - first for wire in operands if wire >= first]
            layer.append(max([layer[g] + (self.kinds[g] == AND) for g in gates], default=0))
        return layer

    def _latest(self, early, movable):
        highest, layer, first = [max(early, default=0)] * len(early), list(early), self.first_gate
        for g in range(len(early) - 1, -1, -1):
            if self.kinds[g] in movable:
                layer[g] = highest[g]
            for wire in (self.left[g], self.right[g]):
                if wire >= first:
                    operand = wire - first
                    highest[operand] = min(highest[operand], layer[g] - (self.kinds[operand] == AND))
        return layer

    def _layers(self, layer):
        """For each layer its XOR gates and its AND gates."""
        layers = [([], []) for _ in range(max(layer, default=-1) + 1)]
        for g, at in enumerate(layer):
            layers[at][self.kinds[g]].append(g)
        return layers

    def _slots(self, layers):
        first, kept = self.first_gate, {0, 1, *self.output_wires}
        last = {}
        moments = [group for xors, ands in layers for group in (*([g] for g in xors), ands)]
        for at, group in enumerate(moments):
            for g in group:
                last[self.left[g]] = last[self.right[g]] = at
        free = sum(wire not in last and wire not in kept for wire in range(2, first))
        count = first
        for at, group in enumerate(moments):
            operands = {wire for g in group for wire in (self.left[g], self.right[g])}
            done = sum(last[wire] == at and wire not in kept for wire in operands)
            unread = sum(first + g not in last and first + g not in kept for g in group)
            if group and self.kinds[group[0]] == XOR:
                free, done = free + done, 0
            taken = min(free, len(group))
            free, count = free - taken + done + unread, count + len(group) - taken
        return count


class Builder:
    def __init__(self):
        self.kinds, self.left, self.right = [None], [0], [0]
        self.known = {}
        self.inputs, self.outputs = [], []

    def _node(self, kind, left=0, right=0):
        self.kinds.append(kind)
        self.left.append(left)
        self.right.append(right)
        return len(self.kinds) - 1

    def input(self, width):
        self.inputs.append(width)
        return [2 * self._node(INPUT) for _ in range(width)]

    def output(self, word):
        self.outputs.append(list(word))

    def xor(self, x, y):
        c = (x ^ y) & 1
        low, high = sorted((x >> 1, y >> 1))
        if low == high:
            return c
        if low == 0:
            return 2 * high + c
        if self.kinds[high] == XOR:
            if self.left[high] == 2 * low:
                return self.right[high] ^ c
            if self.right[high] == 2 * low:
                return self.left[high] ^ c
        if (XOR, low, high) not in self.known:
            self.known[XOR, low, high] = self._node(XOR, 2 * low, 2 * high)
        return 2 * self.known[XOR, low, high] + c

    def and_(self, x, y):
        low, high = sorted((x, y))
        if low == ZERO or low == high ^ 1:
            return ZERO
        if low == ONE or low == high:
            return high
        node = high >> 1
        if self.kinds[node] == AND and not high & 1:
            operands = (self.left[node], self.right[node])
            if low in operands:
                return high
            if low ^ 1 in operands:
                return ZERO
        pair = (AND, low >> 1, high >> 1)
        if pair not in self.known:
            self.known[pair] = self._node(AND, low, high)
            return 2 * self.known[pair]
        node = self.known[pair]
        result = 2 * node
        if low != self.left[node]:
            result = self.xor(result, self.right[node])
        if high != self.right[node]:
            result = self.xor(result, low)
        return result

    def or_(self, x, y):
        return self.and_(x ^ 1, y ^ 1) ^ 1

    def build(self):
        needed = [False] * len(self.kinds)
        for word in self.outputs:
            for bit in word:
                needed[bit >> 1] = True
        for node in range(len(self.kinds) - 1, 0, -1):
            if needed[node] and self.kinds[node] in (XOR, AND):
                needed[self.left[node] >> 1] = needed[self.right[node] >> 1] = True
        wires, kinds, left, right = {ZERO: 0, ONE: 1}, [], [], []
        for node, kind in enumerate(self.kinds):
            if kind == INPUT:
                wires[2 * node] = len(wires)
        first = len(wires)

        def gate(kind, a, b):
            kinds.append(kind)
            left.append(a)
            right.append(b)
            return first + len(kinds) - 1

        def wire(bit):
            if bit not in wires:
                wires[bit] = gate(XOR, wires[bit ^ 1], 1)
            return wires[bit]

        for node, kind in enumerate(self.kinds):
            if needed[node] and kind in (XOR, AND):
                a, b = wire(self.left[node]), wire(self.right[node])
                wires[2 * node] = gate(kind, a, b)
        output_wires = [wire(bit) for word in self.outputs for bit in word]
        return Circuit(self.inputs, [len(word) for word in self.outputs], kinds, left, right, output_wires)

    # gadgets

    def xor_words(self, x, y):
        return [self.xor(a, b) for a, b in zip(x, y, strict=True)]

    def mask(self, x, bit):
        return [self.and_(b, bit) for b in x]

    def all_of(self, bits):
        bits = list(bits) or [ONE]
        while len(bits) > 1:
            pairs = [self.and_(bits[i], bits[i + 1]) for i in range(0, len(bits) - 1, 2)]
            bits = pairs + (bits[-1:] if len(bits) & 1 else [])
        return bits[0]

    def any_of(self, bits):
        return self.all_of(inverted(bits)) ^ 1

    def add(self, x, y, carry=ZERO):
        total = []
        for a, b in zip(x, y, strict=True):
            f = self.xor(a, carry)
            total.append(self.xor(f, b))
            t = self.xor(b, carry)
            carry = self.xor(carry, self.and_(f, t))
        return [*total, carry]

    def add_modulo(self, x, y, carry=ZERO):
        return self.add(x, y, carry)[:-1]

    def subtract(self, x, y, borrow=ZERO):
        """The difference, and whether it is negative."""
        total = self.add(x, inverted(y), borrow ^ 1)
        return total[:-1], total[-1] ^ 1

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
        upper, low = [ZERO] * len(long), []
        for bit in short:
            low_bit, *upper = self.add(upper, self.mask(long, bit))
            low.append(low_bit)
        return low + upper

    def product_with_constant(self, x, k):
        n = len(x)
        low, upper, carry, coefficient, place = [], [ZERO], ZERO, 0, 0
        for at, sign in digits(k, n):
            while place < at:
                low.append(self.xor(upper[0], carry))
                carry = self.and_(upper[0], carry)
                upper = upper[1:] if len(upper) > 1 else upper
                place += 1
            first = coefficient == 0
            coefficient += sign << place
            extreme = (coefficient * (2**n - 1)) >> place
            size = (-extreme - 1).bit_length() + 1 if coefficient < 0 else extreme.bit_length()
            upper, addend = sign_extend(upper, size), sign_extend([*x, ZERO], size)
            if sign == 1:
                upper, carry = self.add_modulo(upper, addend, carry), ZERO
            elif first:
                upper, carry = inverted([*x, ZERO]), ONE
            else:
                if carry != ZERO:
                    upper = self.add_modulo(upper, [ZERO] * size, carry)
                upper, carry = self.add_modulo(upper, inverted(addend), ONE), ZERO
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
        for i in range(steps - 1, -1, -1):
            down = running[size] ^ 1
            shifted = [above[i], *running[:size]]
            running = self.add_modulo(shifted, [self.xor(d, down) for d in divisor], down)
            quotient[i] = running[size] ^ 1
        correction = [self.and_(d, running[size]) for d in divisor[:size]]
        return quotient, below + self.add(running[:size], correction)[:size]


def constant(value, width):
    return [value >> i & 1 for i in range(width)]


def inverted(x):
    return [bit ^ 1 for bit in x]


def extend(x, n):
    return [*x, *[ZERO] * (n - len(x))]


def resize(x, n):
    return extend(x[:n], n)


def sign_extend(x, n):
    return (x + x[-1:] * (n - len(x)))[:n]


def digits(k, n):
    """The digits (place, sign) of k, binary or in non-adjacent form, whichever is cheaper for n bits."""
    binary = [(i, 1) for i in range(k.bit_length()) if k >> i & 1]
    adjacent, rest, place = [], k, 0
    while rest:
        if rest & 1:
            adjacent.append((place, 2 - (rest & 3)))
            rest -= adjacent[-1][1]
        rest, place = rest >> 1, place + 1
    extra = 0
    if adjacent and adjacent[0][1] == -1:
        extra = min(n, adjacent[1][0] - adjacent[0][0]) if adjacent[1][1] == 1 else n
    return adjacent if len(adjacent) * n + extra < len(binary) * n else binary


# Price rules


class PriceCircuit(Builder):
    """The circuit of the terms of a price rule; terms are those of documents.py."""

    def __init__(self, terms):
        super().__init__()
        self.terms, self.width = terms, terms.width
        self.last = constant(terms.count - 1, self.width)
        entry, word, rounds = terms.sealed_bits, terms.width + 1, terms.rounds
        a, b = self.input(entry), self.input(entry)
        meetings, met = [], []
        for r in range(rounds):
            meetings.append(self.meet(a[r * word : (r + 1) * word], b[r * word : (r + 1) * word]))
            met.append(self.met(meetings[-1]))
        seller, surplus = meetings[-1]["seller"], meetings[-1]["surplus"]
        round_bits = terms.round_bits
        round_number = constant(rounds - 1, round_bits)
        for r in range(rounds - 2, -1, -1):
            seller = self.select(met[r], meetings[r]["seller"], seller)
            surplus = self.select(met[r], meetings[r]["surplus"], surplus)
            round_number = self.select(met[r], constant(r, round_bits), round_number)
        deal = self.any_of(met)
        share = rounds * word + (terms.near is not None)
        index, fits = self.price(seller, surplus, a[share:], b[share:])
        deal = deal if fits is None else self.and_(deal, fits)
        self.output([deal])
        if rounds > 1:
            self.output(self.mask(round_number, deal))
        if index is not None:
            self.output(self.mask(index, deal))
        if terms.near is not None:
            opted = self.and_(a[rounds * word], b[rounds * word])
            near = self.near(meetings[-1])
            self.output([self.and_(self.and_(near, opted), deal ^ 1)])

    def meet(self, s, b):
        w = self.width
        surplus, borrow = self.subtract(b[:w], s[:w], b[w])
        met = self.and_(borrow ^ 1, s[w] ^ 1)
        in_range = self.less_or_equal(b[:w], self.last)
        deal = self.and_(met, in_range)
        return {
            "s": s,
            "b": b,
            "seller": s[:w],
            "surplus": surplus,
            "borrow": borrow,
            "in range": in_range,
            "deal": deal,
        }

    def near(self, meeting):
        terms, w = self.terms, self.width
        gap = (terms.count - 1) * terms.near // 10_000
        if gap == 0:
            return ZERO
        close = self.less_than(inverted(meeting["surplus"]), constant(gap, w))
        abstains = self.any_of([meeting["s"][w], meeting["b"][w]])
        below = self.less_or_equal(meeting["seller"], self.last)
        return self.all_of([meeting["borrow"], close, abstains ^ 1, meeting["in range"], below])

    def met(self, meeting):
        """Whether there is a deal in a round, as far as the rule knows it without randomness."""
        terms, seller, surplus = self.terms, meeting["seller"], meeting["surplus"]
        if terms.posted is not None:
            index = constant((terms.posted - terms.low) // terms.step, self.width)
            return self.and_(meeting["deal"], self._in_zone(index, seller, surplus))
        if terms.grid is not None:
            below, highest = self._bounds(seller, surplus)
            return self.and_(meeting["deal"], self.less_than(below, highest))
        return meeting["deal"]

    def _in_zone(self, index, seller, surplus):
        difference, borrow = self.subtract(index, seller)
        return self.and_(borrow ^ 1, self.less_or_equal(difference, surplus))

    def price(self, seller, surplus, share_a, share_b):
        """The index of the price, and whether it fits, where the rule has them."""
        terms, w = self.terms, self.width
        if terms.rule == "split":
            return (self._split if terms.grid is None else self._on_grid)(seller, surplus), None
        if terms.rule == "random-split":
            points = self.add(surplus, [ZERO] * w, ONE)
            product = self.multiply(points, self.xor_words(share_a, share_b))
            k = w + 40
            return self.add_modulo(seller, product[k : k + w]), None
        if terms.rule == "posted-price" and terms.posted is None:
            remainder = self.divide_by_constant(self.add(share_a, share_b), terms.count)[1]
            index = resize(remainder, w)
            return index, self._in_zone(index, seller, surplus)
        return None, None

    def _split(self, seller, surplus):
        p, q = self.terms.share
        quotient = self.divide_by_constant(self.product_with_constant(surplus, p), q)[0]
        return self.add_modulo(seller, resize(quotient, self.width))

    # multiples of a grid

    @property
    def _stride(self):
        return self.terms.grid // self.terms.step

    @property
    def _before(self):
        offset = self.terms.low % self.terms.grid
        return offset // self.terms.step if offset else self._stride

    @property
    def _largest(self):
        return self.terms.count - 1 + self._before + self._stride // 2

    @property
    def _number_width(self):
        return max(1, (self._largest // self._stride).bit_length())

    def _up_to(self, index, bias):
        wide = max(self._largest.bit_length(), len(index))
        total = self.add(extend(index, wide), constant(self._before + bias, wide))
        quotient = self.divide_by_constant(total[: self._largest.bit_length()], self._stride)[0]
        return resize(quotient, self._number_width)

    def _bounds(self, seller, surplus):
        buyer = self.add_modulo(seller, surplus)
        return self._up_to(seller, -1), self._up_to(buyer, 0)

    def _on_grid(self, seller, surplus):
        index = self._split(seller, surplus)
        below, highest = self._bounds(seller, surplus)
        lowest = self.add_modulo(below, constant(1, self._number_width))
        nearest = self._up_to(index, self._stride // 2)
        value = self.minimum(self.maximum(nearest, lowest), highest)
        scaled = resize(self.product_with_constant(value, self._stride), self.width)
        before = resize(constant(self._before, self._before.bit_length()), self.width)
        return self.subtract(scaled, before)[0]


def price_circuit(terms):
    return PriceCircuit(terms).build()
