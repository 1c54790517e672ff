"""The circuits of the rules, and the order in which they are applied (docs/wire.md, Part 4)."""

from decimal import Decimal, getcontext
from functools import lru_cache

from circuits import ONE, ZERO, Builder, constant, extend, not_word, resize, tournament
from primitives import members, need

# Price rules


class Price:
    """A price rule under some terms: sizes, its one circuit, and its one input of each party."""

    def __init__(self, terms):
        rule, limits = terms["rule"], terms["range"]
        self.name = rule["name"]
        self.low, high, self.step = (int(limits[name]) for name in ("min", "max", "step"))
        self.count = (high - self.low) // self.step + 1
        self.width = max(1, (self.count - 1).bit_length())
        self.rounds, self.near_miss = rule.get("rounds"), rule.get("nearMiss")
        self.price, self.grid = rule.get("price"), rule.get("grid")
        numerator, denominator = rule.get("sellerShare", "1/2").split("/")
        self.part = int(numerator), int(denominator)
        random_price = self.name == "posted-price" and self.price == "random"
        if self.grid:
            need(int(self.grid) % self.step == 0 and self.low % self.step == 0, "a grid that does not fit the range")
        self.share = {"random-split": self.width + 40}.get(self.name, self.width if random_price else 0)
        self.has_price = self.name in ("split", "random-split") or random_price
        self.entry = (self.rounds or 1) * (self.width + 1) + (self.near_miss is not None) + self.share

    def program(self, engine):
        a, b = engine.input("a", self.entry), engine.input("b", self.entry)
        return engine.apply(self.circuit(), [a, b], 1)

    def words(self, party, mandate):
        """The bits that a party (0 the seller) enters for a mandate, but for its share of the randomness."""
        members(mandate, "", "reservation reservations abstain nearMiss", "a mandate")
        need(mandate.get("abstain", True) is True and type(mandate.get("nearMiss", True)) is bool, "a mandate")
        prices = mandate.get("reservations", [mandate.get("reservation")] * (self.rounds or 1))
        need(len(prices) == (self.rounds or 1), "a mandate of other rounds")
        if "abstain" in mandate:
            words = [(self.count, 2**self.width)[party]] * len(prices)
        else:
            need(all((int(price) - self.low) % self.step == 0 for price in prices), "a reservation beside the grid")
            words = [(int(price) - self.low) // self.step for price in prices]
            need(all(0 <= word < self.count for word in words), "a reservation out of range")
        near = [int(mandate.get("nearMiss", False))] if self.near_miss else []
        return [bit for word in words for bit in constant(word, self.width + 1)] + near

    def drawn(self, bits):
        """Whether the last bits of an entry can be a share."""
        share = sum(bit << i for i, bit in enumerate(bits[self.entry - self.share :]))
        return self.price != "random" or share < self.count

    def outcome(self, bits):
        """What the opened bits say."""
        if not bits[0]:
            return {"deal": False, **({"nearMiss": bool(bits[-1])} if self.near_miss else {})}
        size = (self.rounds - 1).bit_length() if self.rounds else 0
        position, index = (sum(bit << i for i, bit in enumerate(part)) for part in (
            bits[1 : 1 + size], bits[1 + size : 1 + size + self.width]))
        found = {"deal": True}
        if self.name != "zopa":
            found["price"] = str(self.low + index * self.step) if self.has_price else self.price
        if self.rounds:
            found["round"] = position + 1
        return found

    def circuit(self):
        b, w, rounds = Builder(), self.width, self.rounds or 1
        entries = [b.input(self.entry), b.input(self.entry)]
        meetings = []
        for r in range(rounds):
            meeting = self._meet(b, *(entry[r * (w + 1) : (r + 1) * (w + 1)] for entry in entries))
            meets = self._meets(b, meeting["seller"], meeting["surplus"])
            meetings.append({**meeting, "met": meeting["deal"] if meets is None else b.and_(meeting["deal"], meets)})
        last, bits = meetings[-1], (rounds - 1).bit_length()
        seller, surplus, position = last["seller"], last["surplus"], constant(rounds - 1, bits)
        for r in reversed(range(rounds - 1)):
            met = meetings[r]["met"]
            seller = b.select(met, meetings[r]["seller"], seller)
            surplus = b.select(met, meetings[r]["surplus"], surplus)
            position = b.select(met, constant(r, bits), position)
        deal = b.any_of([meeting["met"] for meeting in meetings])
        shares = [entry[self.entry - self.share :] for entry in entries]
        index, fits = self._price(b, seller, surplus, *shares) if self.has_price else ([], None)
        if fits is not None:
            deal = b.and_(deal, fits)
        outputs = [[deal]]
        outputs += [b.mask(position, deal)] if self.rounds else []
        outputs += [b.mask(index, deal)] if self.has_price else []
        if self.near_miss:
            both = b.and_(*(entry[rounds * (w + 1)] for entry in entries))
            outputs += [[b.and_(b.and_(self._near(b, last), both), deal ^ 1)]]
        return b.build(*outputs)

    def _meet(self, b, s, y):
        w = self.width
        seller, buyer = s[:w], y[:w]
        surplus, borrow = b.subtract(buyer, seller, y[w])
        met = b.and_(borrow ^ 1, s[w] ^ 1)
        in_range = b.less_or_equal(buyer, constant(self.count - 1, w))
        deal = b.and_(met, in_range)
        names = {"seller": seller, "surplus": surplus, "borrow": borrow, "in_range": in_range, "deal": deal}
        return {**names, "tops": [s[w], y[w]]}

    def _near(self, b, meeting):
        whole, _, hundredths = self.near_miss.removesuffix("%").partition(".")
        gap = (self.count - 1) * int(whole + hundredths.ljust(2, "0")) // 10000
        if gap == 0:
            return ZERO
        w = self.width
        close = b.less_than(not_word(meeting["surplus"]), constant(gap, w))
        abstains = b.any_of(meeting["tops"])
        below = b.less_or_equal(meeting["seller"], constant(self.count - 1, w))
        return b.all_of([meeting["borrow"], close, abstains ^ 1, meeting["in_range"], below])

    def _meets(self, b, seller, surplus):
        if self.grid:
            return b.less_than(*self._bounds(b, seller, surplus))
        if self.name == "posted-price" and not self.has_price:
            return self._within(b, constant((int(self.price) - self.low) // self.step, self.width), seller, surplus)
        return None

    def _within(self, b, index, seller, surplus):
        distance, borrow = b.subtract(index, seller)
        return b.and_(borrow ^ 1, b.less_or_equal(distance, surplus))

    def _price(self, b, seller, surplus, share_a, share_b):
        w, k = self.width, self.share
        if self.name == "random-split":
            drawn = b.xor_words(share_a, share_b)
            part = b.multiply(b.add(surplus, [ZERO] * w, ONE), drawn)[k : k + w]
            return b.add_modulo(seller, part), None
        if self.name == "posted-price":
            index = resize(b.divide_by_constant(b.add(share_a, share_b), self.count)[1], w)
            return index, self._within(b, index, seller, surplus)
        if not self.grid:
            return self._split(b, seller, surplus), None
        stride, before, _, number_width = self._marks()
        index = self._split(b, seller, surplus)
        below, highest = self._bounds(b, seller, surplus)
        lowest = b.add_modulo(below, constant(1, number_width))
        nearest = self._up_to(b, index, stride // 2)
        number = b.minimum(b.maximum(nearest, lowest), highest)
        scaled = resize(b.product_with_constant(number, stride), w)
        return b.subtract(scaled, resize(constant(before, before.bit_length()), w))[0], None

    def _split(self, b, seller, surplus):
        product = b.product_with_constant(surplus, self.part[0])
        return b.add_modulo(seller, resize(b.divide_by_constant(product, self.part[1])[0], self.width))

    def _marks(self):
        """Steps between the marks of the grid, steps from the mark before min to min, and two widths."""
        grid = int(self.grid)
        stride = grid // self.step
        before = self.low % grid // self.step or stride
        largest = self.count - 1 + before + stride // 2
        return stride, before, largest.bit_length(), max(1, (largest // stride).bit_length())

    def _up_to(self, b, index, bias):
        stride, before, size, number_width = self._marks()
        wide = max(size, len(index))
        distance = b.add(extend(index, wide), constant(before + bias, wide))
        return resize(b.divide_by_constant(distance[:size], stride)[0], number_width)

    def _bounds(self, b, seller, surplus):
        buyer = b.add_modulo(seller, surplus)
        return self._up_to(b, seller, -1), self._up_to(b, buyer, 0)


# Menus

SOLUTIONS = ("nash", "egalitarian", "kalai-smorodinsky", "utilitarian")
CHUNK = 4096
LATE = 8192


@lru_cache(maxsize=None)
def logarithm(g):
    """f: 2³⁴·log₂ of a number, rounded for every prime factor by itself."""
    divisor = next((p for p in range(2, int(g**0.5) + 1) if g % p == 0), g)
    if divisor != g:
        return logarithm(divisor) + logarithm(g // divisor)
    getcontext().prec = 50
    return int((Decimal(g).ln() / Decimal(2).ln() * 2**34).to_integral_value()) if g > 1 else 0


def entered_logarithm(gain):
    return logarithm(gain) + 2**38 if gain else 0


class Menu:
    """The rule `menu`: its circuits, and the order in which they are applied."""

    def __init__(self, terms):
        rule = terms["rule"]
        self.name = "menu"
        need(rule["solution"] in SOLUTIONS and rule.get("version", 2) == 2, "the solution of a menu")
        old = rule.get("version") is None and rule["solution"] in ("nash", "kalai-smorodinsky")
        self.method = rule["solution"] + ("-1" if old else "")
        self.options = 1
        for issue in terms["menu"]["issues"]:
            self.options *= len(issue["values"])
        self.ks = self.method.startswith("kalai")
        self.late = self.method == "kalai-smorodinsky" and self.options >= LATE
        self.carried = 39 if self.options < LATE else 0
        self.gain = 0 if self.method == "nash" else 16
        self.log = 0 if self.method in ("utilitarian", "egalitarian") or self.late else 39
        self.option = self.gain + self.log + 1
        self.maximum = 1 + 2 * (16 + self.carried)
        self.key = {"utilitarian": 18, "egalitarian": 33, "nash": 41}.get(self.method, 58)

    def bits(self, gain, accepted):
        """What a party enters for an option."""
        parts = constant(gain, 16) if self.gain else []
        return parts + (constant(entered_logarithm(gain), 39) if self.log else []) + [accepted]

    def entered(self, reservation, rest):
        """What a party enters for all options: rest has its utilities, 2 bytes little-endian each."""
        bits = []
        for i in range(self.options):
            gain = int.from_bytes(rest[2 * i : 2 * i + 2], "little") - reservation
            bits += self.bits(max(gain, 0), int(gain >= 0))
        return bits

    def program(self, engine):
        chunks = [min(CHUNK, self.options - first) for first in range(0, self.options, CHUNK)]
        inputs, joint, offset = {}, {}, []

        def enter(c, width):
            inputs[c] = [engine.input(owner, width * chunks[c]) for owner in "ab"]
            return inputs[c]

        if self.ks:
            found = []
            for c in range(len(chunks)) if not self.late else ():
                enter(c, self.option)
            for c, size in enumerate(chunks):
                if self.late:
                    enter(c, self.option)
                    joint[c] = each(engine, self.joint, size, inputs[c])
                groups = [*inputs[c], *([joint[c]] if self.late else [])]
                found += self._largest(engine, each(engine, self.maxima_leaf, size, groups), (size + 15) // 16)
            maximum = self._largest(engine, found, len(chunks))
            offset = [engine.apply(self.offset(), [maximum], 1)]
        candidates = []
        for c, size in enumerate(chunks):
            if self.late:
                groups = [*enter(c, 39), joint[c]]
                wires = each(engine, self.late_leaf, size, groups, offset)
            else:
                groups = inputs[c] if self.ks else enter(c, self.option)
                wires = each(engine, self.leaf, size, groups, offset)
            candidates.append(self._reduce(engine, wires, (size + 15) // 16, 1, 0))
        level = max(reached for _, reached in candidates)
        wires = [wire for found, reached in candidates for wire in self._reduce(engine, found, 1, reached, level)[0]]
        wires, level = self._reduce(engine, wires, len(chunks), level, 0)
        return engine.apply(self.outcome(level), [wires], 1)

    def _reduce(self, engine, wires, count, level, asked):
        while count > 1 or level < asked:
            wires = each(engine, lambda k, v=level: self.merge(k, v), count, [wires])
            count, level = (count + 15) // 16, level + 1
        return wires, level

    def _largest(self, engine, wires, count):
        while count > 1:
            wires, count = each(engine, self.maxima_merge, count, [wires]), (count + 15) // 16
        return wires

    def _option(self, bits):
        """Gain, logarithm and the accepted bit out of an option's bits."""
        return bits[: self.gain], bits[self.gain : -1], bits[-1]

    def _key(self, b, first, second, offset):
        (g, l, accepted), (g2, l2, accepted2) = first, second
        if self.method == "egalitarian":
            swap = b.less_than(g2, g)
            small, large = b.select(swap, g2, g), b.select(swap, g, g2)
            return large + small + [b.and_(accepted, accepted2)]
        if self.method == "nash":
            return b.add(l, l2) + [b.and_(accepted, accepted2)]
        total, both = b.add(g, g2), b.and_(accepted, accepted2)
        if self.method == "utilitarian":
            return [*total, both]
        return total + (self._score(b, l, l2, offset) if self.ks else b.add(l, l2)) + [both]

    def _score(self, b, l, l2, offset):
        shifted = b.add_modulo(extend(l2, 41), [*offset, offset[-1]])
        ordered, own = [*shifted[:-1], shifted[-1] ^ 1], [*extend(l, 40), ONE]
        chosen = b.select(b.less_than(ordered, own), shifted, extend(l, 41))[:-1]
        return [*chosen[:-1], chosen[-1] ^ 1]

    @lru_cache(maxsize=None)
    def leaf(self, k):
        b = Builder()
        first, second = (cut(b.input(k * self.option), k) for _ in "ab")
        offset = b.input(40) if self.ks else None
        keys = [self._key(b, self._option(x), self._option(y), offset) for x, y in zip(first, second)]
        return b.build(*b.best([(key, constant(i, 4)) for i, key in enumerate(keys)]))

    @lru_cache(maxsize=None)
    def merge(self, k, level):
        b, size = Builder(), self.key + 4 * level
        found = enumerate(cut(b.input(k * size), k))
        return b.build(*b.best([(x[: self.key], x[self.key :] + constant(i, 4)) for i, x in found]))

    def outcome(self, level):
        b = Builder()
        bits = b.input(self.key + 4 * level)
        deal = bits[self.key - 1]
        return b.build([deal], b.mask(bits[self.key :], deal))

    @lru_cache(maxsize=None)
    def maxima_leaf(self, k):
        b, entries = Builder(), []
        first, second = (cut(b.input(k * self.option), k) for _ in "ab")
        joint = cut(b.input(18 * k), k) if self.late else [None] * k
        for x, y, both in zip(first, second, joint):
            accepted = both[-1] if self.late else b.and_(x[-1], y[-1])
            sides = [(gain, log[: self.carried]) for gain, log, _ in map(self._option, (x, y))]
            entries.append((accepted, *sides))
        return self._largest_of(b, entries)

    @lru_cache(maxsize=None)
    def maxima_merge(self, k):
        b, c = Builder(), self.carried
        found = cut(b.input(k * self.maximum), k)
        sides = [(x[0], x[1 : 17 + c], x[17 + c :]) for x in found]
        return self._largest_of(b, [(x, (y[:16], y[16:]), (z[:16], z[16:])) for x, y, z in sides])

    def _largest_of(self, b, entries):
        def side(x, y, i):
            take = b.less_than([*x[i][0], x[0]], [*y[i][0], y[0]])
            return tuple(b.select(take, y[i][j], x[i][j]) for j in (0, 1))

        found = tournament(entries, lambda x, y: (b.or_(x[0], y[0]), side(x, y, 1), side(x, y, 2)))
        return b.build([found[0], *found[1][0], *found[1][1], *found[2][0], *found[2][1]])

    def offset(self):
        b, c = Builder(), self.carried
        bits = b.input(self.maximum)
        sides = [bits[1 : 17 + c], bits[17 + c :]]
        logs = [extend(side[16:] if c else log_circuit(b, side), 40) for side in sides]
        return b.build(b.subtract(*logs)[0])

    @lru_cache(maxsize=None)
    def joint(self, k):
        b, outputs = Builder(), []
        for x, y in zip(*[cut(b.input(17 * k), k) for _ in "ab"]):
            outputs.append([*b.add(x[:16], y[:16]), b.and_(x[16], y[16])])
        return b.build(*outputs)

    @lru_cache(maxsize=None)
    def late_leaf(self, k):
        b, candidates = Builder(), []
        first, second, joint = (cut(b.input(size * k), k) for size in (39, 39, 18))
        offset = b.input(40)
        for i, (x, y, both) in enumerate(zip(first, second, joint)):
            key = both[:17] + self._score(b, x, y, offset) + both[17:]
            candidates.append((key, constant(i, 4)))
        return b.build(*b.best(candidates))


def log_circuit(b, gain):
    """E(gain): the logarithm of a gain, looked up."""
    scaled, zeros = gain, []
    for p in (8, 4, 2, 1):
        zeros.append(b.any_of(scaled[16 - p :]) ^ 1)
        scaled = b.select(zeros[-1], ([ZERO] * p + scaled)[:16], scaled)
    table = [logarithm(2**15 + i) - 15 * 2**34 for i in range(2**15)]
    whole = [bit ^ 1 for bit in reversed(zeros)] + [ONE]
    return b.mask(b.lookup(scaled[:15], table, 34) + whole, scaled[15])


def cut(wires, k):
    size = len(wires) // k
    return [wires[i * size : (i + 1) * size] for i in range(k)]


def each(engine, circuit, count, groups, shared=()):
    """A circuit of 16 items on as many sixteens as there are, then one of the rest."""
    whole, result = count // 16 * 16, []
    for first, end, size in ((0, whole, 16), (whole, count, count - whole)):
        if end > first:
            parts = [group[first * len(group) // count : end * len(group) // count] for group in groups]
            result += engine.apply(circuit(size), [*parts, *shared], (end - first) // size)
    return result


MEMBERS = {
    "zopa": ("name", "rounds nearMiss"),
    "split": ("name sellerShare", "grid rounds nearMiss"),
    "random-split": ("name", "rounds nearMiss"),
    "posted-price": ("name price", "rounds nearMiss"),
    "menu": ("name solution", "version"),
}


def rule_of(terms):
    name = terms["rule"]["name"]
    members(terms["rule"], *MEMBERS[name], "a rule")
    return Menu(terms) if name == "menu" else Price(terms)
