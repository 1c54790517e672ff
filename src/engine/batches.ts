import type { Circuit } from '../circuit/circuit.ts';
import { BATCH_LIMIT } from './batch-limit.ts';
import type { Bits, Party } from './engine.ts';
import { Node, type Segment } from './wires.ts';

/** A queued input of one party; `bits` (a copy) are present at the owner only, until they have been used. */
export class InputNode<Storage> extends Node<Storage> {
  readonly owner: Party;
  bits: Bits | undefined;
  /** Whether it is to be fingerprinted, which takes its bits once more. */
  fingerprinted = false;
  /** Whether a Fixing has followed it: whatever the peer says in that, this input was there before. */
  fixed = false;

  constructor(owner: Party, width: number, bits: Bits | undefined) {
    super(width);
    this.owner = owner;
    this.bits = bits;
  }

  /** Zeroes the bits, once nothing will take them any more. */
  forget(): void {
    this.bits?.fill(0);
    this.bits = undefined;
  }
}

/** A queued circuit. `inputs[i]` is `copies` times as wide as the circuit's group i, or as wide and shared by all copies. */
export class ApplyNode<Storage> extends Node<Storage> {
  readonly inputs: readonly (readonly Segment<Storage>[])[];
  /** Whether input i serves every copy. */
  readonly shared: readonly boolean[];
  readonly copies: number;
  readonly circuit: Circuit;

  constructor(
    circuit: Circuit,
    inputs: readonly (readonly Segment<Storage>[])[],
    shared: readonly boolean[],
    copies: number,
  ) {
    super(circuit.outputWires.length * copies);
    this.circuit = circuit;
    this.inputs = inputs;
    this.shared = shared;
    this.copies = copies;
  }
}

/** Bits `start` to `end` of an input. */
export interface InputPiece<Storage> {
  readonly node: InputNode<Storage>;
  readonly start: number;
  readonly end: number;
}

/** Copies `first` to `first + copies` of an apply. */
export interface ApplyPiece<Storage> {
  readonly node: ApplyNode<Storage>;
  readonly first: number;
  readonly copies: number;
}

/** Whole inputs that are to be fingerprinted together, at most one of each party; those of the first such group are masks. */
export interface FingerprintPart<Storage> {
  readonly parts: readonly InputNode<Storage>[];
}

/** What an engine queues. */
export type Item<Storage> =
  | InputNode<Storage>
  | ApplyNode<Storage>
  | FingerprintPart<Storage>
  | { readonly free: Node<Storage> };

/** A bounded part of the queue: its inputs, those of them that are to be fingerprinted, then its steps in order; a bare node is one to free. */
export interface Batch<Storage> {
  readonly inputs: InputPiece<Storage>[];
  readonly fingerprints: FingerprintPart<Storage>[];
  readonly steps: (ApplyPiece<Storage> | Node<Storage>)[];
  /** AND gates and input bits in it. */
  ands: number;
  inputBits: number;
}

/**
 * Cuts queued work into batches, lazily, in order, each within the limit of its number: BATCH_LIMIT unless `limitOf` says otherwise. Both parties cut
 * in the same places: only public sizes matter.
 */
export function* cutIntoBatches<Storage>(
  work: readonly Item<Storage>[],
  limitOf: (batch: number) => number = () => BATCH_LIMIT,
): Generator<Batch<Storage>, undefined, void> {
  let batch: Batch<Storage> = { inputs: [], fingerprints: [], steps: [], ands: 0, inputBits: 0 };
  let number = 0;
  let limit = limitOf(number);
  const full = (): Batch<Storage> => {
    const finished = batch;
    batch = { inputs: [], fingerprints: [], steps: [], ands: 0, inputBits: 0 };
    number += 1;
    limit = limitOf(number);
    return finished;
  };
  for (const item of work) {
    if (item instanceof InputNode) {
      for (let start = 0; start < item.width; ) {
        if (batch.inputBits === limit) yield full();
        const end = Math.min(item.width, start + limit - batch.inputBits);
        batch.inputs.push({ node: item, start, end });
        batch.inputBits += end - start;
        start = end;
      }
    } else if (item instanceof ApplyNode) {
      const gates = item.circuit.ands;
      for (let first = 0; first < item.copies; ) {
        const room = gates === 0 ? item.copies : Math.floor((limit - batch.ands) / gates);
        if (room <= 0 && batch.ands > 0) {
          yield full();
          continue;
        }
        const copies = Math.min(item.copies - first, Math.max(room, 1));
        batch.steps.push({ node: item, first, copies });
        batch.ands += copies * gates;
        first += copies;
      }
    } else if ('parts' in item) {
      batch.fingerprints.push(item);
    } else {
      batch.steps.push(item.free);
    }
  }
  if (batch.inputs.length + batch.fingerprints.length + batch.steps.length > 0) yield full();
  return undefined;
}

/** Marks the inputs that a batch has from their first bit to their last: a Fixing follows them. */
export function markFixed<Storage>({ inputs }: Batch<Storage>): void {
  for (const { node, start, end } of inputs) node.fixed ||= start === 0 && end === node.width;
}
