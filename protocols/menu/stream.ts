import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Bits, Engine, Party, Wires } from '../../src/engine/engine.ts';
import { circuitName } from '../circuit-cache.ts';
import type { AppliedCircuit } from '../rule.ts';
import { FAN_IN, leafCircuit, mergeCircuit, optionWidth, outcomeCircuit } from './circuits.ts';
import { logsFor, maximaLeafCircuit, maximaMergeCircuit, offsetCircuit } from './maxima.ts';
import type { Solution } from './options.ts';

/** Options that are entered and reduced to one candidate at a time. A power of FAN_IN. */
const CHUNK = FAN_IN ** 3;

/** The part of an engine that queues work. */
export type Queue = Pick<Engine, 'input' | 'apply' | 'slice' | 'concat' | 'release'>;

/** Gives the bits of options `start` to `end` of a party, option after option; undefined if it is the other party's. */
export type OptionBits = (party: Party, start: number, end: number) => Bits | undefined;

/**
 * Queues the whole computation over `count` options: the wires to open are the deal bit, then the option's index, lowest bit
 * first. Chunk after chunk, so that apart from kalai-smorodinsky's inputs, which are used twice, only one chunk's wires are held.
 */
export function queueMenu(engine: Queue, solution: Solution, count: number, bits: OptionBits): Wires {
  const width = optionWidth(solution);
  const twoPasses = solution === 'kalai-smorodinsky';
  const chunks = chunksOf(count);
  const enter = ([start, end]: Span): [Wires, Wires] => {
    const [a, b] = (['a', 'b'] as const).map((party) =>
      engine.input(party, (end - start) * width, bits(party, start, end)),
    );
    return [a!, b!];
  };
  const kept = twoPasses ? chunks.map(enter) : [];
  const offset = twoPasses ? [queueOffset(engine, count, chunks, kept)] : [];

  const winners = chunks.map((chunk, i) => {
    const options = kept[i] ?? enter(chunk);
    const leaves = applyAll(engine, sizeOf(chunk), options, offset, (n) => leafCircuit(solution, n));
    engine.release(...options);
    return reduce(engine, solution, { wires: leaves, count: groups(sizeOf(chunk)), level: 1 });
  });
  engine.release(...offset);

  // a shorter last chunk may have fewer positions
  const level = Math.max(...winners.map((winner) => winner.level));
  const aligned = winners.map((winner) => reduce(engine, solution, winner, level));
  const wires = joined(
    engine,
    aligned.map((winner) => winner.wires),
  );
  const winner = reduce(engine, solution, { wires, count: winners.length, level });
  const outcome = engine.apply(outcomeCircuit(solution, winner.level), [winner.wires]);
  engine.release(winner.wires);
  return outcome;
}

/** AND gates of that computation. */
export function countAnds(solution: Solution, count: number): number {
  const counter = new Counter();
  queueMenu(counter, solution, count, () => undefined);
  return counter.ands;
}

/** Its circuits, in the order in which they are first applied, and how often each is. */
export function menuCircuits(solution: Solution, count: number): AppliedCircuit[] {
  const counter = new Counter();
  queueMenu(counter, solution, count, () => undefined);
  return [...counter.copies].map(([circuit, copies]) => ({ name: circuitName(circuit), circuit, copies }));
}

/** Options `start` to `end`. */
type Span = readonly [start: number, end: number];

/** Candidates with `level` positions each. */
interface Candidates {
  readonly wires: Wires;
  readonly count: number;
  readonly level: number;
}

/** The options that are entered together, in order. */
export function chunksOf(count: number): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < count; start += CHUNK) spans.push([start, Math.min(count, start + CHUNK)]);
  return spans;
}

function sizeOf([start, end]: Span): number {
  return end - start;
}

function groups(count: number): number {
  return Math.ceil(count / FAN_IN);
}

/** Merges to one candidate, of at least `level`. */
function reduce(engine: Queue, solution: Solution, from: Candidates, level = 0): Candidates {
  let candidates = from;
  while (candidates.count > 1 || candidates.level < level) {
    const { wires, count, level: at } = candidates;
    const merged = applyAll(engine, count, [wires], [], (n) => mergeCircuit(solution, n, at));
    engine.release(wires);
    candidates = { wires: merged, count: groups(count), level: at + 1 };
  }
  return candidates;
}

/** The first pass of kalai-smorodinsky: the offset between the logarithms of the two largest gains. */
function queueOffset(
  engine: Queue,
  count: number,
  chunks: readonly Span[],
  inputs: readonly [Wires, Wires][],
): Wires {
  const logs = logsFor(count);
  const merge = (from: Wires, items: number): Wires => {
    let wires = from;
    for (let left = items; left > 1; left = groups(left)) {
      const merged = applyAll(engine, left, [wires], [], (n) => maximaMergeCircuit(n, logs));
      engine.release(wires);
      wires = merged;
    }
    return wires;
  };
  const maxima = chunks.map((chunk, i) =>
    merge(
      applyAll(engine, sizeOf(chunk), inputs[i]!, [], (n) => maximaLeafCircuit(n, logs)),
      groups(sizeOf(chunk)),
    ),
  );
  const final = merge(joined(engine, maxima), maxima.length);
  const offset = engine.apply(offsetCircuit(logs), [final]);
  engine.release(final);
  return offset;
}

/** One handle on several; they are released with it. */
function joined(engine: Queue, parts: readonly Wires[]): Wires {
  return parts.length === 1 ? parts[0]! : engine.concat(...parts);
}

/**
 * Applies a circuit to each FAN_IN of `count` items, and the circuit of that size to the rest. `items` are groups of wires with as many
 * per item throughout; `shared` serve every application.
 */
function applyAll(
  engine: Queue,
  count: number,
  items: readonly Wires[],
  shared: readonly Wires[],
  circuitOf: (items: number) => Circuit,
): Wires {
  const copies = Math.floor(count / FAN_IN);
  const rest = count - copies * FAN_IN;
  const part = (from: number, to: number): Wires[] =>
    items.map((wires) => engine.slice(wires, (from * wires.width) / count, (to * wires.width) / count));
  const results: Wires[] = [];
  if (copies > 0) {
    const whole = part(0, copies * FAN_IN);
    results.push(engine.apply(circuitOf(FAN_IN), [...whole, ...shared], copies));
  }
  if (rest > 0) results.push(engine.apply(circuitOf(rest), [...part(copies * FAN_IN, count), ...shared]));
  return joined(engine, results);
}

/** A queue that only counts what is applied. */
class Counter implements Queue {
  readonly copies = new Map<Circuit, number>();

  get ands(): number {
    let ands = 0;
    for (const [circuit, copies] of this.copies) ands += copies * circuit.ands;
    return ands;
  }

  input(_owner: Party, width: number): Wires {
    return { width };
  }

  apply(circuit: Circuit, _inputs: readonly Wires[], copies = 1): Wires {
    this.copies.set(circuit, copies + (this.copies.get(circuit) ?? 0));
    return { width: copies * circuit.outputWires.length };
  }

  slice(wires: Wires, start: number, end = wires.width): Wires {
    return { width: end - start };
  }

  concat(...wires: readonly Wires[]): Wires {
    return { width: wires.reduce((sum, each) => sum + each.width, 0) };
  }

  release(): void {}
}
