import type { Circuit } from '../../src/circuit/circuit.ts';
import { NOWHERE } from '../../src/crypto/kernel.ts';
import { AHEAD_LIMIT } from '../../src/engine/ahead-limits.ts';
import type { WireStore } from '../../src/engine/authenticated/batch-engine.ts';
import { PreparedProgram } from '../../src/engine/authenticated/prepared-program.ts';
import type { ApplyPiece, Batch, Item } from '../../src/engine/batches.ts';
import type { Bits, Program, Wires } from '../../src/engine/engine.ts';
import { QueuedEngine } from '../../src/engine/queue.ts';
import type { Segment } from '../../src/engine/wires.ts';
import { BATCH_ANDS, MINIMUM_ANDS } from '../../src/garbling/authenticated/parameters.ts';

/** Triples as they are made at a time: at most BATCH_ANDS, at least MINIMUM_ANDS, and the surplus serves later batches. */
class Triples {
  readonly made: number[] = [];
  private available = 0;

  provide(count: number): void {
    while (this.available < count) {
      const more = Math.max(MINIMUM_ANDS, Math.min(BATCH_ANDS, count - this.available));
      this.made.push(more);
      this.available += more;
    }
  }

  use(count: number): void {
    this.provide(count);
    this.available -= count;
  }
}

/**
 * An engine that computes nothing and opens zeros: it cuts a rule's work into the batches that the malicious engine runs, prepared ones too, and records their
 * AND gates.
 */
export class Tape extends QueuedEngine<WireStore> {
  /** AND gates of each batch, in order. */
  readonly batches: number[] = [];
  private readonly triples = new Triples();
  private prepared: PreparedProgram | undefined;
  /** AND gates queued so far. */
  queued = 0;

  constructor() {
    super('a');
  }

  /** Triples that are made at a time, in order. */
  get preparations(): readonly number[] {
    return this.triples.made;
  }

  override async prepare(ands: number, program?: Program): Promise<void> {
    const prepared = new PreparedProgram(program);
    const free = Math.max(0, Math.min(ands, AHEAD_LIMIT) - prepared.ands);
    for (const batch of prepared.batches) {
      this.triples.provide(batch.ands + (batch === prepared.batches.at(-1) ? free : 0));
      this.count(batch);
    }
    this.triples.provide(free);
    this.prepared = prepared;
  }

  override apply(circuit: Circuit, inputs: readonly Wires[], copies = 1): Wires {
    this.queued += copies * circuit.ands;
    return super.apply(circuit, inputs, copies);
  }

  protected override allocate(): WireStore {
    return { keys: NOWHERE, macs: NOWHERE, zeros: NOWHERE, labels: NOWHERE, masks: NOWHERE };
  }

  protected override discard(): void {}

  protected override async runPrepared(work: readonly Item<WireStore>[]): Promise<number> {
    return this.prepared?.batchesOf(work)?.length ?? 0;
  }

  protected override async runInputs(batch: Batch<WireStore>): Promise<void> {
    this.count(batch);
  }

  protected override async runApply(_piece: ApplyPiece<WireStore>): Promise<void> {}

  protected override async open(segments: readonly Segment<WireStore>[]): Promise<Bits> {
    return new Uint8Array(segments.reduce((sum, { start, end }) => sum + end - start, 0));
  }

  protected override wipe(): void {}

  private count({ ands }: Batch<WireStore>): void {
    this.triples.use(ands);
    this.batches.push(ands);
  }
}

/** Triples that are made at a time for these batches, in order. */
export function preparations(batches: readonly number[]): readonly number[] {
  const triples = new Triples();
  for (const ands of batches) triples.use(ands);
  return triples.made;
}
