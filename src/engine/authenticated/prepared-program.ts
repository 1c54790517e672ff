import { toHex } from '../../crypto/encoding.ts';
import type { GateBatch } from '../../garbling/authenticated/gates.ts';
import { AHEAD_BATCH, AHEAD_LIMIT } from '../ahead-limits.ts';
import { type Batch, cutIntoBatches, type Item } from '../batches.ts';
import type { Program } from '../engine.ts';
import { Recording } from '../recording.ts';
import { Node, type Segment } from '../wires.ts';
import type { WireStore } from './batch-engine.ts';

/**
 * The first batches of a program, and what has been made for them. What is queued later runs on that if its first batches are the same but for their
 * bits: inputs of the same owners and widths, and the same circuits on the same of their wires. What is made serves once.
 */
export class PreparedProgram {
  readonly batches: readonly Batch<WireStore>[];
  /** The gates of each batch that has been prepared; undefined where it has none. */
  readonly gates: (GateBatch | undefined)[] = [];
  /** The batches as text: the same at both parties exactly if they prepare the same. */
  readonly description: string;
  private readonly nodes: readonly Node<WireStore>[];

  constructor(program: Program | undefined) {
    const recording = new Recording<WireStore>();
    program?.(recording);
    const work = recording.take();
    this.batches = firstBatches(work);
    this.nodes = work.filter((item) => item instanceof Node);
    this.description = describe(work, this.batches)!; // a program has no wires but its own
  }

  /** AND gates of its batches. */
  get ands(): number {
    return this.batches.reduce((sum, { ands }) => sum + ands, 0);
  }

  /** The first batches of some work if they are those of this program; else undefined. */
  batchesOf(work: readonly Item<WireStore>[]): readonly Batch<WireStore>[] | undefined {
    const batches = leading(work, this.batches.length);
    return describe(work, batches) === this.description ? batches : undefined;
  }

  /** Each node of the program whose wires have something made for them, with its like in work that is the same. */
  *pairs(work: readonly Item<WireStore>[]): Generator<[Node<WireStore>, Node<WireStore>]> {
    const nodes = work.filter((item) => item instanceof Node);
    for (const [i, node] of this.nodes.entries()) if (node.storage !== undefined) yield [node, nodes[i]!];
  }

  /** Zeroes all that has been made but what is in nodes. */
  free(): void {
    for (const gates of this.gates) gates?.free();
  }
}

/** The batches of a program that are prepared: as many as there are within AHEAD_LIMIT. */
function firstBatches(work: readonly Item<WireStore>[]): Batch<WireStore>[] {
  const batches: Batch<WireStore>[] = [];
  let [ands, inputBits] = [0, 0];
  for (const batch of cutIntoBatches<WireStore>(work, () => AHEAD_BATCH)) {
    ands += batch.ands;
    inputBits += batch.inputBits;
    if (ands > AHEAD_LIMIT || inputBits > AHEAD_LIMIT) break;
    batches.push(batch);
  }
  return batches;
}

function leading(work: readonly Item<WireStore>[], count: number): Batch<WireStore>[] {
  const batches: Batch<WireStore>[] = [];
  for (const batch of cutIntoBatches<WireStore>(work, () => AHEAD_BATCH)) {
    if (batches.length === count) break;
    batches.push(batch);
  }
  return batches;
}

/** What batches of some work are, but for bits; undefined if they take wires from elsewhere. */
function describe(
  work: readonly Item<WireStore>[],
  batches: readonly Batch<WireStore>[],
): string | undefined {
  const numbers = new Map<object, number>();
  for (const item of work) if (item instanceof Node) numbers.set(item, numbers.size);
  const numberOf = (node: object): number | undefined => numbers.get(node);
  const wires = (segments: readonly Segment<WireStore>[]) =>
    segments.map(({ node, start, end }) => [numberOf(node), start, end]);
  const lines: unknown[] = [];
  for (const { inputs, steps } of batches) {
    lines.push(inputs.map(({ node, start, end }) => [numberOf(node), node.owner, node.width, start, end]));
    for (const step of steps) {
      if (step instanceof Node) {
        if (numbers.has(step)) lines.push(numberOf(step)); // what earlier work has left is not the program's
        continue;
      }
      const { node, first, copies } = step;
      if (!node.inputs.flat().every((segment) => numbers.has(segment.node))) return undefined;
      const groups = node.inputs.map((segments, i) => [node.shared[i], wires(segments)]);
      lines.push([numberOf(node), node.copies, toHex(node.circuit.digest), first, copies, groups]);
    }
  }
  return JSON.stringify(lines);
}
