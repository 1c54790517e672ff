import type { Circuit } from '../circuit/circuit.ts';
import { BATCH_LIMIT } from './batch-limit.ts';
import type { Bits, LateCircuit, Party } from './engine.ts';
import { Node, requireUsage, type Segment } from './wires.ts';

/** A queued input of one party; `bits` (a copy) are present at the owner only, until they have been used. */
export class InputNode<Storage> extends Node<Storage> {
  readonly owner: Party;
  bits: Bits | undefined;
  /** Whether it is to be fingerprinted, which takes its bits once more. */
  fingerprinted = false;

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
  /** AND gates of a copy, at most. */
  readonly ands: number;
  private readonly source: Circuit | LateCircuit;
  private resolved: Circuit | undefined;

  constructor(
    source: Circuit | LateCircuit,
    inputs: readonly (readonly Segment<Storage>[])[],
    shared: readonly boolean[],
    copies: number,
  ) {
    super(source.outputs.reduce((sum, width) => sum + width, 0) * copies);
    this.source = source;
    this.ands = source.ands;
    this.inputs = inputs;
    this.shared = shared;
    this.copies = copies;
  }

  /** Whether the circuit is a late one. */
  get late(): boolean {
    return 'resolve' in this.source;
  }

  /** The circuit; a late one may be asked for only once the inputs are fixed. */
  get circuit(): Circuit {
    this.resolved ??= 'resolve' in this.source ? resolveLate(this.source) : this.source;
    return this.resolved;
  }
}

function resolveLate(late: LateCircuit): Circuit {
  const circuit = late.resolve();
  const fits =
    String(circuit.inputs) === String(late.inputs) &&
    String(circuit.outputs) === String(late.outputs) &&
    circuit.ands <= late.ands;
  requireUsage(fits, 'a late circuit is not of the size that was announced');
  return circuit;
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
      const gates = item.ands;
      for (let first = 0; first < item.copies; ) {
        const room = gates === 0 ? item.copies : Math.floor((limit - batch.ands) / gates);
        if (room === 0 && batch.ands > 0) {
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
