import type { GateBatch } from '../../garbling/authenticated/gates.ts';
import { inputLabels } from '../../garbling/authenticated/messages.ts';
import { withPacked } from '../../garbling/authenticated/opening.ts';
import type { Preparation } from '../../garbling/authenticated/preparation.ts';
import type { Batch } from '../batches.ts';
import type { Bits, Fixing, Party, Release } from '../engine.ts';
import type { Segment } from '../wires.ts';
import { AuthenticatedEngine, type WireStore, widthOf } from './engine.ts';

/** The garbler of the malicious engine. Moves are named by the steps and flights of src/garbling/authenticated/README.md. */
export class AuthenticatedGarbler extends AuthenticatedEngine {
  protected override async runPreparation(preparation: Preparation): Promise<void> {
    await this.makeLeaky(preparation);
    const { triples } = preparation;
    await triples?.receiveBits();
    triples?.prepareDigest();
    await triples?.receiveDigestCommitment();
    await triples?.sendDigest();
    await triples?.receiveOpening();
    preparation.combine();
    await triples?.sendDifferences();
    preparation.finish(await triples?.receiveDifferences());
  }

  protected override async runBatch(batch: Batch<WireStore>, fixing: Fixing | undefined): Promise<void> {
    const demand = this.demand(batch);
    const preparation = await this.provide(demand);
    const triples = preparation?.triples;
    if (preparation !== undefined) await this.makeLeaky(preparation);
    this.assignMasks(batch);
    await triples?.receiveBits();
    triples?.prepareDigest();
    await triples?.receiveDigestCommitment();
    const theirs = await this.receiveMaskedInputs(batch);
    await triples?.sendDigest();
    // Without triples to make and nothing to fix, this party's inputs can wait for the tables.
    const early = triples !== undefined || fixing !== undefined;
    let ours = early ? await this.sendMaskedInputs(batch) : undefined;
    await fixing?.send();
    await triples?.receiveOpening();
    preparation?.combine();
    await triples?.sendDifferences();
    preparation?.finish(await triples?.receiveDifferences());
    await fixing?.receive();
    this.requireOpen();
    const plan = this.plan(batch);
    const gates = plan.ands > 0 ? this.newGates(plan) : undefined;
    gates?.spreadMasks();
    if (!early) ours = await this.sendMaskedInputs(batch);
    await gates?.sendFits();
    gates?.fit(await gates.receiveFits());
    this.requireOpen();
    await this.sendLabels(batch, ours, theirs);
    this.addFingerprints(batch, ours, theirs);
    if (gates === undefined) this.spreadFree(plan);
    else await this.runGates(gates);
    this.requireOpen();
    this.finishBatch(batch);
  }

  protected override async open(
    segments: readonly Segment<WireStore>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined> {
    await release?.receive();
    await release?.send();
    this.requireOpen();
    return this.withJoined(segments, async (joined) => {
      if (to !== this.party) await this.sendOutputs(joined.macs, joined.width);
      return to === 'both' || to === this.party ? this.receiveOutputs(joined) : undefined;
    });
  }

  /** Flights 1 to 3: random bits both ways, both parties' ciphertexts, this party's bits of S, input masks. */
  private async makeLeaky(preparation: Preparation): Promise<void> {
    const { triples } = preparation;
    await preparation.offer();
    await preparation.accept();
    await Promise.all([
      triples?.sendCiphertexts(),
      triples === undefined
        ? preparation.receiveMasks()
        : triples.receiveCiphertexts().then(() => preparation.receiveMasks()),
    ]);
    await triples?.sendBits();
    await preparation.sendMasks();
    this.requireOpen();
  }

  /** Step 8: picks the labels of a batch's inputs, and sends the active ones. */
  private async sendLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    const { kernel } = this;
    for (const [owner, values] of [
      ['garbler', ours],
      ['evaluator', theirs],
    ] as const) {
      if (values === undefined) continue;
      const pieces = this.piecesOf(batch, owner);
      const count = widthOf(pieces);
      const labels = kernel.allocate(16 * count);
      const zeros = this.context.random(16 * count);
      for (let i = 0; i < zeros.length; i += 16) zeros[i]! &= 0xfe;
      kernel.write(labels, zeros);
      zeros.fill(0);
      this.distribute(pieces, 'zeros', labels);
      withPacked(kernel, values, (bits) => {
        kernel.call.addPublicBits(labels, bits, count, this.context.delta, 16);
      });
      this.distribute(pieces, 'labels', labels);
      await this.link.send(inputLabels, count, { labels: kernel.read(labels, 16 * count) });
      kernel.free(labels);
    }
  }

  /** Steps 7 and 10: tables out, then labels checked, and only then the answer to the gate check. */
  private async runGates(gates: GateBatch): Promise<void> {
    await gates.garble();
    await gates.receiveMaskedGates();
    gates.spreadMaskedValues();
    await gates.sendGateCheck();
    gates.free();
  }
}
