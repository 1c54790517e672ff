import type { Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import { type Role, type Shares, sharesAt } from './correlated-bits.ts';
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
    const opened = openShares(context, 'input masks', this.maskShares(context.peer).macs, count);
    await context.link.send(openedMasks, count, opened);
  }

  /** Step 8: learns the masks of this party's own inputs. Hands over all masks, and the bits for proofs. */
  async receiveMasks(): Promise<void> {
    const { context } = this;
    const { kernel, role } = context;
    const count = this.masks[role];
    if (count > 0) {
      const opened = await context.link.receive(openedMasks, count);
      const { keys, macs } = this.maskShares(role);
      const expected = this.copy(keys, count);
      verifyShares(context, 'input masks', expected, count, opened);
      kernel.free(expected);
      const values = this.copy(macs, count);
      const one = kernel.allocate(16);
      kernel.view(one, 1)[0] = 1;
      withPacked(kernel, opened.bits, (bits) => kernel.call.addPublicBits(values, bits, count, one, 16));
      kernel.free(one);
      this.pools.masks[role].add([this.copy(keys, count), this.copy(macs, count), values], count);
    }
    const theirs = this.masks[context.peer];
    if (theirs > 0) {
      const { keys, macs } = this.maskShares(context.peer);
      this.pools.masks[context.peer].add([this.copy(keys, theirs), this.copy(macs, theirs)], theirs);
    }
    if (this.proofs > 0) {
      const { keys, macs } = this.sharesFrom(this.ands + this.masks.garbler + this.masks.evaluator);
      this.pools.proofs.add([this.copy(keys, this.proofs), this.copy(macs, this.proofs)], this.proofs);
    }
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
    const { keys, macs } = this.sharesFrom(0);
    this.pools.bits.add([this.copy(keys, this.ands), this.copy(macs, this.ands)], this.ands);
  }

  /** Step 5: completes the triples, and forgets what they were made of. */
  finish(peerDifferences: Uint8Array | undefined): void {
    if (peerDifferences !== undefined) this.triples?.correct(peerDifferences, this.unfinished!);
    const { kernel } = this.context;
    kernel.free(this.keys!);
    kernel.free(this.macs!);
  }

  /**
   * Once both parties' bits are there, in this order: x, y and r of every leaky AND go to the triples; output masks, the garbler's input
   * masks, the evaluator's, and the bits for proofs stay here.
   */
  private divide(): void {
    if (this.keys === undefined || this.macs === undefined || this.triples === undefined) return;
    const whole = { keys: this.keys, macs: this.macs };
    const first = 3 * this.triples.leaky;
    const { keys, macs } = sharesAt(whole, first);
    this.keys = this.copy(keys, this.total - first);
    this.macs = this.copy(macs, this.total - first);
    this.triples.start(whole);
  }

  /** The masks from number `start` on. */
  private sharesFrom(start: number): Shares {
    return sharesAt({ keys: this.keys!, macs: this.macs! }, start);
  }

  private maskShares(owner: Role): Shares {
    return this.sharesFrom(this.ands + (owner === 'garbler' ? 0 : this.masks.garbler));
  }

  private copy(pointer: Pointer, count: number): Pointer {
    const { kernel } = this.context;
    const target = kernel.allocate(16 * count);
    kernel.write(target, kernel.view(pointer, 16 * count));
    return target;
  }
}
