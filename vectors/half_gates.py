"""Garbling with half gates (Part 4 of docs/wire.md), for one copy of one circuit."""

from circuit import AND
from ot import block_of, little, tweak
from primitives import aes, need, tagged, xor

MASK = 2**64 - 1


def sigma(x):
    """hi ‖ (lo ⊕ hi) of a block lo ‖ hi, as numbers read little-endian."""
    low, high = x & MASK, x >> 64
    return high | (low ^ high) << 64


class Gates:
    """The gates of a circuit in the order of the engine; labels are numbers, read little-endian."""

    def __init__(self, circuit, negotiation):
        self.circuit = circuit
        self.layers = circuit.schedule[0]
        self.count = sum(circuit.kinds)
        need(self.count < 2**18, "more gates than one key is for")
        self.key = tagged("label hash key", "half gates", negotiation, 0)[:16]

    def hashes(self, pairs):
        """H of each (label, t)."""
        data = b"".join(block_of(sigma(x) ^ t) for x, t in pairs)
        out = xor(aes(self.key, data), data)
        return [little(out[i : i + 16]) for i in range(0, len(out), 16)]

    def _run(self, labels, work):
        """Goes through all gates; work gives the labels of a layer's AND gates, (gate, number, A, B) each."""
        circuit, first, number = self.circuit, self.circuit.first_gate, 0
        wires = dict(enumerate(labels))
        for xors, ands in self.layers:
            for g in xors:
                wires[first + g] = wires[circuit.left[g]] ^ wires[circuit.right[g]]
            if ands:
                operands = [
                    (number + i, wires[circuit.left[g]], wires[circuit.right[g]]) for i, g in enumerate(ands)
                ]
                for g, label in zip(ands, work(operands), strict=True):
                    wires[first + g] = label
                number += len(ands)
        return [wires[wire] for wire in circuit.output_wires]

    def garble(self, zero_labels, delta):
        """The tables, and L₀ of the outputs; zero_labels are those of the inputs."""
        tables = []

        def work(operands):
            pairs = []
            for g, a, b in operands:
                pairs += [(a, 2 * g), (a ^ delta, 2 * g), (b, 2 * g + 1), (b ^ delta, 2 * g + 1)]
            found, labels = self.hashes(pairs), []
            for i, (_, a, b) in enumerate(operands):
                a0, a1, b0, b1 = found[4 * i : 4 * i + 4]
                generator = a0 ^ a1 ^ (delta if b & 1 else 0)
                evaluator = b0 ^ b1 ^ a
                tables.append(block_of(generator) + block_of(evaluator))
                labels.append(a0 ^ (generator if a & 1 else 0) ^ b0 ^ (evaluator ^ a if b & 1 else 0))
            return labels

        outputs = self._run([0, delta, *zero_labels], work)
        return b"".join(tables), outputs

    def evaluate(self, labels, tables):
        """The active labels of the outputs, for those of the inputs."""

        def work(operands):
            found = self.hashes([pair for g, a, b in operands for pair in ((a, 2 * g), (b, 2 * g + 1))])
            results = []
            for i, (g, a, b) in enumerate(operands):
                generator, evaluator = (little(tables[32 * g + at : 32 * g + at + 16]) for at in (0, 16))
                label = found[2 * i] ^ found[2 * i + 1]
                label ^= (generator if a & 1 else 0) ^ (evaluator ^ a if b & 1 else 0)
                results.append(label)
            return results

        return self._run([0, 0, *labels], work)
