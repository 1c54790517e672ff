import type { Point } from '../../crypto/group.ts';
import { tags } from '../../crypto/tags.ts';
import { Oracle } from '../oracle.ts';
import { SEED } from '../seeds.ts';

/**
 * H₀ and H₁ of the README, bound to session, sender's point, instance, side and the other point. Gives 64 bytes; the oracle's element is
 * twice what they map to (RFC 9496, 4.3.4).
 */
export class GroupOracle {
  private readonly oracle: Oracle;

  constructor(sid: Uint8Array, point: Point) {
    this.oracle = new Oracle(tags.baseOtElement, [sid, point], 32);
  }

  /** H_side of instance `index` at the instance's other point. */
  at(index: number, side: 0 | 1, other: Uint8Array): Uint8Array {
    return this.oracle.long(2 * index + side, other);
  }

  /** Zeroes the last input. */
  clear(): void {
    this.oracle.clear();
  }
}

/** The key derivation of the README: bound to session, all messages of the batch, instance and side. */
export class KeyOracle {
  private readonly oracle: Oracle;

  constructor(sid: Uint8Array, point: Point, points: Uint8Array) {
    this.oracle = new Oracle(tags.baseOtKey, [sid, point, points], 32);
  }

  /** Writes the 16-byte seed of instance `index` and side `side`, from the encoded shared element, into its place in `seeds`. */
  derive(seeds: Uint8Array, index: number, side: 0 | 1, shared: Uint8Array): void {
    const key = this.oracle.short(2 * index + side, shared);
    seeds.set(key.subarray(0, SEED), index * SEED);
    key.fill(0);
  }

  /** Zeroes the last input. */
  clear(): void {
    this.oracle.clear();
  }
}
