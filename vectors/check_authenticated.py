"""Checks the vectors of Parts 4 and 5 of docs/wire.md: the computation, the link of seals and the escrow.

A checker plays both parties: whatever the page determines is computed from the secrets in a file and compared.
"""

import hashlib
from functools import lru_cache

from blocks import block, blocks, joined, pack, unpack
from circuits import Circuit
from escrow import Card, check_possession, open_ciphertext
from garbling import E, G, Engine, HalfGates, Program, description
from malicious import check_negotiation
from primitives import (
    BASE,
    base64url,
    canonical,
    counter_stream,
    encode_element,
    from_hex,
    is_public_key,
    members,
    multiply,
    need,
    read_scalar,
    same,
    sha256,
    tagged,
)
from rules import rule_of
from sealing import (
    PAIRS,
    Escrow,
    Key,
    Known,
    challenge_commitment,
    check_link,
    combinations,
    factor_of,
    fingerprint_key,
    link_circuit,
    matrix,
    offset_of,
)
from transfers import SIZES, Silent, base_from_cots, base_ot, extension, parted, rows_of

FILES = {}


def file(name, about):
    def register(check):
        FILES[name] = (about, check)
        return check

    return register


NAMES = {
    0x01: "termsDigest mode",
    0x02: "signature",
    0x03: "signature",
    0x21: "points",
    0x22: "sums proof digest",
    0x23: "correction choiceHash macHash",
    0x40: "seed",
    0x41: "tables",
    0x42: "colours",
    0x43: "colours proof",
    0x50: "commitment",
    0x51: "ciphertexts",
    0x52: "bits",
    0x53: "commitment",
    0x54: "digest coins",
    0x55: "digest nonce coins",
    0x56: "bits macs",
    0x57: "bits macs",
    0x58: "bits macs",
    0x59: "values",
    0x5A: "labels",
    0x5B: "tables permutes",
    0x5C: "values labels",
    0x5D: "macs",
    0x5E: "bits macs",
    0x5F: "value proof",
    0x60: "seed",
    0x61: "corrections first second bits macs",
    0x62: "bits macs",
    0x63: "corrections",
    0x80: "bits",
    0x81: "modulus proof challenge",
    0x82: "seal",
    0x83: "mask",
    0x84: "challenge nonce",
    0x85: "randomness",
    0x86: "commitment",
}


def compare(messages, sent, who):
    """Messages of a file with those that a party sends."""
    for i, (message, (kind, fields)) in enumerate(zip(messages, sent)):
        what = f"message {i} of the {who}"
        same(members(message, "type fields", what=what)["type"], f"0x{kind:02x}", f"the type of {what}")
        names = NAMES[kind].split()
        same(list(message["fields"]), names, f"fields of {what}")
        for name, data in zip(names, fields, strict=True):
            same(from_hex(message["fields"][name]), data, f"{name} of {what} ({message['type']})")
    same(len(messages), len(sent), f"the number of messages of the {who}")


def of_type(messages, kind):
    """The fields, as bytes, of the only message of a type."""
    found = [message["fields"] for message in messages if message["type"] == f"0x{kind:02x}"]
    need(len(found) == 1, f"one message 0x{kind:02x}")
    return {name: from_hex(data) for name, data in found[0].items()}


def whole(text, what="a number"):
    need(isinstance(text, str) and (text.isdigit() or text[1:].isdigit() and text[0] == "-"), what)
    need(str(int(text)) == text, what)
    return int(text)


def numbers(text, what):
    return [whole(one, what) for one in text.split(" ")] if text else []


# Circuits

CIRCUIT = "inputs outputs kinds left right outputWires ands digest slots order"


def read_circuit(value):
    """A circuit of a file, with its digest and its schedule."""
    lists = {name: numbers(value[name], name) for name in ("inputs", "outputs", "left", "right", "outputWires")}
    need(set(value["kinds"]) <= {"0", "1"}, "kinds of gates")
    gates = zip(map(int, value["kinds"]), lists["left"], lists["right"], strict=True)
    circuit = Circuit(lists["inputs"], lists["outputs"], gates, lists["outputWires"])
    same(value["ands"], circuit.ands, "the number of AND gates")
    same(from_hex(value["digest"]), circuit.digest(), "the digest of a circuit")
    groups, slots = circuit.schedule()
    same(value["slots"], slots, "slots")
    order = [gate for _, kind, gates in groups if kind for gate in gates]
    same(numbers(value["order"], "order"), order, "the order of AND gates")
    return circuit


@file("circuits", "The circuits of the rules, gate by gate, in the order in which each is first applied.")
def check_circuits(value):
    members(value, "prices menus")
    for one in value["prices"]:
        members(one, f"terms {CIRCUIT} cases")
        rule, terms = rule_of(members(one["terms"], "rule range")), one["terms"]
        members(terms["range"], "min max step")
        same_circuit(read_circuit(one), rule.circuit())
        for case in one["cases"]:
            check_case(rule, terms, case)
    for one in value["menus"]:
        members(one, "terms circuits")
        recorder = Applied()
        terms = members(one["terms"], "rule options")
        values = [str(option) for option in range(terms["options"])]
        menu = {"issues": [{"name": "Option", "values": values}]}
        rule_of({"rule": terms["rule"], "menu": menu}).program(recorder)
        need(len(one["circuits"]) == len(recorder.copies), "circuits of a menu")
        for given, (circuit, copies) in zip(one["circuits"], recorder.copies.values()):
            members(given, f"copies {CIRCUIT}")
            same(given["copies"], copies, "copies")
            same_circuit(read_circuit(given), circuit)


def same_circuit(found, expected):
    for name in ("inputs", "outputs", "gates", "output_wires"):
        same(getattr(found, name), getattr(expected, name), f"{name} of a circuit")


class Applied:
    """Stands in for an engine: which circuits are applied, and to how many copies in all."""

    def __init__(self):
        self.copies = {}

    def input(self, owner, width):
        return [0] * width

    def apply(self, circuit, sources, copies):
        digest = circuit.digest()
        self.copies[digest] = circuit, self.copies.get(digest, (None, 0))[1] + copies
        return [0] * (copies * len(circuit.output_wires))


def check_case(rule, terms, case):
    members(case, "mandates entries wires opened outcome")
    bits = []
    for party, (mandate, entry) in enumerate(zip(case["mandates"], case["entries"], strict=True)):
        entered = unpack(from_hex(entry), rule.entry, "an entry")
        same(entered[: rule.entry - rule.share], rule.words(party, mandate), "the words of an entry")
        need(rule.drawn(entered), "the share of randomness in an entry")
        bits += entered
    values = rule.circuit().values(bits)
    same(from_hex(case["wires"]), hashlib.sha256(bytes(values)).digest(), "the values of wires")
    found = rule.circuit().evaluate(bits)
    same(from_hex(case["opened"]), pack(found), "opened")
    same(case["outcome"], rule.outcome(found), "the outcome")


# Transfers


@file("base-ot", "A batch of base OTs: the secrets of both parties, the messages, and all seeds.")
def check_base_ot(value):
    members(value, "sid sender point receiver points seeds")
    sender, receiver = members(value["sender"], "a"), members(value["receiver"], "choices t")
    seeds = members(value["seeds"], "zero one chosen")
    secrets = (from_hex(one) for one in (sender["a"], receiver["choices"], receiver["t"], value["points"]))
    batch = base_ot(from_hex(value["sid"], 32), *secrets)
    same(from_hex(value["point"]), batch.point, "the point")
    same(from_hex(value["points"]), batch.points, "the points")
    for i, name in enumerate(("zero", "one")):
        same(from_hex(seeds[name]), b"".join(pair[i] for pair in batch.pairs), f"seeds {name}")
    same(from_hex(seeds["chosen"]), b"".join(batch.chosen), "seeds chosen")


@file(
    "ot-extension",
    "OT extension: setup, batches with their check, and the base seeds that one direction gives the other.",
)
def check_ot_extension(value):
    members(value, "instances seeds")
    need([one["direction"] for one in value["instances"]] == ["yao inputs", "bits of the garbler"], "directions")
    for one in value["instances"]:
        members(one, "sid direction delta seeds setup batches")
        seeds, setup = members(one["seeds"], "zero one"), members(one["setup"], "sums proof digest")
        zero, ones = (parted(from_hex(seeds[name]), 16, 128, "seeds") for name in ("zero", "one"))
        pairs, delta = tuple(zip(zero, ones)), block(from_hex(one["delta"], 16))
        chosen = tuple(pair[delta >> i & 1] for i, pair in enumerate(pairs))
        sid, in_bit_0 = from_hex(one["sid"], 32), one["direction"] != "yao inputs"
        instance = extension(sid, one["direction"], pairs, delta, chosen)
        for name, data in zip(("sums", "proof", "digest"), instance.fields):
            same(from_hex(setup[name]), data, name)
        batches = [check_batch(instance, i, batch, in_bit_0) for i, batch in enumerate(one["batches"])]
    pairs, chosen = base_from_cots(sid, batches[0][0], batches[0][1], delta)
    seeds = members(value["seeds"], "zero one chosen")
    for i, name in enumerate(("zero", "one")):
        same(from_hex(seeds[name]), b"".join(pair[i] for pair in pairs), f"seeds {name}")
    same(from_hex(seeds["chosen"]), b"".join(chosen), "seeds chosen")


def check_batch(instance, number, value, in_bit_0):
    long = "rows" in value
    end = "Sha256" if long else ""
    members(value, f"count choices message macs{end} keys{end}", "rows")
    count = value["count"]
    need(type(count) is int and 1 <= count <= 2**22, "count")
    same(value.get("rows", rows_of(count)), rows_of(count), "rows")
    fields, keys, macs = instance.batch(number, count, from_hex(value["choices"]), in_bit_0)
    message = members(value["message"], f"correction{end} choiceHash macHash")

    def stands(given, data, what):
        same(from_hex(given), sha256(data) if long else data, what)

    stands(message["correction" + end], fields[0], "correction")
    same(from_hex(message["choiceHash"]), fields[1], "choiceHash")
    same(from_hex(message["macHash"]), fields[2], "macHash")
    stands(value["keys" + end], joined(keys), "keys")
    stands(value["macs" + end], joined(macs), "MACs")
    return keys, macs


@lru_cache(maxsize=4)
def dealt(delta, keys, bits, count):
    """Keys, and MACs with choices in bit 0, that follow from two seeds."""
    found = [key & ~1 for key in blocks(counter_stream(keys, 16 * count))]
    chosen = block(counter_stream(bits, (count + 7) // 8))
    return found, [key ^ (chosen >> i & 1) * delta for i, key in enumerate(found)]


@lru_cache(maxsize=2)
def silent(name, size, trees, delta, keys, choices, nodes, coins):
    base = dealt(delta, keys, choices, 2 ** size[1] + size[2] * size[0] + 128)
    return Silent(name, size, trees, delta, *base, nodes, coins)


@file("silent-ot", "One silent extension of the smallest size with two trees, over COTs that follow from two seeds.")
def check_silent_ot(value):
    members(
        value,
        "sid direction number size trees delta base nodes corrections coins noiseHash digest keysSha256 macsSha256",
    )
    size, base = members(value["size"], "d k"), members(value["base"], "count keys choices")
    need(size["d"] in SIZES and type(value["trees"]) is int, "the size")
    secret_bits, most = SIZES[size["d"]]
    same(size["k"], secret_bits, "k")
    same(base["count"], 2**secret_bits + most * size["d"] + 128, "the number of base COTs")
    name = from_hex(value["sid"], 32), value["direction"], value["number"]
    need(value["direction"] in ("bits of the garbler", "bits of the evaluator"), "the direction")
    delta, keys, choices, coins = (
        from_hex(one, 16) for one in (value["delta"], base["keys"], base["choices"], value["coins"])
    )
    nodes = tuple(blocks(from_hex(value["nodes"], 16 * value["trees"])))
    shape = size["d"], secret_bits, most
    found = silent(name, shape, value["trees"], block(delta), keys, choices, nodes, coins)
    same(from_hex(value["corrections"]), found.corrections, "corrections")
    same(from_hex(value["noiseHash"]), found.noise, "noiseHash")
    same(from_hex(value["digest"]), found.answer, "the digest")
    same(from_hex(value["keysSha256"]), sha256(joined(found.keys)), "keys")
    same(from_hex(value["macsSha256"]), sha256(joined(found.macs)), "MACs")


# Engines over dealt bits


def dealer(value, deltas):
    """Gives authenticated bits, preparation by preparation."""
    members(value, "garbler evaluator")
    seeds = []
    for party in ("garbler", "evaluator"):
        members(value[party], "delta keys bits")
        seeds.append((from_hex(value[party]["keys"], 16), from_hex(value[party]["bits"], 16)))

    def deal(count):
        (keys_e, macs_g), (keys_g, macs_e) = (dealt(deltas[1 - p], *seeds[p], count) for p in (G, E))
        return list(zip(macs_g, keys_g, macs_e, keys_e))

    return deal


def deltas_of(value):
    deltas = [block(from_hex(value[party]["delta"], 16)) for party in ("garbler", "evaluator")]
    need(deltas[G] & 3 == 3 and deltas[E] & 3 == 1, "the lowest bits of Δ")
    return deltas


def coins_of(value):
    coins = members(value["coins"], "garbler evaluator")
    return [from_hex(coins[party], 32) for party in ("garbler", "evaluator")], from_hex(value["nonce"], 32)


@file("triples", "A preparation of 34 triples, and of 320 masks of each party, over dealt bits.")
def check_triples(value):
    members(value, "session dealt coins nonce ands messages triples")
    same(value["ands"], 34, "ands")
    deltas = deltas_of(value["dealt"])
    engine = Engine(from_hex(value["session"], 32), deltas)
    engine.absorb("prepare", 34, "[]")
    engine.begin_preparation(34, 320, 320, 0, dealer(value["dealt"], deltas), *coins_of(value))
    engine.end_preparation()
    messages, triples = (members(value[name], "garbler evaluator") for name in ("messages", "triples"))
    for party, name in enumerate(("garbler", "evaluator")):
        compare(messages[name], engine.sent[party], name)
        for i, one in enumerate("xyz"):
            given = members(members(triples[name], "x y z")[one], "keys macs")
            macs, keys = (joined([triple[i][2 * party + j] for triple in engine.triples]) for j in (0, 1))
            same(from_hex(given["macs"]), macs, f"MACs of {one} of the {name}")
            same(from_hex(given["keys"]), keys, f"keys of {one} of the {name}")


def read_program(value, room, masks):
    """The program of a file; the masks of fingerprints come before its inputs. Gives values by wire, too."""
    members(value, "circuits inputs applications")
    circuits = [read_circuit(members(one, CIRCUIT)) for one in value["circuits"]]
    program, values, inputs = Program(room), {}, []
    given = [(owner, 128, mask) for owner, mask in masks]
    for one in value["inputs"]:
        members(one, "owner width bits")
        given.append((one["owner"], one["width"], one["bits"]))
    for owner, width, bits in given:
        need(owner in ("a", "b"), "the owner of an input")
        inputs.append(program.input(owner, width))
        values.update(zip(inputs[-1], unpack(from_hex(bits), width, "bits of an input")))
    own, outputs = inputs[len(masks) :], []
    for one in value["applications"]:
        members(one, "circuit copies groups")
        need(all(group.startswith("input ") for group in one["groups"]), "groups of an application")
        sources = [own[whole(group[6:])] for group in one["groups"]]
        outputs += program.apply(circuits[one["circuit"]], sources, one["copies"])
    return program, values, inputs, outputs


@file(
    "garbling",
    "One program in both engines, party a garbling: half gates over dealt labels, "
    "authenticated garbling over dealt bits.",
)
def check_garbling(value):
    members(value, "program halfGates authenticated prepared")
    check_half_gates(value["program"], members(value["halfGates"], "session delta zeros messages opened"))
    names = "session dealt coins nonce proof fixed combinations masks messages opened"
    check_authenticated(value["program"], members(value["authenticated"], names))
    names = "session dealt coins nonce ands zeros messages opened"
    check_prepared(value["program"], members(value["prepared"], names))


def check_half_gates(program_value, value):
    program, values, _, outputs = read_program(program_value, 393_216, [])
    messages, delta = members(value["messages"], "garbler evaluator"), block(from_hex(value["delta"], 16))
    need(delta & 1, "bit 0 of Δ")
    own = program.owned("b")
    keys = blocks(counter_stream(from_hex(value["zeros"], 16), 16 * len(own)))
    macs = [key ^ values[wire] * delta for key, wire in zip(keys, own)]
    seed = of_type(messages["garbler"], 0x40)["seed"]
    engine = HalfGates(from_hex(value["session"], 32), program, delta, seed, "b", keys, macs, values)
    first, second, opened = engine.opening(outputs)
    tables = [(0x41, (table,)) for table in engine.tables]
    compare(messages["garbler"], [(0x40, (seed,)), *tables, (0x42, first)], "garbler")
    compare(messages["evaluator"], [(0x43, second)], "evaluator")
    same(from_hex(value["opened"]), pack(opened), "opened")


def check_authenticated(program_value, value):
    masks = members(value["masks"], "a b")
    program, values, inputs, outputs = read_program(program_value, 262_144, list(masks.items()))
    circuit = read_circuit(members(members(value["proof"], "circuit room")["circuit"], CIRCUIT))
    room, fixed = value["proof"]["room"], members(value["fixed"], "a b")
    need(type(room) is int and 0 <= room < 2**16, "room")
    deltas, (coins, nonce) = deltas_of(value["dealt"]), coins_of(value)
    messages = members(value["messages"], "garbler evaluator")
    engine = Engine(from_hex(value["session"], 32), deltas)
    demand = engine.demand(program, "a", room + 128 + 12)
    engine.begin_preparation(*demand, dealer(value["dealt"], deltas), coins, nonce)
    packed = engine.enter(program, "a", values)
    known = [Known(engine, party) for party in (G, E)]
    pairs = [[known[party].entered(wire) for wire in inputs[2 + party]] for party in (G, E)]
    for party, name in enumerate("ab"):
        engine.say(party, 0x59, packed[party])
        pairs[party] += known[party].fix(room + 128, unpack(from_hex(fixed[name]), 12, "fixed bits"))
    engine.end_preparation()
    engine.fit(program)
    engine.label_inputs(of_type(messages["garbler"], 0x60)["seed"])
    engine.garble(program)
    engine.check_gates()
    keys = [fingerprint_key(engine.entered, number) for number in (0, 1)]
    for party in (G, E):
        known[party].prove(circuit, inputs[2 + party], room, 0)
        known[party].combine(pairs[party], value["combinations"])
        parts = [(inputs[2], keys[0]), (inputs[4], keys[1])] if party == G else [(inputs[3], keys[0])]
        engine.say(party, 0x5F, *known[party].fingerprint(inputs[party], parts))
    opened = engine.reveal(outputs)
    for party, name in enumerate(("garbler", "evaluator")):
        compare(messages[name], engine.sent[party], name)
    same(from_hex(value["opened"]), pack(opened), "opened")


def check_prepared(program_value, value):
    program, values, _, outputs = read_program(program_value, 262_144, [])
    deltas, ands = deltas_of(value["dealt"]), value["ands"]
    need(type(ands) is int and program.gates <= ands <= 2**20, "ands")
    engine = Engine(from_hex(value["session"], 32), deltas)
    free = ands - program.gates
    engine.absorb("prepare", free, description(program))
    triples, garbler, evaluator, _ = engine.demand(program, "a", 0)
    demand = triples + free, garbler + 320, evaluator + 320, 0
    engine.begin_preparation(*demand, dealer(value["dealt"], deltas), *coins_of(value))
    packed = engine.enter(program, "a", values)
    engine.end_preparation()
    engine.fit(program)
    engine.set_labels(program, blocks(from_hex(value["zeros"])))
    engine.garble(program)
    engine.say_inputs(packed)
    engine.say_labels(program, "a")
    engine.absorb_circuits(program)
    engine.check_gates()
    opened = engine.reveal(outputs)
    messages = members(value["messages"], "garbler evaluator")
    for party, name in enumerate(("garbler", "evaluator")):
        compare(messages[name], engine.sent[party], name)
    same(from_hex(value["opened"]), pack(opened), "opened")


# The link and the escrow


@file(
    "seal-link",
    "The link between seals and the circuit: multipliers, circuits, and what two parties show each other.",
)
def check_seal_link(value):
    members(value, "width multipliers room session sides")
    width, session = value["width"], from_hex(value["session"], 32)
    need(type(width) is int and 1 <= width <= 1024, "width")
    same(value["room"], 7 * width + width + 117, "room")
    for one in value["multipliers"]:
        members(one, "e multiplier offset ands circuit")
        e = int.from_bytes(from_hex(one["e"], 5), "big")
        same(whole(one["multiplier"]), factor_of(e), "the multiplier")
        same(whole(one["offset"]), offset_of(width, e), "the offset")
        circuit = link_circuit(width, e)
        same(one["ands"], circuit.ands, "AND gates")
        same(from_hex(one["circuit"]), circuit.digest(), "the digest of a circuit")
    for party, side in members(value["sides"], "a b").items():
        names = "modulus x randomness seal fingerprintMask m mask challenge t answer"
        check_side(session, width, party, members(side, names))
    need(value["sides"]["a"]["modulus"] != value["sides"]["b"]["modulus"], "one modulus of both parties")


def check_side(session, width, party, side):
    key = Key(from_hex(side["modulus"]))
    r, size = from_hex(side["randomness"], len(key.bytes)), len(key.bytes)
    challenge, x, m = members(side["challenge"], "e nonce commitment"), whole(side["x"]), whole(side["m"])
    need(0 <= x < 2**width and 0 <= m < 2 ** (width + 117), "x or m")
    sealed, mask = from_hex(side["seal"], 2 * size), from_hex(side["mask"], 2 * size)
    same(sealed, key.encrypted(x, r), "the seal")
    seed = tagged("entry commitment seed", r)
    same(from_hex(side["fingerprintMask"]), tagged("fingerprint mask", seed, session)[:16], "the fingerprint mask")
    e, nonce = from_hex(challenge["e"], 5), from_hex(challenge["nonce"], 32)
    other = "b" if party == "a" else "a"
    same(from_hex(challenge["commitment"]), challenge_commitment(session, other, e, nonce), "the commitment")
    e = int.from_bytes(e, "big")
    bits = [x >> i & 1 for i in range(width)] + [m >> i & 1 for i in range(width + 117)]
    value = block(pack(link_circuit(width, e).evaluate(bits)))
    t = whole(side["t"])
    same(t, factor_of(e) * x + m, "t")
    same(value, t + offset_of(width, e), "the value of the circuit")
    answer = int.from_bytes(from_hex(side["answer"], size), "big")
    check_link(key, width, e, key.ciphertext(sealed), key.ciphertext(mask), value, answer)


@file("escrow", "Escrows of both parties: ciphertexts, openings, records, the case, and what the arbiter opens.")
def check_escrow(value):
    names = "key session terms width parties masked salt commitment fair case outcome"
    key = members(members(value, names)["key"], "secret public identity possession")
    public, secret = from_hex(key["public"], 32), read_scalar(from_hex(key["secret"]))
    same(encode_element(multiply(secret, BASE)), public, "the escrow key")
    need(is_public_key(from_hex(key["identity"])), "the arbiter's identity")
    card = Card(from_hex(key["identity"]), public, ())
    check_possession(card, from_hex(key["possession"], 64))
    session, terms, w = from_hex(value["session"], 32), from_hex(value["terms"], 32), value["width"]
    need(type(w) is int and 1 <= w <= 1024, "width")
    y = block(pack(unpack(from_hex(value["outcome"]), w, "the outcome")))
    z, salts, records = y, [], {}
    need(list(members(value["parties"], "a b")) == ["a", "b"], "the order of the parties")
    for (name, party), role in zip(value["parties"].items(), ("seller", "buyer")):
        same(party["role"], role, "the role")
        other = "b" if name == "a" else "a"
        escrow, records[role] = check_party(session, terms, secret, public, w, other, party)
        salts.append(from_hex(party["deposit"]["salt"], 32))
        z ^= escrow.mask & 2**w - 1
    masked, salt = z.to_bytes((w + 7) // 8, "little"), tagged("escrow salt", *salts)
    same(from_hex(value["masked"]), masked, "masked")
    same(from_hex(value["salt"]), salt, "the salt")
    commitment = tagged("escrow masked outcome", session, salt, w, masked)
    same(from_hex(value["commitment"]), commitment, "the commitment")
    fair = members(value["fair"], "escrows masked complainBy")
    same(fair["escrows"], {role: base64url(record) for role, record in records.items()}, "escrows in fair")
    same(fair["masked"], base64url(commitment), "masked in fair")
    same(from_hex(value["case"]), tagged("escrow case", terms, session, canonical(fair)), "the case")


@lru_cache(maxsize=8)
def escrow_of(label, public, w, bits, seeds):
    size, value = w + 48, block(pack(unpack(bits, 41 * (w + 48), "bits of an escrow")))
    mask, *rhos = (value >> i * size & 2**size - 1 for i in range(41))
    pairs = parted(seeds, 32, 2 * PAIRS, "seeds")
    return Escrow(label, public, w, mask, rhos, list(zip(pairs[::2], pairs[1::2])))


def check_party(session, terms, secret, public, w, other, party):
    members(party, "role label bits seeds deposit challenge combinations answer record maskOpening arbiter")
    label = tagged("escrow label", session, terms, party["role"], public)
    same(from_hex(party["label"]), label, "the label")
    escrow = escrow_of(label, public, w, from_hex(party["bits"]), from_hex(party["seeds"]))
    deposit = members(party["deposit"], "ciphertexts salt")
    challenge = members(party["challenge"], "e nonce commitment")
    same(from_hex(deposit["ciphertexts"]), b"".join(b"".join(pair) for pair in escrow.ciphertexts), "ciphertexts")
    data, nonce = from_hex(challenge["e"], 5), from_hex(challenge["nonce"], 32)
    same(from_hex(challenge["commitment"]), challenge_commitment(session, other, data, nonce), "the commitment")
    e = int.from_bytes(data, "big")
    _, shares, tag = escrow.opened(e, nonce)
    size = w + 48
    opened = sum(share << i * size for i, share in enumerate([*shares, tag]))
    bits, (_, rows) = block(from_hex(party["bits"])), matrix(label, nonce, w)
    sums = [sum(bits >> at for at in chosen) & 1 for chosen in combinations(e, rows, w)]
    same(block(pack(sums)), opened, "shares and tag of an escrow")
    same(from_hex(party["combinations"]), pack(sums), "combinations")
    same(from_hex(members(party["answer"], "seeds")["seeds"]), escrow.answer(e), "the answer")
    record = escrow.record(e, nonce)
    same(from_hex(party["record"]), record, "the record")
    opening = members(party["maskOpening"], "mask index seed")
    index = opening["index"]
    need(type(index) is int and 0 <= index < PAIRS, "the index")
    same(from_hex(opening["mask"]), escrow.mask.to_bytes(escrow.size, "little"), "the mask")
    same(from_hex(opening["seed"]), escrow.seeds[index][1 - (e >> index & 1)], "the seed of the mask")
    for k, one in enumerate(party["arbiter"]):
        members(one, "plaintext seed")
        b = 1 - (e >> k & 1)
        found = open_ciphertext(secret, label, k, b, escrow.ciphertexts[k][b])
        same((from_hex(one["plaintext"]), from_hex(one["seed"])), found, f"what the arbiter opens for pair {k}")
        plain = (shares[k] ^ escrow.mask).to_bytes(escrow.size, "little")
        same(found[0], plain, f"the plaintext of pair {k}")
    same(len(party["arbiter"]), PAIRS, "what the arbiter opens")
    return escrow, record


# Whole negotiations under malicious security

DEALS = {
    "split-prepared": "A deal under malicious security with seals, prepared ahead of the mandates: "
    "a price in the middle.",
    "posted-price": "A negotiation under malicious security without seals that ends without a deal: "
    "a price drawn from the range.",
    "menu": "A deal on a menu of two options under malicious security with seals, which commit to all ratings.",
}
for name, about in DEALS.items():
    file(f"deal-{name}", about)(lambda value: check_negotiation(value, compare))
