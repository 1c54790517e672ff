import { packBits, unpackBits } from '../../circuit/bits.ts';
import { blockAt, type Kernel, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import { Context } from '../../garbling/authenticated/context.ts';
import type { CorrelatedBits, Role, Shares } from '../../garbling/authenticated/correlated-bits.ts';
import { InputFingerprints, MASK_BITS } from '../../garbling/authenticated/fingerprint.ts';
import { GateBatch } from '../../garbling/authenticated/gates.ts';
import { fingerprint, maskedInputs, openedOutputs } from '../../garbling/authenticated/messages.ts';
import {
  openShares,
  packShares,
  requirePadding,
  verifyShares,
} from '../../garbling/authenticated/opening.ts';
import { BATCH_ANDS, PREPARED_MASKS, UNIT_BYTES } from '../../garbling/authenticated/parameters.ts';
import { type Demand, Pools, Preparation } from '../../garbling/authenticated/preparation.ts';
import { xorBytes } from '../../garbling/authenticated/triples.ts';
import { type Plane, spreadUnit, type Unit } from '../../garbling/authenticated/units.ts';
import { ScheduleCache } from '../../garbling/loaded-schedule.ts';
import { copiesAtOnce } from '../../garbling/planes.ts';
import type { Link } from '../../link/link.ts';
import type { Batch, InputPiece } from '../batches.ts';
import type { Bits, FingerprintingEngine, Party, Wires } from '../engine.ts';
import { QueuedEngine } from '../queue.ts';
import { Node, requireUsage, type Segment } from '../wires.ts';
import { runsOf, unitOf } from './apply-unit.ts';

export interface AuthenticatedOptions {
  readonly link: Link;
  readonly random: Random;
  readonly party: Party;
  /** This party's end of the connection's COTs, which also says whether it garbles. */
  readonly correlated: CorrelatedBits;
  /** 32 bytes that no other engine of this connection has had. */
  readonly sessionId: Uint8Array;
}

/** What is kept of a wire, one array each. Labels are active ones; `zeros` are the garbler's labels of zero, else unused. */
export type WireStore = Readonly<Record<Plane, Pointer>>;

/** A batch cut into units, and its AND gates. */
export interface Plan {
  readonly units: readonly Unit[];
  readonly ands: number;
}

/** What both roles of the malicious engine share. Steps are those of src/garbling/authenticated/README.md. */
export abstract class AuthenticatedEngine extends QueuedEngine<WireStore> implements FingerprintingEngine {
  protected readonly context: Context;
  protected readonly kernel: Kernel;
  protected readonly link: Link;
  protected readonly role: Role;
  protected readonly pools: Pools;
  private readonly schedules: ScheduleCache;
  private readonly fingerprints: InputFingerprints;
  /** How many parts are queued for the fingerprints and have not run. */
  private pendingParts = 0;
  private masked = false;
  /** Whether a fingerprint has gone out or come in. Nothing is added after that: two fingerprints of one party would differ by something that has no mask. */
  private stated = false;

  constructor({ link, random, party, correlated, sessionId }: AuthenticatedOptions) {
    super(party);
    this.context = new Context(link, random, correlated, sessionId);
    this.kernel = correlated.kernel;
    this.link = link;
    this.role = correlated.role;
    this.pools = new Pools(this.context);
    this.schedules = new ScheduleCache(this.kernel);
    this.fingerprints = new InputFingerprints(this.context);
  }

  /** Runs steps 1 to 5 by themselves, for what is still missing for `demand`. */
  protected abstract runPreparation(preparation: Preparation): Promise<void>;

  override prepare(ands: number): Promise<void> {
    return this.exclusively(async () => {
      await super.prepare(ands);
      const masks = { garbler: PREPARED_MASKS, evaluator: PREPARED_MASKS };
      const preparation = await this.provide({ ands, masks });
      if (preparation !== undefined) await this.runPreparation(preparation);
    });
  }

  maskFingerprints(mask: Uint8Array): void {
    this.requireOpen();
    requireUsage(!this.masked, 'fingerprints are masked once');
    requireUsage(8 * mask.length === MASK_BITS, 'the mask of a fingerprint has 16 bytes');
    this.masked = true;
    const bits = unpackBits(mask, MASK_BITS);
    const masks = (['a', 'b'] as const).map((party) =>
      this.input(party, MASK_BITS, party === this.party ? bits : undefined),
    );
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

  /** Makes all triples that are missing for `demand` but the last BATCH_ANDS, and gives a preparation for the rest, if any. */
  protected async provide(demand: Demand): Promise<Preparation | undefined> {
    let missing = this.pools.shortage(demand);
    while (missing !== undefined && missing.ands > BATCH_ANDS) {
      const part = { ands: BATCH_ANDS, masks: { garbler: 0, evaluator: 0 } };
      await this.runPreparation(new Preparation(this.context, this.pools, part));
      missing = this.pools.shortage(demand);
    }
    return missing === undefined ? undefined : new Preparation(this.context, this.pools, missing);
  }

  protected override allocate(width: number): WireStore {
    const room = () => this.kernel.allocate(16 * width);
    return {
      keys: room(),
      macs: room(),
      labels: room(),
      zeros: this.role === 'garbler' ? room() : NOWHERE,
    };
  }

  protected override discard({ keys, macs, labels, zeros }: WireStore): void {
    for (const pointer of [keys, macs, labels]) this.kernel.free(pointer);
    if (this.role === 'garbler') this.kernel.free(zeros);
  }

  /** What a batch takes from the pools, at most. Makes room for its wires. */
  protected demand(batch: Batch<WireStore>): Demand {
    for (const step of batch.steps) if (!(step instanceof Node)) this.store(step.node);
    const masks = { garbler: 0, evaluator: 0 };
    for (const { node, start, end } of batch.inputs) {
      this.store(node);
      masks[this.roleOf(node.owner)] += end - start;
    }
    this.context.advance('inputs', masks.garbler, masks.evaluator);
    return { ands: batch.ands, masks };
  }

  /** Binds the transcript to a batch's circuits, now that its inputs are fixed, and cuts it into units that fit in cache. */
  protected plan(batch: Batch<WireStore>): Plan {
    const units: Unit[] = [];
    let first = 0;
    for (const step of batch.steps) {
      if (step instanceof Node) continue;
      const { node, copies } = step;
      this.context.advance('apply', node.circuit.digest, copies);
      const atOnce = copiesAtOnce(this.schedules.load(node.circuit), 16, UNIT_BYTES);
      for (let done = 0; done < copies; done += atOnce) {
        const part = { node, first: step.first + done, copies: Math.min(atOnce, copies - done) };
        const unit = unitOf(part, first, this.schedules);
        units.push(unit);
        first += unit.gates;
      }
    }
    return { units, ands: first };
  }

  protected newGates(plan: Plan): GateBatch {
    return new GateBatch(this.context, this.pools, plan.units, plan.ands);
  }

  /** Gives a batch's inputs their mask shares. */
  protected assignMasks(batch: Batch<WireStore>): void {
    for (const { node, start, end } of batch.inputs) {
      const count = end - start;
      const [keys, macs, values] = this.pools.masks[this.roleOf(node.owner)].take(count);
      const store = node.storage!;
      this.kernel.write(blockAt(store.keys, start), this.kernel.view(keys!, 16 * count));
      this.kernel.write(blockAt(store.macs, start), this.kernel.view(macs!, 16 * count));
      // Until the labels are known, their owner keeps the masks in their place.
      if (values !== undefined) {
        this.kernel.write(blockAt(store.labels, start), this.kernel.view(values, 16 * count));
      }
    }
  }

  /** Step 8: this party's inputs of a batch under their masks, packed; undefined if it has none. */
  protected maskOwnInputs(batch: Batch<WireStore>): Uint8Array | undefined {
    const pieces = this.piecesOf(batch, this.role);
    const count = widthOf(pieces);
    if (count === 0) return undefined;
    const masks = this.kernel.allocate(16 * count);
    const bits = new Uint8Array(count);
    let offset = 0;
    for (const { node, start, end } of pieces) {
      const source = blockAt(node.storage!.labels, start);
      this.kernel.write(blockAt(masks, offset), this.kernel.view(source, 16 * (end - start)));
      bits.set(node.bits!.subarray(start, end), offset);
      offset += end - start;
    }
    const packedBits = packBits(bits);
    const packedMasks = packShares(this.kernel, masks, count);
    const values = xorBytes(packedMasks, packedBits);
    for (const secret of [bits, packedBits, packedMasks]) secret.fill(0);
    this.kernel.free(masks);
    return values;
  }

  /** Step 8: sends this party's masked inputs, and gives them. */
  protected async sendMaskedInputs(batch: Batch<WireStore>): Promise<Uint8Array | undefined> {
    const values = this.maskOwnInputs(batch);
    if (values !== undefined) {
      await this.link.send(maskedInputs, widthOf(this.piecesOf(batch, this.role)), { values });
    }
    return values;
  }

  /** Step 8: the peer's masked inputs. */
  protected async receiveMaskedInputs(batch: Batch<WireStore>): Promise<Uint8Array | undefined> {
    const count = widthOf(this.piecesOf(batch, this.context.peer));
    if (count === 0) return undefined;
    const { values } = await this.link.receive(maskedInputs, count);
    requirePadding(values, count);
    return values.slice();
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

  /** Step 11: opens this party's shares of revealed masks. */
  protected async sendOutputs(macs: Pointer, width: number): Promise<void> {
    this.context.advance('outputs', width);
    await this.link.send(openedOutputs, width, openShares(this.context, 'outputs', macs, width));
  }

  /** Step 11: the values behind the revealed wires, from the peer's shares. */
  protected async receiveOutputs({ keys, macs, labels, width }: Joined): Promise<Bits> {
    this.context.advance('outputs', width);
    const opened = await this.link.receive(openedOutputs, width);
    this.requireOpen();
    verifyShares(this.context, 'outputs', keys, width, opened);
    const own = packShares(this.kernel, macs, width);
    const masked = packShares(this.kernel, labels, width);
    const values = xorBytes(xorBytes(own, masked), opened.bits);
    return Uint8Array.from({ length: width }, (_, i) => (values[i >> 3]! >> (i & 7)) & 1);
  }

  /** Keys, MACs and active labels of revealed wires, copied into one region each; `use` must not keep them. */
  protected async withJoined<T>(
    segments: readonly Segment<WireStore>[],
    use: (joined: Joined) => Promise<T>,
  ): Promise<T> {
    const width = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    const join = (kind: Plane): Pointer => {
      const target = this.kernel.allocate(16 * width);
      let at = target;
      for (const { pointer, count } of runsOf(segments, kind)) {
        this.kernel.write(at, this.kernel.view(pointer, 16 * count));
        at = blockAt(at, count);
      }
      return target;
    };
    const joined = { keys: join('keys'), macs: join('macs'), labels: join('labels'), width };
    try {
      return await use(joined);
    } finally {
      if (!this.closed)
        for (const kind of ['keys', 'macs', 'labels'] as const) this.kernel.free(joined[kind]);
    }
  }

  /** Copies blocks, one per input wire in order, to one plane of the inputs. */
  protected distribute(pieces: readonly InputPiece<WireStore>[], kind: Plane, source: Pointer): void {
    let at = source;
    for (const { node, start, end } of pieces) {
      this.kernel.write(blockAt(node.storage![kind], start), this.kernel.view(at, 16 * (end - start)));
      at = blockAt(at, end - start);
    }
  }

  /** Runs units without AND gates on every plane: nothing to send or check. */
  protected spreadFree({ units }: Plan): void {
    const planes = [
      'keys',
      'macs',
      'labels',
      ...(this.role === 'garbler' ? (['zeros'] as const) : []),
    ] as const;
    for (const unit of units) for (const plane of planes) spreadUnit(this.context, unit, plane);
  }

  protected piecesOf(batch: Batch<WireStore>, owner: Role): InputPiece<WireStore>[] {
    return batch.inputs.filter(({ node }) => this.roleOf(node.owner) === owner);
  }

  protected override async runInputs(): Promise<void> {}

  protected override async runApply(): Promise<void> {}

  protected override wipe(): void {
    this.pools.drop();
    this.schedules.clear();
    this.fingerprints.clear();
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

  private roleOf(party: Party): Role {
    return party === this.party ? this.role : this.context.peer;
  }
}

/** Revealed wires, all in a row. */
export interface Joined extends Shares {
  readonly labels: Pointer;
  readonly width: number;
}

export function widthOf(pieces: readonly InputPiece<WireStore>[]): number {
  return pieces.reduce((sum, { start, end }) => sum + end - start, 0);
}
