import { packBits } from '../../circuit/bits.ts';
import { xorBytes } from '../../crypto/bytes.ts';
import { blockAt, byteAt, type Kernel, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import { Context } from '../../garbling/authenticated/context.ts';
import type { CorrelatedBits, Role, Shares } from '../../garbling/authenticated/correlated-bits.ts';
import { GateBatch } from '../../garbling/authenticated/gates.ts';
import { maskedInputs, openedOutputs } from '../../garbling/authenticated/messages.ts';
import {
  openShares,
  packShares,
  requirePadding,
  verifyShares,
} from '../../garbling/authenticated/opening.ts';
import { BATCH_ANDS, UNIT_BYTES } from '../../garbling/authenticated/parameters.ts';
import { type Demand, Pools, Preparation } from '../../garbling/authenticated/preparation.ts';
import { type Plane, spreadUnit, type Unit } from '../../garbling/authenticated/units.ts';
import { ScheduleCache } from '../../garbling/loaded-schedule.ts';
import { copiesAtOnce } from '../../garbling/planes.ts';
import type { Link } from '../../link/link.ts';
import type { Batch, InputPiece } from '../batches.ts';
import type { Bits, Party } from '../engine.ts';
import { QueuedEngine } from '../queue.ts';
import { Node, type Segment } from '../wires.ts';
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

/** What is kept of the wires of a node, one array each. Labels are active ones, once there are inputs; `zeros` are the garbler's labels of zero, else unused. */
export interface WireStore extends Readonly<Record<Exclude<Plane, 'labels'>, Pointer>> {
  labels: Pointer;
  /** Masks of this party's own inputs, a byte each, until these are entered. */
  masks: Pointer;
}

/** A batch cut into units, and its AND gates. */
export interface Plan {
  readonly units: readonly Unit[];
  readonly ands: number;
}

/** What both roles of the malicious engine do with a batch. Steps are those of src/garbling/authenticated/README.md. */
export abstract class BatchEngine extends QueuedEngine<WireStore> {
  protected readonly context: Context;
  protected readonly kernel: Kernel;
  protected readonly link: Link;
  protected readonly role: Role;
  protected readonly pools: Pools;
  /** Random bits of each party that proofs will take. */
  protected proofs = 0;
  /** Whether anything has been prepared or run. */
  protected started = false;
  private readonly schedules: ScheduleCache;

  constructor({ link, random, party, correlated, sessionId }: AuthenticatedOptions) {
    super(party);
    this.context = new Context(link, random, correlated, sessionId);
    this.kernel = correlated.kernel;
    this.link = link;
    this.role = correlated.role;
    this.pools = new Pools(this.context);
    this.schedules = new ScheduleCache(this.kernel);
  }

  /** Runs steps 1 to 5 by themselves, for what is still missing for `demand`. */
  protected abstract runPreparation(preparation: Preparation): Promise<void>;

  /** Makes all triples that are missing for `demand` but the last BATCH_ANDS, and gives a preparation for the rest, if any. */
  protected async provide(demand: Demand): Promise<Preparation | undefined> {
    this.started = true;
    let missing = this.pools.shortage(demand);
    while (missing !== undefined && missing.ands > BATCH_ANDS) {
      const part = { ands: BATCH_ANDS, masks: { garbler: 0, evaluator: 0 }, proofs: 0 };
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
      zeros: this.role === 'garbler' ? room() : NOWHERE,
      labels: NOWHERE,
      masks: NOWHERE,
    };
  }

  protected override discard(store: WireStore): void {
    for (const pointer of Object.values(store)) if (pointer !== NOWHERE) this.kernel.free(pointer);
  }

  /** What a batch takes from the pools, at most. */
  protected demand(batch: Batch<WireStore>): Demand {
    const masks = { garbler: 0, evaluator: 0 };
    for (const { node, start, end } of batch.inputs) masks[this.roleOf(node.owner)] += end - start;
    this.context.advance('inputs', masks.garbler, masks.evaluator);
    return { ands: batch.ands, masks, proofs: this.proofs };
  }

  /** Makes room for a batch's wires, where there is none yet: with labels once inputs are there, and without as long as they are not. */
  protected makeRoom({ inputs, steps }: Batch<WireStore>, planes: 'labelled' | 'unlabelled'): void {
    for (const part of [...inputs, ...steps]) {
      if (part instanceof Node) continue;
      const { node } = part;
      const store = this.store(node);
      if (planes === 'labelled' && store.labels === NOWHERE) {
        store.labels = this.kernel.allocate(16 * node.width);
      }
    }
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

  /** Gives a batch's inputs their mask shares, and those of this party their masks. */
  protected assignMasks(batch: Batch<WireStore>): void {
    const { kernel } = this;
    for (const { node, start, end } of batch.inputs) {
      const count = end - start;
      const [keys, macs, values] = this.pools.masks[this.roleOf(node.owner)].take(count);
      const store = node.storage!;
      kernel.write(blockAt(store.keys, start), kernel.view(keys!, 16 * count));
      kernel.write(blockAt(store.macs, start), kernel.view(macs!, 16 * count));
      if (values === undefined) continue;
      if (store.masks === NOWHERE) store.masks = kernel.allocate(node.width);
      const blocks = kernel.view(values, 16 * count);
      const masks = kernel.view(byteAt(store.masks, start), count);
      for (let i = 0; i < count; i += 1) masks[i] = blocks[16 * i]! & 1;
    }
    for (const pool of Object.values(this.pools.masks)) pool.sweep();
  }

  /** Step 8: this party's inputs of a batch under their masks, packed; undefined if it has none. Forgets the masks. */
  protected maskOwnInputs(batch: Batch<WireStore>): Uint8Array | undefined {
    const pieces = this.piecesOf(batch, this.role);
    const masked = new Uint8Array(widthOf(pieces));
    let offset = 0;
    for (const { node, start, end } of pieces) {
      const masks = this.kernel.view(byteAt(node.storage!.masks, start), end - start);
      masked.set(xorBytes(masks, node.bits!.subarray(start, end)), offset);
      masks.fill(0);
      offset += end - start;
    }
    return masked.length === 0 ? undefined : packBits(masked);
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

  /** Blocks of one plane of the inputs, one per wire in order, in a region that the caller frees. */
  protected gather(pieces: readonly InputPiece<WireStore>[], kind: Plane): Pointer {
    const target = this.kernel.allocate(16 * widthOf(pieces));
    let at = target;
    for (const { node, start, end } of pieces) {
      this.kernel.write(at, this.kernel.view(blockAt(node.storage![kind], start), 16 * (end - start)));
      at = blockAt(at, end - start);
    }
    return target;
  }

  /** Calls `use` for the inputs of the garbler and then of the evaluator, with their masked values, where a batch has any. */
  protected forBothOwners<Value>(
    batch: Batch<WireStore>,
    garbler: Uint8Array | undefined,
    evaluator: Uint8Array | undefined,
    use: (pieces: readonly InputPiece<WireStore>[], values: Uint8Array) => Value,
  ): Value[] {
    const owners = [
      ['garbler', garbler],
      ['evaluator', evaluator],
    ] as const;
    return owners.flatMap(([owner, values]) =>
      values === undefined ? [] : [use(this.piecesOf(batch, owner), values)],
    );
  }

  /** Runs units without AND gates on planes: nothing to send or check. */
  protected spreadFree({ units }: Plan, planes: readonly Plane[]): void {
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
