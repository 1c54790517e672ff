import { blockAt, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import type { Role, Shares } from './correlated-bits.ts';
import { openedMasks } from './messages.ts';
import { openShares, verifyShares, withPacked } from './opening.ts';
import { MINIMUM_ANDS } from './parameters.ts';
import { Pool } from './pool.ts';
import { TripleProtocol } from './triples.ts';

/** What a computation takes from the pools: triples and output masks (one of each per AND gate), masks for inputs by their owner, and bits of each party for proofs. */
export interface Demand {
  readonly ands: number;
  readonly masks: Readonly<Record<Role, number>>;
  readonly proofs: number;
}

/** Everything input-independent that has been made and not yet used. */
export class Pools {
  /** Columns: keys and MACs of x, of y, of z. */
  readonly triples: Pool;
  /** Columns: keys and MACs of a random bit. */
  readonly bits: Pool;
  /** Random bits of each party, for its proofs (step 13). Columns: keys on the peer's, MACs on one's own. */
  readonly proofs: Pool;
  /** Masks of each party's inputs. Columns: keys, MACs; at the owner also a block whose bit 0 is the mask itself. */
  readonly masks: Readonly<Record<Role, Pool>>;

  constructor({ kernel, role }: Context) {
    this.triples = new Pool(kernel, 6);
    this.bits = new Pool(kernel, 2);
    this.proofs = new Pool(kernel, 2);
    this.masks = {
      garbler: new Pool(kernel, role === 'garbler' ? 3 : 2),
      evaluator: new Pool(kernel, role === 'evaluator' ? 3 : 2),
    };
  }

  /** What must still be made to meet a demand, or undefined if nothing. */
  shortage({ ands, masks, proofs }: Demand): Demand | undefined {
    const missing = {
      ands: Math.max(0, ands - Math.min(this.triples.available, this.bits.available)),
      masks: {
        garbler: Math.max(0, masks.garbler - this.masks.garbler.available),
        evaluator: Math.max(0, masks.evaluator - this.masks.evaluator.available),
      },
      proofs: Math.max(0, proofs - this.proofs.available),
    };
    const total = missing.ands + missing.masks.garbler + missing.masks.evaluator + missing.proofs;
    return total === 0 ? undefined : missing;
  }

  /** Zeroes what has been taken. */
  sweep(): void {
    for (const pool of this.all()) pool.sweep();
  }

  /** Zeroes everything. */
  drop(): void {
    for (const pool of this.all()) pool.drop();
  }

  private all(): Pool[] {
    return [this.triples, this.bits, this.proofs, this.masks.garbler, this.masks.evaluator];
  }
}

/** Random bits that are used as they are: output masks, masks of each party's inputs, and bits for proofs. */
type Others = Readonly<Record<'outputs' | Role | 'proofs', Shares>>;

/**
 * Steps 1 to 5, and the opening of input masks to their owners, for one demand. The methods are moves, which the two engines
 * put into their own flights. Those that concern triples do nothing when none are made.
 */
export class Preparation {
  readonly triples: TripleProtocol | undefined;
  /** The engine's transcript, which goes on; `context` is bound to the moment at which this began. */
  private readonly engine: Context;
  private readonly context: Context;
  private readonly pools: Pools;
  private readonly ands: number;
  private readonly masks: Readonly<Record<Role, number>>;
  private readonly proofs: number;
  private readonly total: number;
  private keys: Pointer | undefined;
  private macs: Pointer | undefined;
  /** The bits that are not of leaky ANDs, once both parties' are there. What has gone to a pool is still found here. */
  private others: Others | undefined;
  /** z of the new triples, where the pool keeps it. */
  private unfinished: Shares | undefined;

  constructor(context: Context, pools: Pools, { ands, masks, proofs }: Demand) {
    this.pools = pools;
    this.ands = ands === 0 ? 0 : Math.max(ands, MINIMUM_ANDS);
    this.masks = masks;
    this.proofs = proofs;
    context.advance('preparation', this.ands, masks.garbler, masks.evaluator, proofs);
    this.engine = context;
    this.context = context.fork();
    if (this.ands > 0) this.triples = new TripleProtocol(this.context, this.ands);
    this.total = 3 * (this.triples?.leaky ?? 0) + this.ands + masks.garbler + masks.evaluator + proofs;
  }

  /** Step 1, garbler: this party's random bits, and its commitment to coins. */
  async offer(): Promise<void> {
    const { correlated, link } = this.context;
    this.macs = await correlated.offer(link, this.total);
    await this.triples?.sendCoinCommitment();
    this.divide();
  }

  /** Step 1, garbler: the peer's. */
  async accept(): Promise<void> {
    const { correlated, link } = this.context;
    this.keys = await correlated.accept(link, this.total);
    await this.triples?.receiveCoinCommitment();
    this.divide();
  }

  /** Step 1, evaluator: `accept`, then `offer`, this party's bits being worked out while the garbler works on its own. */
  async exchange(): Promise<void> {
    const { correlated, link } = this.context;
    const { keys, macs } = await correlated.exchange(link, this.total, async () => {
      await this.triples?.receiveCoinCommitment();
    });
    await this.triples?.sendCoinCommitment();
    this.keys = keys;
    this.macs = macs;
    this.divide();
  }

  /** Step 8: opens this party's shares of the masks of the peer's inputs. */
  async sendMasks(): Promise<void> {
    const { context } = this;
    const count = this.masks[context.peer];
    if (count === 0) return;
    const opened = openShares(context, 'input masks', this.others![context.peer].macs, count);
    await context.link.send(openedMasks, count, opened);
  }

  /** Step 8: learns the masks of this party's own inputs. Hands over all masks, and the bits for proofs. */
  async receiveMasks(): Promise<void> {
    const { context } = this;
    const { kernel, role } = context;
    const count = this.masks[role];
    const others = this.others!;
    if (count > 0) {
      const opened = await context.link.receive(openedMasks, count);
      const { keys, macs } = others[role];
      const expected = this.copy(keys, count);
      verifyShares(context, 'input masks', expected, count, opened);
      kernel.free(expected);
      const values = this.copy(macs, count);
      const one = kernel.allocate(16);
      kernel.view(one, 1)[0] = 1;
      withPacked(kernel, opened.bits, (bits) => kernel.call.addPublicBits(values, bits, count, one, 16));
      kernel.free(one);
      this.pools.masks[role].add([keys, macs, values], count);
    }
    this.handOver(context.peer, this.pools.masks[context.peer], this.masks[context.peer]);
    this.handOver('proofs', this.pools.proofs, this.proofs);
  }

  /**
   * Step 5: hands over the triples, whose z is final only after `finish`, and the output masks. Binds the transcript to the coins, so that the key
   * under which labels are hashed (step 7) was unknown while a party could still choose MACs that go into labels.
   */
  combine(): void {
    if (this.triples === undefined) return;
    this.engine.advance('coins', this.triples.randomness);
    const { x, y, z, count } = this.triples.combine();
    const columns = [x.keys, x.macs, y.keys, y.macs, z.keys, z.macs];
    const [, , , , keysOfZ, macsOfZ] = this.pools.triples.add(columns, count);
    this.unfinished = { keys: keysOfZ!, macs: macsOfZ! };
    this.handOver('outputs', this.pools.bits, this.ands);
  }

  /** Step 5: completes the triples, and forgets what they were made of. */
  finish(peerDifferences: Uint8Array | undefined): void {
    if (peerDifferences !== undefined) this.triples?.correct(peerDifferences, this.unfinished!);
  }

  /**
   * Once both parties' bits are there, in this order: x, y and r of one leaky AND after another go to the triples; output masks, the garbler's input
   * masks, the evaluator's, and the bits for proofs are copied to arrays of their own.
   */
  private divide(): void {
    const { keys, macs } = this;
    if (keys === undefined || macs === undefined) return;
    const keysOfOthers = this.split(keys);
    const macsOfOthers = this.split(macs);
    const pair = (name: keyof Others): Shares => ({ keys: keysOfOthers[name], macs: macsOfOthers[name] });
    this.others = {
      outputs: pair('outputs'),
      garbler: pair('garbler'),
      evaluator: pair('evaluator'),
      proofs: pair('proofs'),
    };
    this.triples?.start({ keys, macs });
  }

  /** Copies what lies behind the bits of leaky ANDs, and gives back the room that it had. */
  private split(plane: Pointer): Readonly<Record<keyof Others, Pointer>> {
    const { kernel } = this.context;
    const first = 3 * (this.triples?.leaky ?? 0);
    let at = blockAt(plane, first);
    const next = (count: number): Pointer => {
      if (count === 0) return NOWHERE;
      const part = this.copy(at, count);
      at = blockAt(at, count);
      return part;
    };
    const { garbler, evaluator } = this.masks;
    const parts = {
      outputs: next(this.ands),
      garbler: next(garbler),
      evaluator: next(evaluator),
      proofs: next(this.proofs),
    };
    if (first === 0) kernel.free(plane);
    else kernel.shrink(plane, 16 * first);
    return parts;
  }

  /** Hands some of the bits over to a pool. */
  private handOver(name: keyof Others, pool: Pool, count: number): void {
    if (count === 0) return;
    const { keys, macs } = this.others![name];
    const [keysNow, macsNow] = pool.add([keys, macs], count);
    this.others = { ...this.others!, [name]: { keys: keysNow!, macs: macsNow! } };
  }

  private copy(pointer: Pointer, count: number): Pointer {
    const { kernel } = this.context;
    const target = kernel.allocate(16 * count);
    kernel.write(target, kernel.view(pointer, 16 * count));
    return target;
  }
}
