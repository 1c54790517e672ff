import { xorBytes } from '../../crypto/bytes.ts';
import { blockAt, byteAt, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { openedDifferences } from './messages.ts';
import { type Opened, OpeningInPieces, verifyShares, withPacked } from './opening.ts';
import { BUCKET_CHUNK } from './parameters.ts';
import { publicAddends } from './public-bits.ts';

/** Authenticated triples z = x ∧ y, `count` of them, each array with 16 bytes per triple. */
export interface Triples {
  readonly x: Shares;
  readonly y: Shares;
  readonly z: Shares;
  readonly count: number;
}

/** What buckets are filled from. */
export interface LeakyAnds {
  /** x, y and r of one leaky AND after another. */
  readonly bits: Shares;
  /** d of each, packed. */
  readonly sums: Pointer;
  /** The numbers of those in the first bucket, in the second, and so on: 32 bits each. */
  readonly order: Pointer;
}

/** The keys of all buckets, or the MACs: arrays with a block for each bucket, and `rest` with x_j for j ≥ 1 of one after another. */
interface Plane {
  readonly x: Pointer;
  readonly y: Pointer;
  readonly z: Pointer;
  readonly rest: Pointer;
}

/** Step 5 at one party, once the order is known. Methods are in the order in which they are called. */
export class Buckets {
  private readonly context: Context;
  private readonly count: number;
  private readonly size: number;
  private rest: Shares = { keys: NOWHERE, macs: NOWHERE };
  /** Keys on the peer's shares of every d_j = y₁ ⊕ y_j, bucket after bucket. */
  private keys: Pointer = NOWHERE;
  /** This party's shares of them. */
  private opened: Opened = { bits: new Uint8Array(), macs: new Uint8Array() };

  /** `count` buckets of `size`. */
  constructor(context: Context, count: number, size: number) {
    this.context = context;
    this.count = count;
    this.size = size;
  }

  /**
   * The triples of all buckets, whose x and y are final now, and z after `correct`. The caller owns the arrays. Takes over the bits: MACs are freed before there is room for
   * what becomes of keys, so that less memory is in use at a time.
   */
  fill(leaky: LeakyAnds): Triples {
    const { context, count, others } = this;
    const { kernel } = context;
    const addends = publicAddends(context);
    const differences = kernel.allocate(16 * Math.min(others, BUCKET_CHUNK * (this.size - 1)));
    const opening = new OpeningInPieces(context, 'differences', others);
    const macs = this.makeRoom();
    this.fillPlane(macs, leaky, leaky.bits.macs, blockAt(addends, 1), differences, opening);
    this.opened = opening.finish();
    for (const pointer of [differences, leaky.bits.macs]) kernel.free(pointer);
    this.keys = kernel.allocate(16 * others);
    const keys = this.makeRoom();
    this.fillPlane(keys, leaky, leaky.bits.keys, addends, this.keys);
    for (const pointer of [addends, leaky.bits.keys]) kernel.free(pointer);
    this.rest = { keys: keys.rest, macs: macs.rest };
    const pair = (name: 'x' | 'y' | 'z'): Shares => ({ keys: keys[name], macs: macs[name] });
    return { x: pair('x'), y: pair('y'), z: pair('z'), count };
  }

  /** Opens this party's shares of every d_j, with MACs. */
  async send(): Promise<void> {
    await this.context.link.send(openedDifferences, this.others, this.opened);
  }

  /** Verifies the peer's shares of every d_j. */
  async receive(): Promise<Uint8Array> {
    const { context, others, keys } = this;
    const opened = await context.link.receive(openedDifferences, others);
    verifyShares(context, 'differences', keys, others, opened);
    context.kernel.free(keys);
    return opened.bits.slice();
  }

  /** z ⊕= Σ d_j · x_j, at the place where z is now, once both parties' shares of every d_j are known. */
  correct(peerDifferences: Uint8Array, z: Shares): void {
    const { rest, count, size } = this;
    const { kernel } = this.context;
    withPacked(kernel, xorBytes(peerDifferences, this.opened.bits), (bits) => {
      for (const kind of ['keys', 'macs'] as const) {
        kernel.call.correctBuckets(z[kind], rest[kind], bits, count, size);
        kernel.free(rest[kind]);
      }
    });
  }

  /** How many x_j and d_j with j ≥ 1 there are. */
  private get others(): number {
    return this.count * (this.size - 1);
  }

  private makeRoom(): Plane {
    const room = (blocks: number) => this.context.kernel.allocate(16 * blocks);
    const { count, others } = this;
    return { rest: room(others), x: room(count), y: room(count), z: room(count) };
  }

  /** Fills a plane, BUCKET_CHUNK buckets at a time. Differences go to an array of all; with `opening`, those of each chunk to the same place, and are opened there. */
  private fillPlane(
    plane: Plane,
    { order, sums }: LeakyAnds,
    shares: Pointer,
    addend: Pointer,
    differences: Pointer,
    opening?: OpeningInPieces,
  ): void {
    const { count, size } = this;
    const { kernel } = this.context;
    for (let start = 0; start < count; start += BUCKET_CHUNK) {
      const buckets = Math.min(BUCKET_CHUNK, count - start);
      const first = start * (size - 1);
      kernel.call.fillBuckets(
        blockAt(plane.x, start),
        blockAt(plane.y, start),
        blockAt(plane.z, start),
        blockAt(plane.rest, first),
        opening === undefined ? blockAt(differences, first) : differences,
        shares,
        byteAt(order, 4 * start * size),
        sums,
        addend,
        buckets,
        size,
      );
      opening?.add(differences, buckets * (size - 1));
    }
  }
}
