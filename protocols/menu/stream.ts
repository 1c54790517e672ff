import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Bits, Party, Wires } from '../../src/engine/engine.ts';
import { circuitName } from '../circuit-cache.ts';
import type { AppliedCircuit } from '../rule.ts';
import { outcomeCircuit, POSITION_WIDTH } from './circuits.ts';
import { chunksOf, inputWidth, type MenuInput } from './inputs.ts';
import type { Method } from './options.ts';
import { beforeLastPass, type Enter, sizeOf } from './passes.ts';
import { applyAll, groups, joined, type Queue, reduce } from './tournament.ts';

/** Gives the bits of one of a party's inputs; undefined if it is the other party's. */
export type InputBits = (party: Party, input: MenuInput) => Bits | undefined;

/**
 * Queues the whole computation over `count` options. The wires to open are the deal bit, then the option's index, lowest bit first. Work goes
 * chunk by chunk, so that the wires of one chunk are held at a time, besides those that kalai-smorodinsky keeps for its second pass.
 */
export function queueMenu(engine: Queue, method: Method, count: number, bits: InputBits): Wires {
  const enter: Enter = (part, chunk) => {
    const input: MenuInput = { part, ...chunk };
    const of = (party: Party) => engine.input(party, inputWidth(method, input), bits(party, input));
    const a = of('a');
    return [a, of('b')];
  };
  const { options, leaf, shared } = beforeLastPass(engine, method, count, enter);
  const winners = chunksOf(count).map((chunk, i) => {
    const groupsOfWires = options(chunk, i);
    const leaves = applyAll(engine, sizeOf(chunk), groupsOfWires, shared, leaf);
    engine.release(...groupsOfWires);
    return reduce(engine, method, { wires: leaves, count: groups(sizeOf(chunk)), level: 1 });
  });
  engine.release(...shared);

  // a shorter last chunk may have fewer positions
  const level = Math.max(...winners.map((winner) => winner.level));
  const aligned = winners.map((winner) => reduce(engine, method, winner, level));
  const wires = joined(
    engine,
    aligned.map((winner) => winner.wires),
  );
  const winner = reduce(engine, method, { wires, count: winners.length, level });
  const outcome = engine.apply(outcomeCircuit(method, winner.level), [winner.wires]);
  engine.release(winner.wires);
  return outcome;
}

/** Bits that are opened: the deal bit, and the option's index as its positions in the tournament. */
export function outcomeWidth(count: number): number {
  const chunks = chunksOf(count);
  return 1 + POSITION_WIDTH * (1 + merges(groups(sizeOf(chunks[0]!))) + merges(chunks.length));
}

/** How often candidates are merged until one is left. */
function merges(candidates: number): number {
  return candidates === 1 ? 0 : 1 + merges(groups(candidates));
}

/** AND gates of that computation. */
export function countAnds(method: Method, count: number): number {
  const counter = new Counter();
  queueMenu(counter, method, count, () => undefined);
  return counter.ands;
}

/** Its circuits, in the order in which they are first applied, and how often each is. */
export function menuCircuits(method: Method, count: number): AppliedCircuit[] {
  const counter = new Counter();
  queueMenu(counter, method, count, () => undefined);
  return [...counter.copies].map(([circuit, copies]) => ({ name: circuitName(circuit), circuit, copies }));
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
