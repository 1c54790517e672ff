import { platform } from '#platform';
import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import type { GateBatch } from '../../garbling/authenticated/gates.ts';
import { inputLabels } from '../../garbling/authenticated/messages.ts';
import { packShares } from '../../garbling/authenticated/opening.ts';
import type { Preparation } from '../../garbling/authenticated/preparation.ts';
import type { Batch } from '../batches.ts';
import type { Bits, Fixing, Party, Release } from '../engine.ts';
import type { Segment } from '../wires.ts';
import { AuthenticatedEngine, type WireStore, widthOf } from './engine.ts';

/** The evaluator of the malicious engine. Moves are named by the steps and flights of src/garbling/authenticated/README.md. */
export class AuthenticatedEvaluator extends AuthenticatedEngine {
  /** The last batch, if the garbler owes its gate check: that has been asked for, and not been read yet. */
  private unchecked: { readonly gates: GateBatch; readonly batch: Batch<WireStore> } | undefined;

  protected override async runPreparation(preparation: Preparation): Promise<void> {
    await this.settle();
    await this.makeLeaky(preparation);
    const { triples } = preparation;
    await triples?.sendBits();
    await triples?.sendDigestCommitment();
    await triples?.receiveDigest();
    await triples?.sendOpening();
    await platform.nextTurn();
    preparation.combine();
    await triples?.sendDifferences();
    preparation.finish(await triples?.receiveDifferences());
  }

  protected override async runBatch(batch: Batch<WireStore>, fixing: Fixing | undefined): Promise<void> {
    await this.settle();
    const demand = this.demand(batch);
    const preparation = await this.provide(demand);
    const triples = preparation?.triples;
    if (preparation !== undefined) await this.makeLeaky(preparation);
    this.assignMasks(batch);
    await triples?.sendBits();
    await triples?.sendDigestCommitment();
    const ours = await this.sendMaskedInputs(batch);
    await triples?.receiveDigest();
    const early = triples !== undefined || fixing !== undefined;
    let theirs = early ? await this.receiveMaskedInputs(batch) : undefined;
    await fixing?.receive();
    await triples?.sendOpening();
    await platform.nextTurn(); // the garbler goes on at the same time
    preparation?.combine();
    await triples?.sendDifferences();
    await fixing?.send();
    this.requireOpen();
    const plan = this.plan(batch);
    const gates = plan.ands > 0 ? this.newGates(plan) : undefined;
    gates?.spreadMasks();
    await gates?.sendFits();
    preparation?.finish(await triples?.receiveDifferences());
    if (!early) theirs = await this.receiveMaskedInputs(batch);
    this.requireOpen();
    if (gates !== undefined) gates.fit(await gates.receiveFits());
    await this.receiveLabels(batch, ours, theirs);
    this.addFingerprints(batch, theirs, ours);
    if (gates === undefined) {
      this.spreadFree(plan);
      this.finishBatch(batch);
      return;
    }
    await gates.evaluate();
    await gates.sendMaskedGates();
    this.unchecked = { gates, batch };
  }

  protected override async open(
    segments: readonly Segment<WireStore>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined> {
    await release?.send();
    await this.settle();
    await release?.receive();
    this.requireOpen();
    return this.withJoined(segments, async (joined) => {
      const bits = to === 'both' || to === this.party ? await this.receiveOutputs(joined) : undefined;
      if (to !== this.party) await this.sendOutputs(joined.macs, joined.width);
      return bits;
    });
  }

  /** Flights 1 to 3: random bits both ways, both parties' ciphertexts, the garbler's bits of S, input masks. */
  private async makeLeaky(preparation: Preparation): Promise<void> {
    const { triples } = preparation;
    await preparation.exchange();
    // The garbler receives while it sends.
    await triples?.sendCiphertexts();
    await preparation.sendMasks();
    await triples?.receiveCiphertexts();
    await triples?.receiveBits();
    await preparation.receiveMasks();
    this.requireOpen();
  }

  /** Step 8: the active labels of a batch's inputs. Bit 0 of each is its masked value. */
  private async receiveLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    const { kernel } = this;
    for (const [owner, values] of [
      ['garbler', theirs],
      ['evaluator', ours],
    ] as const) {
      if (values === undefined) continue;
      const pieces = this.piecesOf(batch, owner);
      const count = widthOf(pieces);
      const { labels } = await this.link.receive(inputLabels, count);
      const pointer = kernel.allocate(16 * count);
      kernel.write(pointer, labels);
      check('masked values in input labels', equalBytes(packShares(kernel, pointer, count), values));
      this.distribute(pieces, 'labels', pointer);
      kernel.free(pointer);
    }
  }

  /** Step 10: verifies the gate check of the last batch, if that has not been done yet. */
  private async settle(): Promise<void> {
    if (this.unchecked === undefined) return;
    const { gates, batch } = this.unchecked;
    this.unchecked = undefined;
    await gates.receiveGateCheck();
    this.requireOpen();
    gates.free();
    this.finishBatch(batch);
  }
}
