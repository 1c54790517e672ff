import type { Entry, Rule, RuleTerms } from '../../protocols/rule.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import type { OutcomeJson } from '../../src/documents/terms.ts';
import type { Bits, Engine, Party, Wires } from '../../src/engine/engine.ts';
import { noRelease } from './rules.ts';

/** Computations that `SlicedEngine` runs at once. */
export const LANES = 32;

/** All input bits of each party, in the order in which a rule enters them. */
export interface Pair {
  readonly a: Bits;
  readonly b: Bits;
}

/** The outcomes of a rule's circuit for at most 32 pairs of inputs, decoded as a session decodes them. `entry` may be any entry: `pairs` take its place. */
export async function outcomesOf(
  rule: Rule,
  terms: RuleTerms,
  entry: Entry,
  pairs: readonly Pair[],
): Promise<OutcomeJson[]> {
  const engine = new SlicedEngine(pairs);
  const bound = rule.under(terms);
  await bound.compute(engine, entry, noRelease);
  const decode = (_: Pair, lane: number) =>
    bound.compute(new OpeningEngine(engine.outcome(lane)), entry, noRelease);
  return Promise.all(pairs.map(decode));
}

/** Values in groups for `outcomesOf`. */
export function* lanesOf<Value>(values: readonly Value[]): Generator<Value[]> {
  for (let at = 0; at < values.length; at += LANES) yield values.slice(at, at + LANES);
}

/** Bit i of a number is the wire's value in computation i. */
interface Slices extends Wires {
  readonly slices: Int32Array;
}

/** For tests only: evaluates a rule's circuits for 32 pairs of inputs at once, in the clear, and keeps what is opened. */
export class SlicedEngine implements Engine {
  readonly party = 'a';
  private readonly inputs: Readonly<Record<Party, Int32Array>>;
  private readonly entered = { a: 0, b: 0 };
  private opened = new Int32Array();

  constructor(pairs: readonly Pair[]) {
    this.inputs = { a: sliced(pairs.map(({ a }) => a)), b: sliced(pairs.map(({ b }) => b)) };
  }

  /** What was opened in a computation. */
  outcome(lane: number): Bits {
    return Uint8Array.from(this.opened, (slice) => (slice >>> lane) & 1);
  }

  async prepare(): Promise<void> {}

  input(owner: Party, width: number): Slices {
    const start = this.entered[owner];
    this.entered[owner] += width;
    return handle(this.inputs[owner].subarray(start, start + width));
  }

  apply(circuit: Circuit, inputs: readonly Wires[], copies = 1): Slices {
    const groups = inputs.map(slicesOf);
    const outputs = circuit.outputWires.length;
    const results = new Int32Array(copies * outputs);
    for (let copy = 0; copy < copies; copy++) {
      const own = groups.map((group, i) => {
        const width = circuit.inputs[i]!;
        return group.length === width ? group : group.subarray(copy * width, (copy + 1) * width);
      });
      results.set(evaluate(circuit, own), copy * outputs);
    }
    return handle(results);
  }

  slice(wires: Wires, start: number, end = wires.width): Slices {
    return handle(slicesOf(wires).subarray(start, end));
  }

  concat(...wires: readonly Wires[]): Slices {
    const whole = new Int32Array(wires.reduce((sum, { width }) => sum + width, 0));
    let at = 0;
    for (const each of wires) {
      whole.set(slicesOf(each), at);
      at += each.width;
    }
    return handle(whole);
  }

  release(): void {}

  async reveal(wires: Wires): Promise<Bits> {
    this.opened = slicesOf(wires).slice();
    return this.outcome(0);
  }

  close(): void {}
}

/** For tests only: computes nothing, and opens given bits. */
export class OpeningEngine implements Engine {
  readonly party = 'a';
  private readonly opened: Bits;

  constructor(opened: Bits) {
    this.opened = opened;
  }

  async prepare(): Promise<void> {}

  input(_owner: Party, width: number): Wires {
    return { width };
  }

  apply(circuit: Circuit, _inputs: readonly Wires[], copies = 1): Wires {
    return { width: copies * circuit.outputWires.length };
  }

  slice(wires: Wires, start: number, end = wires.width): Wires {
    return { width: end - start };
  }

  concat(...wires: readonly Wires[]): Wires {
    return { width: wires.reduce((sum, { width }) => sum + width, 0) };
  }

  release(): void {}

  async reveal({ width }: Wires): Promise<Bits> {
    if (width !== this.opened.length) throw new RangeError('other bits are opened than are given');
    return this.opened;
  }

  close(): void {}
}

function handle(slices: Int32Array): Slices {
  return { width: slices.length, slices };
}

function slicesOf(wires: Wires): Int32Array {
  return (wires as Slices).slices;
}

function sliced(lanes: readonly Bits[]): Int32Array {
  const slices = new Int32Array(lanes[0]!.length);
  lanes.forEach((bits, lane) => {
    for (let i = 0; i < bits.length; i++) slices[i]! |= bits[i]! << lane;
  });
  return slices;
}

function evaluate({ kinds, left, right, outputWires }: Circuit, inputs: readonly Int32Array[]): Int32Array {
  const first = inputs.reduce((sum, { length }) => sum + length, 2);
  const wires = new Int32Array(first + kinds.length);
  wires[1] = -1;
  let at = 2;
  for (const group of inputs) {
    wires.set(group, at);
    at += group.length;
  }
  for (let gate = 0; gate < kinds.length; gate++) {
    const [x, y] = [wires[left[gate]!]!, wires[right[gate]!]!];
    wires[first + gate] = kinds[gate] === 1 ? x & y : x ^ y;
  }
  return Int32Array.from(outputWires, (wire) => wires[wire]!);
}
