import { giveBack } from '../../crypto/give-back.ts';
import { turn } from '../../crypto/turns.ts';
import type { GateBatch } from '../../garbling/authenticated/gates.ts';
import {
  addMaskedValues,
  drawZeros,
  SEED_LENGTH,
  SeededLabels,
} from '../../garbling/authenticated/input-labels.ts';
import { inputLabelSeed, inputLabels } from '../../garbling/authenticated/messages.ts';
import type { Preparation } from '../../garbling/authenticated/preparation.ts';
import type { Batch } from '../batches.ts';
import type { Bits, Fixing, Party, Release } from '../engine.ts';
import type { Segment } from '../wires.ts';
import { type Plan, type WireStore, widthOf } from './batch-engine.ts';
import { AuthenticatedEngine, type PreparedBatch } from './engine.ts';

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
    this.makeRoom(batch, 'labelled');
    this.assignMasks(batch);
    await triples?.receiveBits();
    triples?.prepareDigest();
    await triples?.receiveDigestCommitment();
    const theirs = await this.receiveMaskedInputs(batch);
    let ours: Uint8Array | undefined;
    const sendInputs = async () => {
      ours = await this.sendMaskedInputs(batch);
      await fixing?.send();
    };
    if (triples !== undefined) {
      await triples.sendDigest();
      await sendInputs();
    }
    await triples?.receiveOpening();
    preparation?.combine();
    await triples?.sendDifferences();
    preparation?.finish(await triples?.receiveDifferences());
    this.requireOpen();
    const plan = this.plan(batch);
    const gates = plan.ands > 0 ? this.newGates(plan) : undefined;
    gates?.spreadMasks();
    if (triples === undefined) await sendInputs(); // with the tables
    await gates?.sendFits();
    gates?.fit(await gates.receiveFits());
    this.requireOpen();
    await this.sendLabels(batch, ours, theirs);
    this.addFingerprints(batch, ours, theirs);
    await gates?.garble();
    await fixing?.receive();
    this.requireOpen();
    if (gates === undefined) this.spreadFree(plan, ['keys', 'macs', 'labels', 'zeros']);
    else await this.checkGates(gates);
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

  protected override async prepareTables(
    batch: Batch<WireStore>,
    plan: Plan,
    gates: GateBatch | undefined,
  ): Promise<void> {
    const { kernel } = this;
    const count = widthOf(batch.inputs);
    const zeros = drawZeros(this.context, count);
    this.distribute(batch.inputs, 'zeros', zeros);
    kernel.free(zeros);
    if (gates === undefined) this.spreadFree(plan, ['keys', 'macs', 'zeros']);
    await gates?.garble();
  }

  protected override async runOnline(
    batches: readonly PreparedBatch[],
    fixing: Fixing | undefined,
  ): Promise<void> {
    const theirs: (Uint8Array | undefined)[] = [];
    for (const { batch } of batches) theirs.push(await this.receiveMaskedInputs(batch));
    const finish = async (i: number) => {
      if (i === 0) await fixing?.receive();
      await this.finishOnline(batches[i]!);
    };
    for (const [i, { batch }] of batches.entries()) {
      const ours = await this.sendMaskedInputs(batch);
      if (i === 0) await fixing?.send();
      await this.sendKeptLabels(batch, ours, theirs[i]);
      this.addFingerprints(batch, ours, theirs[i]);
      // The labels of this batch are on their way while the evaluator's answer to those of the one before comes in.
      if (i > 0) await finish(i - 1);
    }
    await finish(batches.length - 1);
  }

  /** Step 10 for a batch whose labels have been sent. */
  private async finishOnline({ batch, gates }: PreparedBatch): Promise<void> {
    const plan = this.plan(batch);
    if (gates === undefined) {
      this.spreadFree(plan, ['macs', 'labels']);
    } else {
      await turn();
      this.requireOpen();
      gates.resume(plan.units);
      await this.checkGates(gates);
      this.requireOpen();
    }
    this.finishBatch(batch);
  }

  /** Step 8, before there are tables: picks the active labels of a batch's inputs by a seed, and sends that. */
  private async sendLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    if (ours === undefined && theirs === undefined) return;
    const { kernel, context } = this;
    const seed = context.random(SEED_LENGTH);
    const stream = new SeededLabels(context, seed);
    this.forBothOwners(batch, ours, theirs, (pieces, values) => {
      const count = widthOf(pieces);
      const labels = stream.next(values, count);
      this.distribute(pieces, 'labels', labels);
      addMaskedValues(context, labels, values, count);
      this.distribute(pieces, 'zeros', labels);
      kernel.free(labels);
    });
    await this.link.send(inputLabelSeed, undefined, { seed });
  }

  /** Step 8, where tables have gone out: sends the active labels of a batch's inputs. */
  private async sendKeptLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    const { kernel } = this;
    const messages = this.forBothOwners(batch, ours, theirs, (pieces, values) => {
      const count = widthOf(pieces);
      const labels = this.gather(pieces, 'zeros');
      addMaskedValues(this.context, labels, values, count);
      this.distribute(pieces, 'labels', labels);
      const sent = kernel.read(labels, 16 * count);
      kernel.free(labels);
      return { count, labels: sent };
    });
    for (const { count, labels } of messages) {
      await this.link.send(inputLabels, count, { labels });
      giveBack(labels);
    }
  }

  /** Step 10: labels checked, and only then the answer to the gate check. */
  private async checkGates(gates: GateBatch): Promise<void> {
    await gates.receiveMaskedGates();
    gates.spreadMaskedValues();
    await gates.sendGateCheck();
    gates.free();
  }
}
