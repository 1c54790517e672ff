import { platform } from '#platform';
import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule } from '../../protocols/rule.ts';
import { type Bits, bigintToBits, packBits } from '../../src/circuit/bits.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { compileSchedule } from '../../src/circuit/schedule.ts';
import { hex, type Maker, seeded } from './shape.ts';

const small = { min: '0', max: '10', step: '1', unit: 'USD', decimals: 0 };
const range = { ...small, max: '1000' };
const mandates = [
  [{ reservation: '300' }, { reservation: '700' }],
  [{ reservation: '700' }, { reservation: '300' }],
  [{ abstain: true }, { reservation: '1000' }],
] as const;
const near = [
  [{ reservation: '3' }, { reservation: '7' }],
  [{ reservation: '7' }, { reservation: '3' }],
  [{ reservation: '5' }, { abstain: true }],
] as const;
const rounds = [
  [
    { reservations: ['900', '500'], nearMiss: true },
    { reservations: ['300', '600'], nearMiss: false },
  ],
  [
    { reservations: ['900', '620'], nearMiss: true },
    { reservations: ['300', '600'], nearMiss: true },
  ],
  [{ abstain: true }, { reservations: ['300', '600'], nearMiss: true }],
] as const;

/** Parts of terms of price rules, each with pairs of mandates. */
const priced = [
  { part: { rule: { name: 'zopa' }, range: small }, pairs: near },
  { part: { rule: { name: 'split', sellerShare: '1/2' }, range }, pairs: mandates },
  {
    part: { rule: { name: 'split', sellerShare: '3/7', rounds: 2, nearMiss: '2.5%' }, range },
    pairs: rounds,
  },
  {
    part: { rule: { name: 'split', sellerShare: '1/2', grid: '30' }, range: { ...range, step: '10' } },
    pairs: mandates,
  },
  { part: { rule: { name: 'random-split' }, range: small }, pairs: near },
  { part: { rule: { name: 'posted-price', price: '5' }, range: small }, pairs: near },
  {
    part: { rule: { name: 'posted-price', price: 'random' }, range: small },
    pairs: [[{ reservation: '0' }, { reservation: '10' }], ...near],
  },
];

/** Rules over menus: the solution, whether in its second version, and how many options. */
const menus = [
  { solution: 'utilitarian', version: 2, options: 18 },
  { solution: 'egalitarian', version: 2, options: 3 },
  { solution: 'nash', version: 2, options: 3 },
  { solution: 'nash', options: 2 },
  { solution: 'kalai-smorodinsky', version: 2, options: 3 },
];

/** A circuit as hashed in its digest, and as engines run it. */
export function described(circuit: Circuit) {
  const { inputs, outputs, kinds, left, right, outputWires, ands, digest } = circuit;
  const { slots } = compileSchedule(circuit);
  return {
    inputs: inputs.join(' '),
    outputs: outputs.join(' '),
    kinds: kinds.join(''),
    left: left.join(' '),
    right: right.join(' '),
    outputWires: outputWires.join(' '),
    ands,
    digest: hex(digest),
    slots,
    order: andOrder(circuit).join(' '),
  };
}

/** The gates that are ANDs, in the order of the schedule: what each slot holds says which gate comes next. */
function andOrder(circuit: Circuit): number[] {
  const { kinds, left, right } = circuit;
  const first = 2 + circuit.inputs.reduce((sum, width) => sum + width, 0);
  const gates = new Map(Array.from(kinds, (kind, gate) => [`${kind} ${left[gate]} ${right[gate]}`, gate]));
  const { xors, ands, xorEnd, andEnd } = compileSchedule(circuit);
  const held = Array.from({ length: first }, (_, wire) => wire);
  const order: number[] = [];
  const run = (kind: 0 | 1, triples: Int32Array, from: number, to: number) => {
    for (let at = 3 * from; at < 3 * to; at += 3) {
      const gate = gates.get(`${kind} ${held[triples[at]!]} ${held[triples[at + 1]!]}`)!;
      held[triples[at + 2]!] = first + gate;
      if (kind === 1) order.push(gate);
    }
  };
  for (let layer = 0; layer < xorEnd.length; layer++) {
    run(0, xors, xorEnd[layer - 1] ?? 0, xorEnd[layer]!);
    run(1, ands, andEnd[layer - 1] ?? 0, andEnd[layer]!);
  }
  return order;
}

function bound(part: { readonly rule: { readonly name: string } }): BoundRule {
  return ruleOf(part).under(part as never);
}

/** What a price rule's circuit gives for two mandates. */
function caseOf(rule: BoundRule, circuit: Circuit, pair: readonly unknown[], seed: number) {
  const entries = (['a', 'b'] as const).map((party, i) => rule.enter(party, pair[i], seeded(seed + i)));
  const bits = entries.map(({ value }, i) => bigintToBits(value, circuit.inputs[i]!));
  const opened = evaluateCircuit(circuit, bits);
  return {
    mandates: pair,
    entries: bits.map((each) => hex(packBits(each))),
    wires: hex(platform.sha256(valuesOf(circuit, bits))),
    opened: hex(packBits(opened)),
    outcome: rule.readOutcome!(opened),
  };
}

/** The values of all wires, in the order of their numbers. */
function valuesOf(circuit: Circuit, bits: readonly Bits[]): Bits {
  const inputs = bits.reduce((sum, { length }) => sum + length, 0);
  const outputWires = Int32Array.from({ length: 2 + inputs + circuit.kinds.length }, (_, wire) => wire);
  return evaluateCircuit({ ...circuit, outputWires }, bits);
}

function menuOf(options: number) {
  const values = Array.from({ length: options }, (_, i) => `option ${i + 1}`);
  return { issues: [{ name: 'Option', values }] };
}

export const circuits: Maker = {
  about: 'The circuits of the rules, gate by gate, in the order in which each is first applied.',
  make: () => ({
    prices: priced.map(({ part, pairs }, i) => {
      const rule = bound(part);
      const { circuit } = rule.circuits()[0]!;
      const cases = pairs.map((pair, j) => caseOf(rule, circuit, pair, 10 * i + 2 * j + 1));
      const { min, max, step } = part.range;
      return { terms: { rule: part.rule, range: { min, max, step } }, ...described(circuit), cases };
    }),
    menus: menus.map(({ options, ...rule }) => {
      const part = { rule: { name: 'menu', ...rule }, menu: menuOf(options) };
      const applied = bound(part).circuits();
      return {
        terms: { rule: part.rule, options },
        circuits: applied.map(({ circuit, copies }) => ({ copies, ...described(circuit) })),
      };
    }),
  }),
};
