import {
  halve,
  isIdentity,
  multiplyBase,
  type Point,
  randomScalar,
  type Scalar,
} from '../../crypto/group.ts';
import { type GroupBatch, pairAt, withGroupBatch } from '../../crypto/group-batch.ts';
import type { Random } from '../../crypto/random.ts';
import { PeerCheatedError } from '../../errors.ts';
import { SEED, type SeedPairs } from '../seeds.ts';
import { BASE_OTS } from './messages.ts';
import { GroupOracle, KeyOracle } from './oracles.ts';

/** The party that ends up with both seeds of every instance (README.md, steps 1 and 4). One batch each. */
export class BaseOtSender {
  /** Step 1's message: A = aG, 32 bytes. */
  readonly point: Uint8Array;
  private readonly secret: Scalar;
  private readonly sid: Uint8Array;
  private used = false;

  /** `sid` names this batch: unique to session and direction. */
  constructor(random: Random, sid: Uint8Array) {
    this.sid = sid.slice();
    this.secret = randomScalar(random);
    this.point = multiplyBase(this.secret);
  }

  /**
   * Step 4: both seeds of every instance from the receiver's points (128·64 bytes). Throws `ERR_PEER_CHEATED` for
   * anything that is not a group element. Works once; the secret is zeroed.
   */
  keys(points: Uint8Array): SeedPairs {
    if (this.used) throw new Error('a base OT batch is used once');
    this.used = true;
    if (points.length !== BASE_OTS * 64) throw new PeerCheatedError('base OT points');
    try {
      const shared = withGroupBatch((group) => this.sharedElements(group, points));
      const key = new KeyOracle(this.sid, this.point as Point, points);
      const zero = new Uint8Array(BASE_OTS * SEED);
      const one = new Uint8Array(BASE_OTS * SEED);
      for (let i = 0; i < BASE_OTS; i++) {
        key.derive(zero, i, 0, shared.subarray(i * 64, i * 64 + 32));
        key.derive(one, i, 1, shared.subarray(i * 64 + 32, i * 64 + 64));
      }
      key.clear();
      shared.fill(0);
      return { zero, one };
    } finally {
      this.clear();
    }
  }

  /** Zeroes the secret. */
  clear(): void {
    this.used = true;
    this.secret.fill(0);
  }

  /** a(r_b + H_b(i, r_{1−b})) for both sides of every instance, encoded: 64 bytes per instance. */
  private sharedElements(group: GroupBatch, points: Uint8Array): Uint8Array {
    const oracle = new GroupOracle(this.sid, this.point as Point);
    const half = halve(this.secret);
    group.use(half, half);
    half.fill(0);
    const sent = group.allocate(1);
    const hashed = group.allocate(1);
    const products = group.allocate(BASE_OTS);
    for (let i = 0; i < BASE_OTS; i++) {
      const r0 = points.subarray(i * 64, i * 64 + 32);
      const r1 = points.subarray(i * 64 + 32, i * 64 + 64);
      if (isIdentity(r0) || isIdentity(r1) || !group.decode(sent, r0, r1)) {
        throw new PeerCheatedError('group element');
      }
      group.map(hashed, oracle.at(i, 0, r1), oracle.at(i, 1, r0));
      group.double(hashed, hashed);
      group.add(sent, sent, hashed);
      group.multiply(pairAt(products, i), sent);
    }
    const shared = group.encodeDoubles(products, BASE_OTS);
    if (shared === undefined) throw new PeerCheatedError('group element');
    return shared;
  }
}
