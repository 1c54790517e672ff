import { type Point, pointFromHash } from '../../crypto/group.ts';
import { tags } from '../../crypto/tags.ts';
import { Oracle } from '../oracle.ts';
import { SEED } from '../seeds.ts';
import { BASE_OTS } from './messages.ts';

/** H₀ and H₁ of the README: hash to the group, bound to session, sender's point, instance, side and the other point. */
export class GroupOracle {
  private readonly oracle: Oracle;

  constructor(sid: Uint8Array, point: Point) {
    this.oracle = new Oracle(tags.baseOtElement, [sid, point], 32);
  }

  /** H_side of instance `index` at the instance's other point. */
  at(index: number, side: 0 | 1, other: Uint8Array): Point {
    return pointFromHash(this.oracle.long(2 * index + side, other));
  }
}

/** The key derivation of the README: bound to session, all messages of the batch, instance and side. */
export class KeyOracle {
  private readonly oracle: Oracle;

  constructor(sid: Uint8Array, point: Point, points: Uint8Array) {
    this.oracle = new Oracle(tags.baseOtKey, [sid, point, points], 32);
  }

  /** Writes the 16-byte seed of instance `index` and side `side` from the shared element into its place in `seeds`. */
  derive(seeds: Uint8Array, index: number, side: 0 | 1, shared: Point): void {
    const key = this.oracle.short(2 * index + side, shared);
    seeds.set(key.subarray(0, SEED), index * SEED);
    key.fill(0);
    shared.fill(0);
    if (index === BASE_OTS - 1) this.oracle.clear();
  }
}
