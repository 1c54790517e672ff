import type { Circuit } from '../../src/circuit/circuit.ts';
import type { Wires } from '../../src/engine/engine.ts';
import { jointCircuit, lateLeafCircuit, leafCircuit } from './circuits.ts';
import { chunksOf, entersLogsLater, isRelative, logsFor, type Part } from './inputs.ts';
import { maximaLeafCircuit, maximaMergeCircuit, maximaOfGainsCircuit, offsetCircuit } from './maxima.ts';
import type { Method } from './options.ts';
import { applyAll, groups, joined, type Queue } from './tournament.ts';

/** Queues a part of a chunk's options as an input of each party. */
export type Enter = (part: Part, chunk: Chunk) => readonly [Wires, Wires];

/** Options `start` to `end`. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

/** The pass over all options that makes their keys. */
export interface LastPass {
  /** What the leaves of chunk i take: groups of wires, each with as many an option. Asked for once a chunk, in order, and released then. */
  options(chunk: Chunk, i: number): readonly Wires[];
  /** The leaf of so many options. */
  leaf(options: number): Circuit;
  /** What every leaf takes besides. */
  readonly shared: readonly Wires[];
}

/** Queues all that comes before the last pass: for kalai-smorodinsky a pass over all options that finds the largest gains. */
export function beforeLastPass(engine: Queue, method: Method, count: number, enter: Enter): LastPass {
  if (entersLogsLater(method, count)) return afterGains(engine, count, enter);
  const leaf = (options: number) => leafCircuit(method, options);
  if (isRelative(method)) return { ...afterOptions(engine, count, enter), leaf };
  return { options: (chunk) => enter('options', chunk), leaf, shared: [] };
}

/** The first pass where it takes all that is entered. That is held for the last one. */
function afterOptions(engine: Queue, count: number, enter: Enter): Omit<LastPass, 'leaf'> {
  const held = chunksOf(count).map((chunk) => enter('options', chunk));
  const maxima = chunksOf(count).map((chunk, i) =>
    maximaOf(engine, count, chunk, held[i]!, (n) => maximaLeafCircuit(n, logsFor(count))),
  );
  return { options: (_, i) => held[i]!, shared: [offsetOf(engine, count, maxima)] };
}

/** The first pass where it needs gains only. What is held for the last one is their sum, and whether both accept: 18 wires an option. */
function afterGains(engine: Queue, count: number, enter: Enter): LastPass {
  const joints: Wires[] = [];
  const maxima = chunksOf(count).map((chunk) => {
    const gains = enter('gains', chunk);
    const joint = applyAll(engine, sizeOf(chunk), gains, [], jointCircuit);
    const most = maximaOf(engine, count, chunk, [...gains, joint], maximaOfGainsCircuit);
    engine.release(...gains);
    joints.push(joint);
    return most;
  });
  return {
    options: (chunk, i) => [...enter('logs', chunk), joints[i]!],
    leaf: lateLeafCircuit,
    shared: [offsetOf(engine, count, maxima)],
  };
}

/** The maxima of a chunk. */
function maximaOf(
  engine: Queue,
  count: number,
  chunk: Chunk,
  options: readonly Wires[],
  leaf: (options: number) => Circuit,
): Wires {
  const leaves = applyAll(engine, sizeOf(chunk), options, [], leaf);
  return mergeMaxima(engine, count, leaves, groups(sizeOf(chunk)));
}

/** The offset between the logarithms of the two largest gains, from the maxima of all chunks. */
function offsetOf(engine: Queue, count: number, maxima: readonly Wires[]): Wires {
  const final = mergeMaxima(engine, count, joined(engine, maxima), maxima.length);
  const offset = engine.apply(offsetCircuit(logsFor(count)), [final]);
  engine.release(final);
  return offset;
}

function mergeMaxima(engine: Queue, count: number, from: Wires, items: number): Wires {
  let wires = from;
  for (let left = items; left > 1; left = groups(left)) {
    const merged = applyAll(engine, left, [wires], [], (n) => maximaMergeCircuit(n, logsFor(count)));
    engine.release(wires);
    wires = merged;
  }
  return wires;
}

/** How many options a chunk has. */
export function sizeOf({ start, end }: Chunk): number {
  return end - start;
}
