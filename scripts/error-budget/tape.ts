import type { Circuit } from '../../src/circuit/circuit.ts';
import type { ApplyPiece, Batch } from '../../src/engine/batches.ts';
import type { Bits, LateCircuit, Party, Wires } from '../../src/engine/engine.ts';
import { QueuedEngine } from '../../src/engine/queue.ts';
import type { Segment } from '../../src/engine/wires.ts';
import { BATCH_ANDS, MINIMUM_ANDS } from '../../src/garbling/authenticated/parameters.ts';
import { linkAnds, linkOutputs, maskWidth } from '../../src/seals/index.ts';

/**
 * An engine that computes nothing and opens zeros: it cuts a rule's work into the batches that the real engines run, and records their AND gates.
 */
export class Tape extends QueuedEngine<object> {
  /** AND gates of each batch, in order. */
  readonly batches: number[] = [];
  /** AND gates queued so far. */
  queued = 0;

  constructor() {
    super('a');
  }

  /** Queues the links of both parties' seals of `width` bits, as SealLink does. */
  queueLinks(width: number): void {
    for (const owner of ['a', 'b'] as const) {
      const value = this.zeros(owner, width);
      const mask = this.zeros(owner, maskWidth(width));
      const link: LateCircuit = {
        inputs: [width, maskWidth(width)],
        outputs: linkOutputs(width),
        ands: linkAnds(width),
        resolve: () => {
          throw new Error('a tape runs no circuits');
        },
      };
      this.apply(link, [value, mask]);
    }
  }

  override apply(circuit: Circuit | LateCircuit, inputs: readonly Wires[], copies = 1): Wires {
    this.queued += copies * circuit.ands;
    return super.apply(circuit, inputs, copies);
  }

  zeros(owner: Party, width: number): Wires {
    return this.input(owner, width, owner === this.party ? new Uint8Array(width) : undefined);
  }

  protected override allocate(): object {
    return {};
  }

  protected override discard(): void {}

  protected override async runInputs(batch: Batch<object>): Promise<void> {
    this.batches.push(batch.ands);
  }

  protected override async runApply(_piece: ApplyPiece<object>): Promise<void> {}

  protected override async open(segments: readonly Segment<object>[]): Promise<Bits> {
    return new Uint8Array(segments.reduce((sum, { start, end }) => sum + end - start, 0));
  }

  protected override wipe(): void {}
}

/** Triples that are made at a time for these batches, in order: at most BATCH_ANDS, at least MINIMUM_ANDS, and the surplus serves later batches. */
export function preparations(batches: readonly number[]): number[] {
  const made: number[] = [];
  let available = 0;
  for (const ands of batches) {
    while (available < ands) {
      const count = Math.max(MINIMUM_ANDS, Math.min(BATCH_ANDS, ands - available));
      made.push(count);
      available += count;
    }
    available -= ands;
  }
  return made;
}
