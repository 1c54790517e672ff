import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Engine, Wires } from '../../src/engine/engine.ts';
import { FAN_IN, mergeCircuit } from './circuits.ts';
import type { Method } from './options.ts';

/** The part of an engine that queues work. */
export type Queue = Pick<Engine, 'input' | 'apply' | 'slice' | 'concat' | 'release'>;

/** Candidates with `level` positions each. */
export interface Candidates {
  readonly wires: Wires;
  readonly count: number;
  readonly level: number;
}

/** Merges candidates to one, of at least `level`. */
export function reduce(engine: Queue, method: Method, from: Candidates, level = 0): Candidates {
  let candidates = from;
  while (candidates.count > 1 || candidates.level < level) {
    const { wires, count, level: at } = candidates;
    const merged = applyAll(engine, count, [wires], [], (n) => mergeCircuit(method, n, at));
    engine.release(wires);
    candidates = { wires: merged, count: groups(count), level: at + 1 };
  }
  return candidates;
}

/** How many applications `applyAll` makes of so many items. */
export function groups(count: number): number {
  return Math.ceil(count / FAN_IN);
}

/** One handle on several; they are released with it. */
export function joined(engine: Queue, parts: readonly Wires[]): Wires {
  return parts.length === 1 ? parts[0]! : engine.concat(...parts);
}

/**
 * Applies a circuit to each FAN_IN of `count` items, and the circuit of that size to the rest. `items` are groups of wires, each with as
 * many wires an item throughout; `shared` serve every application.
 */
export function applyAll(
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
