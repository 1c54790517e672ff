import { packBits, unpackBits } from '../../circuit/bits.ts';
import { utf8 } from '../../crypto/encoding.ts';
import { turn } from '../../crypto/turns.ts';
import { InputFingerprints } from '../../garbling/authenticated/fingerprint.ts';
import { type GateBatch, KEPT_BYTES, TABLE_BYTES } from '../../garbling/authenticated/gates.ts';
import { fingerprint } from '../../garbling/authenticated/messages.ts';
import { PREPARED_MASKS } from '../../garbling/authenticated/parameters.ts';
import type { Demand } from '../../garbling/authenticated/preparation.ts';
import { AHEAD_LIMIT } from '../ahead-limits.ts';
import { ApplyNode, type Batch, type Item, markFixed } from '../batches.ts';
import type { FingerprintingEngine, Fixing, Program, Wires } from '../engine.ts';
import { enterMasks, MASK_BITS } from '../fingerprint-masks.ts';
import { Node, requireUsage } from '../wires.ts';
import type { AuthenticatedOptions, Plan, WireStore } from './batch-engine.ts';
import { PreparedProgram } from './prepared-program.ts';
import { AuthenticatedProver } from './prover.ts';

export type { AuthenticatedOptions, WireStore } from './batch-engine.ts';

/** What both roles of the malicious engine share: preparation, and fingerprints. Steps are those of src/garbling/authenticated/README.md. */
export abstract class AuthenticatedEngine extends AuthenticatedProver implements FingerprintingEngine {
  private readonly fingerprints: InputFingerprints;
  /** The program that is prepared, until it has run. */
  private prepared: PreparedProgram | undefined;
  /** How many parts are queued for the fingerprints and have not run. */
  private pendingParts = 0;
  private masked = false;
  /** Whether a fingerprint has gone out or come in. Nothing is added after that: two fingerprints of one party would differ by something that has no mask. */
  private stated = false;

  constructor(options: AuthenticatedOptions) {
    super(options);
    this.fingerprints = new InputFingerprints(this.context);
  }

  /** Step 7 before inputs exist: tables and, at the garbler, what labels of inputs are. */
  protected abstract prepareTables(
    batch: Batch<WireStore>,
    plan: Plan,
    gates: GateBatch | undefined,
  ): Promise<void>;

  /** Steps 8 to 10 for the batches of a prepared program, with `fixing` in the first. */
  protected abstract runOnline(batches: readonly PreparedBatch[], fixing: Fixing | undefined): Promise<void>;

  override prepare(ands: number, program?: Program, onDone?: (done: number) => void): Promise<void> {
    return this.exclusively(async () => {
      await super.prepare(ands);
      requireUsage(
        program === undefined || this.prepared === undefined,
        'one program is prepared, and no other before it has run',
      );
      const prepared = new PreparedProgram(program);
      const free = Math.max(0, Math.min(ands, AHEAD_LIMIT) - prepared.ands);
      this.context.advance('prepare', free, utf8(prepared.description));
      const masks = { garbler: PREPARED_MASKS, evaluator: PREPARED_MASKS };
      const others = { ands: free, masks, proofs: this.proofs };
      const { batches } = prepared;
      if (batches.length === 0) return this.makeMissing(others);
      this.prepared = prepared;
      let done = 0;
      for (const batch of batches) {
        const more = batch === batches.at(-1) ? others : NOTHING; // a later one would take it
        await this.prepareBatch(batch, more);
        done += batch.ands + more.ands;
        onDone?.(done / (prepared.ands + free));
      }
    });
  }

  maskFingerprints(mask: Uint8Array): void {
    this.requireOpen();
    requireUsage(!this.masked, 'fingerprints are masked once');
    requireUsage(8 * mask.length === MASK_BITS, 'the mask of a fingerprint has 16 bytes');
    this.masked = true;
    const bits = unpackBits(mask, MASK_BITS);
    const masks = enterMasks(this, (owner) => (owner === this.party ? bits : undefined));
    bits.fill(0);
    this.queueFingerprint(masks);
    this.pendingParts += 1;
    this.release(...masks);
  }

  fingerprint(...inputs: readonly Wires[]): void {
    this.requireMasked();
    requireUsage(!this.stated, 'nothing is added to a fingerprint that has been stated');
    this.queueFingerprint(inputs);
    this.pendingParts += 1;
  }

  get fingerprintKeys(): readonly Uint8Array[] {
    return this.fingerprints.keys;
  }

  async sendFingerprint(): Promise<Uint8Array> {
    this.beginStatement();
    return this.fingerprints.send();
  }

  async receiveFingerprint(): Promise<Uint8Array> {
    this.beginStatement();
    try {
      const stated = await this.link.receive(fingerprint, undefined);
      this.requireOpen();
      return this.fingerprints.verify(stated);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Runs what has been prepared of some work: gives how many of its first batches. */
  protected override async runPrepared(
    work: readonly Item<WireStore>[],
    fixing: Fixing | undefined,
  ): Promise<number> {
    const { prepared } = this;
    const batches = prepared?.batchesOf(work);
    if (prepared === undefined || batches === undefined) return 0;
    for (const [from, to] of prepared.pairs(work)) this.handOver(from, to);
    for (const batch of batches) this.makeRoom(batch, 'labelled');
    if (fixing !== undefined && batches[0] !== undefined) markFixed(batches[0]);
    await this.runOnline(
      batches.map((batch, i) => ({ batch, gates: prepared.gates[i] })),
      fixing,
    );
    this.requireOpen();
    this.prepared = undefined;
    return batches.length;
  }

  /** Step 12, once a batch's inputs have their labels. */
  protected addFingerprints(
    batch: Batch<WireStore>,
    garbler: Uint8Array | undefined,
    evaluator: Uint8Array | undefined,
  ): void {
    this.requireOpen();
    const { fingerprints } = this;
    fingerprints.absorb(garbler, evaluator);
    for (const { parts } of batch.fingerprints) {
      const key = fingerprints.nextKey();
      for (const node of parts) {
        const entered = { ...node.storage!, count: node.width };
        if (node.owner !== this.party) {
          fingerprints.addPeer(entered, key);
          continue;
        }
        const packed = packBits(node.bits!);
        fingerprints.addOwn(packed, entered, key);
        packed.fill(0);
        node.forget();
      }
      this.pendingParts -= 1;
    }
  }

  /** Forgets a batch's input bits, but for those of inputs that a later batch fingerprints, and frees what the batch released. */
  protected finishBatch(batch: Batch<WireStore>): void {
    for (const { node, end } of batch.inputs) {
      if (end === node.width && !node.fingerprinted) node.forget();
    }
    this.pools.sweep();
    for (const step of batch.steps) if (step instanceof Node) this.drop(step);
  }

  protected override wipe(): void {
    super.wipe();
    this.prepared?.free();
    this.prepared = undefined;
    this.fingerprints.clear();
  }

  private async makeMissing(demand: Demand): Promise<void> {
    const preparation = await this.provide(demand);
    if (preparation !== undefined) await this.runPreparation(preparation);
  }

  /** All of a batch that does not wait for inputs; makes what `others` will take from the pools, too. */
  private async prepareBatch(batch: Batch<WireStore>, others: Demand): Promise<void> {
    await this.makeMissing(sum(this.demand(batch), others));
    await turn();
    this.requireOpen();
    // Places of what is kept, below what is needed only meanwhile: in between, it would cut that room up, and the memory would grow.
    const kept = this.kernel.allocate(KEPT_BYTES * batch.ands);
    const tables = this.kernel.allocate(this.role === 'evaluator' ? TABLE_BYTES * batch.ands : 0);
    this.makeRoom(batch, 'unlabelled');
    this.assignMasks(batch);
    const plan = this.plan(batch);
    const gates = plan.ands > 0 ? this.newGates(plan) : undefined;
    this.prepared?.gates.push(gates);
    gates?.spreadMasks();
    await gates?.sendFits();
    const fits = await gates?.receiveFits();
    this.requireOpen();
    if (fits !== undefined) gates?.fit(fits);
    this.kernel.free(tables);
    await this.prepareTables(batch, plan, gates);
    await turn();
    this.requireOpen();
    this.kernel.free(kept);
    gates?.keep();
    this.pools.sweep();
    for (const step of batch.steps) if (step instanceof ApplyNode) this.drop(step);
  }

  private requireMasked(): void {
    this.requireOpen();
    requireUsage(this.masked, 'fingerprints need their masks first');
  }

  private beginStatement(): void {
    this.requireMasked();
    requireUsage(this.pendingParts === 0, 'a fingerprint is stated once what it covers has been entered');
    this.stated = true;
  }
}

/** A batch whose inputs are there, and its gates, which were prepared; undefined if it has none. */
export interface PreparedBatch {
  readonly batch: Batch<WireStore>;
  readonly gates: GateBatch | undefined;
}

const NOTHING: Demand = { ands: 0, masks: { garbler: 0, evaluator: 0 }, proofs: 0 };

function sum(one: Demand, other: Demand): Demand {
  return {
    ands: one.ands + other.ands,
    masks: {
      garbler: one.masks.garbler + other.masks.garbler,
      evaluator: one.masks.evaluator + other.masks.evaluator,
    },
    proofs: Math.max(one.proofs, other.proofs), // of the same proofs
  };
}
