import { platform } from '#platform';
import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import type { GateBatch } from '../../garbling/authenticated/gates.ts';
import { SeededLabels } from '../../garbling/authenticated/input-labels.ts';
import { inputLabelSeed, inputLabels } from '../../garbling/authenticated/messages.ts';
import { packShares } from '../../garbling/authenticated/opening.ts';
import type { Preparation } from '../../garbling/authenticated/preparation.ts';
import type { Batch } from '../batches.ts';
import type { Bits, Fixing, Party, Release } from '../engine.ts';
import type { Segment } from '../wires.ts';
import { type Plan, type WireStore, widthOf } from './batch-engine.ts';
import { AuthenticatedEngine, type PreparedBatch } from './engine.ts';

/** The evaluator of the malicious engine. Moves are named by the steps and flights of src/garbling/authenticated/README.md. */
export class AuthenticatedEvaluator extends AuthenticatedEngine {
  /** Batches whose gate checks the garbler owes, in order: they have been asked for, and not been read yet. */
  private unchecked: GateBatch[] = [];

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
    this.makeRoom(batch, 'labelled');
    this.assignMasks(batch);
    await triples?.sendBits();
    await triples?.sendDigestCommitment();
    const ours = await this.sendMaskedInputs(batch);
    await fixing?.withInputs?.();
    let theirs: Uint8Array | undefined;
    const receiveInputs = async () => {
      theirs = await this.receiveMaskedInputs(batch);
      await fixing?.receive();
    };
    if (triples !== undefined) {
      await triples.receiveDigest();
      await receiveInputs();
    }
    await triples?.sendOpening();
    await platform.nextTurn(); // the garbler goes on at the same time
    preparation?.combine();
    await triples?.sendDifferences();
    const plan = this.plan(batch);
    const gates = plan.ands > 0 ? this.newGates(plan) : undefined;
    gates?.spreadMasks();
    await gates?.sendFits();
    preparation?.finish(await triples?.receiveDifferences());
    if (triples === undefined) await receiveInputs();
    this.requireOpen();
    if (gates !== undefined) gates.fit(await gates.receiveFits());
    await this.receiveLabels(batch, ours, theirs);
    this.addFingerprints(batch, theirs, ours);
    await fixing?.send();
    this.requireOpen();
    if (gates === undefined) {
      this.spreadFree(plan, ['keys', 'macs', 'labels']);
    } else {
      await gates.evaluate();
      await this.claimGates(gates);
    }
    this.finishBatch(batch);
  }

  protected override async prepareTables(
    _batch: Batch<WireStore>,
    plan: Plan,
    gates: GateBatch | undefined,
  ): Promise<void> {
    if (gates === undefined) this.spreadFree(plan, ['keys', 'macs']);
    await gates?.receiveTables();
  }

  protected override async runOnline(
    batches: readonly PreparedBatch[],
    fixing: Fixing | undefined,
  ): Promise<void> {
    await this.settle();
    const ours: (Uint8Array | undefined)[] = [];
    for (const { batch } of batches) ours.push(await this.sendMaskedInputs(batch));
    await fixing?.withInputs?.();
    for (const [i, { batch, gates }] of batches.entries()) {
      const theirs = await this.receiveMaskedInputs(batch);
      if (i === 0) await fixing?.receive();
      await this.receiveKeptLabels(batch, ours[i], theirs);
      this.addFingerprints(batch, theirs, ours[i]);
      if (i === 0) await fixing?.send();
      this.requireOpen();
      const plan = this.plan(batch);
      if (gates === undefined) {
        this.spreadFree(plan, ['keys', 'labels']);
      } else {
        gates.resume(plan.units);
        await gates.evaluateKept();
        await this.claimGates(gates);
      }
      await this.settle(gates === undefined ? 0 : 1); // the answer for the batch before comes ahead of the next labels
      this.finishBatch(batch);
    }
  }

  /** Step 10: claims the values of a batch's gates. The garbler's answer is read by `settle`. */
  private async claimGates(gates: GateBatch): Promise<void> {
    await gates.sendMaskedGates();
    this.requireOpen();
    gates.free();
    this.unchecked.push(gates);
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

  /** Step 8, before there are tables: the active labels of a batch's inputs, from the garbler's seed. */
  private async receiveLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    if (ours === undefined && theirs === undefined) return;
    const { seed } = await this.link.receive(inputLabelSeed, undefined);
    this.requireOpen();
    const stream = new SeededLabels(this.context, seed);
    this.forBothOwners(batch, theirs, ours, (pieces, values) => {
      const labels = stream.next(values, widthOf(pieces));
      this.distribute(pieces, 'labels', labels);
      this.kernel.free(labels);
    });
  }

  /** Step 8, where tables have come before: the active labels of a batch's inputs. Bit 0 of each is its masked value. */
  private async receiveKeptLabels(
    batch: Batch<WireStore>,
    ours: Uint8Array | undefined,
    theirs: Uint8Array | undefined,
  ): Promise<void> {
    const { kernel } = this;
    const due = this.forBothOwners(batch, theirs, ours, (pieces, values) => ({ pieces, values }));
    for (const { pieces, values } of due) {
      const count = widthOf(pieces);
      const { labels } = await this.link.receive(inputLabels, count);
      this.requireOpen();
      const pointer = kernel.allocate(16 * count);
      kernel.write(pointer, labels);
      check('masked values in input labels', equalBytes(packShares(kernel, pointer, count), values));
      this.distribute(pieces, 'labels', pointer);
      kernel.free(pointer);
    }
  }

  /** Step 10: verifies the gate checks that have not been read yet, but for the last `owed`. */
  private async settle(owed = 0): Promise<void> {
    while (this.unchecked.length > owed) {
      await this.unchecked.shift()!.receiveGateCheck();
      this.requireOpen();
    }
  }
}
