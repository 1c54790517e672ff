"""Whole negotiations under malicious security, without an arbiter: every message of both sides (docs/wire.md).

The initiator is the evaluator and party a, the responder the garbler and party b.
"""

from blocks import block, blocks
from agreements import read_agreement
from paillier import check_key_proof
from terms import Terms
from garbling import E, G, Engine, description, program_of
from link import Side, clamped, handshake
from nacl.signing import SigningKey
from primitives import (
    base64url,
    canonical,
    from_hex,
    members,
    need,
    same,
    tagged,
)
from rules import rule_of
from sealing import (
    Key,
    Known,
    challenge_commitment,
    check_link,
    factor_of,
    fingerprint_key,
    link_circuit,
)
from transfers import base_from_cots, base_ot, base_point, extension

LINES = ("responder", "initiator")  # G and E
PARTIES = ("b", "a")
ROOM = 262_144


def signed(seed, kind, payload):
    """The signature, and its entry in a signed document."""
    key = SigningKey(seed)
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(bytes(key.verify_key))}
    header = base64url(canonical({"alg": "EdDSA", "jwk": jwk, "typ": f"parley-{kind}+jws"}).encode())
    signature = key.sign(f"{header}.{base64url(canonical(payload).encode())}".encode()).signature
    return signature, {"protected": header, "signature": base64url(signature)}


class Line:
    """What a file says of one side: its secrets, and what it draws, which stands in its messages."""

    def __init__(self, party, role, secrets, messages, sealed, commits, prepared):
        names = "identity noise entry delta baseOt choices"
        names += (" seal" if sealed else "") + (" zeros" if prepared and party == G else "")
        members(secrets, names, what="secrets")
        self.party, self.role, self.messages = party, role, messages
        noise = members(secrets["noise"], "static ephemeral")
        keys = [clamped(from_hex(noise[name], 32)) for name in ("static", "ephemeral")]
        self.identity = from_hex(secrets["identity"], 32)
        self.side = Side(*keys, self.identity)
        entry = members(secrets["entry"], "value rest" if commits else "value")
        self.entry, self.rest = int(entry["value"]), from_hex(entry["rest"]) if commits else b""
        need(str(self.entry) == entry["value"], "the number of an entry")
        self.delta = block(from_hex(secrets["delta"], 16))
        need(self.delta & 3 == (3 if party == G else 1), "the lowest bits of Δ")
        self.base = from_hex(members(secrets["baseOt"], "a" if party == G else "t")["a" if party == G else "t"])
        self.choices = [from_hex(one) for one in secrets["choices"]]
        need(len(self.choices) == (2 if party == G else 1), "choices")
        self.zeros = blocks(from_hex(secrets["zeros"])) if "zeros" in secrets else None
        if sealed:
            self.read_seal(members(secrets["seal"], "randomness m maskRandomness"))

    def read_seal(self, seal):
        own = self.drawn(0x81)
        self.key, self.proof = Key(own["modulus"]), own["proof"]
        check_key_proof(self.side.identity_key, own["modulus"], own["proof"])
        size, self.m = len(own["modulus"]), int(seal["m"])
        need(str(self.m) == seal["m"], "m")
        self.randomness = from_hex(seal["randomness"], size)
        mask_randomness = from_hex(seal["maskRandomness"], size)
        self.r, self.mask_r = (int.from_bytes(r, "big") for r in (self.randomness, mask_randomness))
        self.seal = self.key.encrypted(self.entry, self.randomness)
        self.mask = self.key.encrypted(self.m, mask_randomness)
        opened = self.drawn(0x84)
        self.challenge, self.nonce = opened["challenge"], opened["nonce"]
        need(len(self.challenge) == 5 and len(self.nonce) == 32, "a challenge")
        self.seed = tagged("entry commitment seed", self.randomness)
        self.commitment = tagged("entry commitment", self.key.bytes, self.seal, self.seed, self.rest)

    def drawn(self, kind):
        """The fields of the only message of a type."""
        found = [message["fields"] for message in self.messages if message["type"] == f"0x{kind:02x}"]
        need(len(found) == 1, f"one message 0x{kind:02x}")
        return {name: from_hex(data) for name, data in found[0].items()}


class Negotiation:
    """Plays both lines. `sent` has the messages of the responder, then those of the initiator."""

    def __init__(self, value):
        self.terms, self.prepared = Terms(value["terms"]), value["prepared"]
        terms = self.terms
        need(terms.value["security"] == "malicious" and "arbiter" not in terms.value, "other terms")
        need(type(self.prepared) is bool, "prepared")
        self.rule, self.sealed, self.commits = rule_of(terms.value), terms.sealed, terms.commits
        secrets, messages = (members(value[name], "initiator responder") for name in ("secrets", "messages"))
        roles = tuple(reversed(terms.roles))
        shape = self.sealed, self.commits, self.prepared
        self.lines = [Line(p, roles[p], secrets[LINES[p]], messages[LINES[p]], *shape) for p in (G, E)]
        for line in self.lines:
            same(line.side.identity_key, terms.parties[line.role], "the identity of a party")
        garbler, evaluator = self.lines
        self.point = base_point(garbler.base)
        self.link = handshake(evaluator.side, garbler.side, None, self.point)
        self.id = tagged("negotiation id", self.link.session, 0)
        self.engine = Engine(self.id, [line.delta for line in self.lines])
        self.say, self.batch = self.engine.say, [1, 0]
        self.seal_bits = terms.sealed_bits if self.sealed else 0
        self.build()
        self.play()

    def build(self):
        """The program, and the value of each input wire."""
        rule, size = self.rule, self.seal_bits
        self.program, self.outcome_wires, named = program_of(rule, ROOM, size)
        self.wires = [{name: named[name][1 - p] for name in named} for p in (G, E)]
        self.values = {}
        for line, wires in zip(self.lines, self.wires):
            entered = [line.entry >> i & 1 for i in range(self.terms.sealed_bits)]
            if self.sealed:
                self.enter(wires["mask"], [line.m >> i & 1 for i in range(size + 117)])
                need(line.m >> size + 117 == 0 and line.entry >> size == 0, "m, or an entry, that is too large")
            if rule.name == "menu":
                mask = block(tagged("fingerprint mask", line.seed, self.id)[:16])
                self.enter(wires["seal"], entered)
                self.enter(wires["fingerprint"], [mask >> i & 1 for i in range(128)])
                need(len(line.rest) == 2 * rule.options, "the length of the rest of an entry")
                entered = rule.entered(line.entry, line.rest)
            else:
                need(line.entry >> rule.entry == 0, "an entry that is too large")
            self.enter([wire for group in wires["rule"] for wire in group], entered)

    def enter(self, wires, bits):
        self.values.update(zip(wires, bits, strict=True))

    def play(self):
        engine, program = self.engine, self.program
        garbler, evaluator = self.lines
        for p in (E, G):
            self.say(p, 0x01, self.terms.digest, bytes([self.prepared]))
        self.set_up()
        room = 7 * self.seal_bits + self.seal_bits + 117
        proofs = room + 128 if self.sealed else 0
        if self.prepared:
            engine.absorb("prepare", 0, description(program))
        demand = engine.demand(program, "b", proofs)
        if self.prepared:
            demand = [demand[0], demand[1] + 320, demand[2] + 320, demand[3]]
        coins = [garbler.drawn(0x54)["coins"], evaluator.drawn(0x55)["coins"]]
        engine.begin_preparation(*demand, self.deal, coins, evaluator.drawn(0x55)["nonce"])
        packed = engine.enter(program, "b", self.values)
        if self.prepared:
            engine.end_preparation()
            engine.fit(program)
            engine.set_labels(program, garbler.zeros)
            engine.garble(program)
            self.inputs_and_seals(packed)
            engine.say_labels(program, "b")
            engine.absorb_circuits(program)
        else:
            self.inputs_and_seals(packed)
            engine.end_preparation()
            engine.fit(program)
            engine.label_inputs(garbler.drawn(0x60)["seed"])
            engine.garble(program)
        if self.sealed:
            self.say(E, 0x84, evaluator.challenge, evaluator.nonce)
        engine.check_gates()
        self.reveal(room)

    def set_up(self):
        """Keys of seals, base OTs and the setup of both directions."""
        garbler, evaluator = self.lines
        choices = evaluator.delta.to_bytes(16, "little")
        base = base_ot(
            tagged("early base OT", self.link.context),
            garbler.base,
            choices,
            evaluator.base,
            evaluator.drawn(0x21)["points"],
        )
        self.say(E, 0x21, base.points)
        for line in (self.lines if self.sealed else ()):
            modulus, p = line.key.bytes, line.party
            self.say(p, 0x80, (8 * len(modulus)).to_bytes(2, "big"))
            commitment = challenge_commitment(self.id, PARTIES[p], line.challenge, line.nonce)
            self.say(p, 0x81, modulus, line.proof, commitment)
        if self.sealed:
            need(garbler.key.n != evaluator.key.n, "one modulus of both parties")
            self.say(E, 0x83, evaluator.mask)
            if not self.prepared:
                self.say_seal(evaluator)
        sid = self.link.session
        first = extension(sid, "bits of the garbler", tuple(base.pairs), evaluator.delta, tuple(base.chosen))
        self.say(G, 0x22, *first.fields)
        own, choices = garbler.choices[0], garbler.delta.to_bytes(16, "little")
        same(own[:16], choices, "the garbler's choices in its first batch")
        fields, keys, macs = first.batch(0, 128, own, True)
        self.say(G, 0x23, *fields)
        pairs, chosen = base_from_cots(sid, keys, macs, evaluator.delta)
        second = extension(sid, "bits of the evaluator", tuple(pairs), garbler.delta, tuple(chosen))
        self.say(E, 0x22, *second.fields)
        self.directions = first, second

    def say_seal(self, line):
        self.say(line.party, 0x82, line.seal)
        if self.commits:
            self.say(line.party, 0x86, line.commitment)

    def deal(self, count):
        """Authenticated bits out of one batch in each direction."""
        first, second = self.directions
        fields, keys_e, macs_g = first.batch(1, count, self.lines[G].choices[1], True)
        self.say(G, 0x23, *fields)
        fields, keys_g, macs_e = second.batch(0, count, self.lines[E].choices[0], True)
        self.say(E, 0x23, *fields)
        return list(zip(macs_g, keys_g, macs_e, keys_e))

    def inputs_and_seals(self, packed):
        garbler, evaluator = self.lines
        if self.sealed and self.prepared:
            self.say_seal(evaluator)
        self.engine.say_inputs(packed)
        if self.sealed:
            self.say_seal(garbler)
            self.say(G, 0x83, garbler.mask)
            self.say(G, 0x84, garbler.challenge, garbler.nonce)

    def reveal(self, room):
        engine, session = self.engine, base64url(self.id)
        keys, values = [fingerprint_key(engine.entered, i) for i in range(len(self.wires[G]["rule"]))], {}
        for line in (self.lines if self.sealed else ()):
            self.answer(line, room)
            if self.commits:
                parts = list(zip(self.wires[line.party]["rule"], keys))
                value, proof = Known(engine, line.party).fingerprint(self.wires[line.party]["fingerprint"], parts)
                self.say(line.party, 0x5F, value, proof)
                values[line.role] = base64url(value)
        shared = {"parley": 1, "session": session, "terms": self.terms.value}
        seals = {line.role: self.seal_of(line) for line in self.lines} if self.sealed else {}
        for line in self.lines:
            payload = {**shared, "party": line.role, "statement": "bound by the outcome of this session"}
            if self.sealed:
                payload["seals"] = {role: digest for role, (_, digest) in seals.items()}
            if self.commits:
                own = {line.role: values[line.role]}
                payload["fingerprints"] = {"keys": list(map(base64url, keys)), "values": own}
            self.say(line.party, 0x02, signed(line.identity, "engagement", payload)[0])
        bits = engine.reveal(self.outcome_wires)
        self.outcome = self.terms.outcome(sum(bit << i for i, bit in enumerate(bits)))
        agreement = {**shared, "outcome": self.outcome}
        if self.sealed:
            agreement["seals"] = {role: seal for role, (seal, _) in seals.items()}
        if self.commits:
            agreement["fingerprints"] = {"keys": list(map(base64url, keys)), "values": values}
        signatures = {}
        for line in self.lines:
            signature, signatures[line.role] = signed(line.identity, "agreement", agreement)
            self.say(line.party, 0x03, signature)
        entries = [signatures[role] for role in self.terms.roles]
        document = {"payload": base64url(canonical(agreement).encode()), "signatures": entries}
        self.agreement = canonical(document) + "\n"

    def answer(self, line, room):
        """A party shows that the circuit has what it has sealed: 0x61 and 0x85."""
        peer, wires, size = self.lines[1 - line.party], self.wires[line.party], self.seal_bits
        e = int.from_bytes(peer.challenge, "big")
        entered = wires["seal"] if self.rule.name == "menu" else wires["rule"][0]
        outputs = Known(self.engine, line.party).prove(link_circuit(size, e), entered + wires["mask"], room, 0)
        n, key = line.key.n, line.key
        rho = pow(line.r, factor_of(e), n) * line.mask_r % n
        sums = sum(bit << i for i, bit in enumerate(outputs))
        check_link(key, size, e, key.ciphertext(line.seal), key.ciphertext(line.mask), sums, rho)
        self.say(line.party, 0x85, rho.to_bytes(len(key.bytes), "big"))

    def seal_of(self, line):
        """A seal as JSON, and its digest in base64url."""
        modulus = line.key.bytes
        seal = {"key": {"kty": "Paillier", "n": base64url(modulus)}, "ciphertext": base64url(line.seal)}
        commitment = (line.commitment,) if self.commits else ()
        if self.commits:
            seal["commitment"] = base64url(line.commitment)
        return seal, base64url(tagged("seal", self.seal_bits, modulus, line.seal, *commitment))


def check_negotiation(value, compare):
    menu = isinstance(value.get("terms"), dict) and "menu" in value["terms"]
    mandates = "" if menu else "mandates "
    members(value, f"terms termsDigest handshake sessionId prepared {mandates}secrets messages outcome agreement")
    found = Negotiation(value)
    same(from_hex(value["termsDigest"]), found.terms.digest, "the digest of the terms")
    same(list(map(from_hex, value["handshake"])), found.link.messages, "the handshake")
    same(from_hex(value["sessionId"]), found.link.session, "the session id")
    for p in (E, G):
        compare(value["messages"][LINES[p]], found.engine.sent[p], LINES[p])
    same(value["outcome"], found.outcome, "the outcome")
    same(value["agreement"], found.agreement, "the agreement")
    read_agreement(value["agreement"])
    if menu:
        return
    members(value["mandates"], "initiator responder")
    for p, line in enumerate(found.lines):
        check_mandate(found, line, value["mandates"][LINES[p]])


def check_mandate(found, line, mandate):
    words = found.rule.words(1 - line.party, mandate)
    entered = [line.entry >> i & 1 for i in range(found.rule.entry)]
    same(entered[: len(words)], words, "the words of an entry")
    need(found.rule.drawn(entered), "the share of an entry")
