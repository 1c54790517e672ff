import {
  add,
  decodePoint,
  multiply,
  multiplyBase,
  type Point,
  randomScalar,
  type Scalar,
} from '../../crypto/group.ts';
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
    try {
      return this.derive(points);
    } finally {
      this.clear();
    }
  }

  /** Zeroes the secret; for a batch that will not be used. */
  clear(): void {
    this.used = true;
    this.secret.fill(0);
  }

  private derive(points: Uint8Array): SeedPairs {
    if (points.length !== BASE_OTS * 64) throw new PeerCheatedError('base OT points');
    const own = this.point as Point;
    const group = new GroupOracle(this.sid, own);
    const key = new KeyOracle(this.sid, own, points);
    const zero = new Uint8Array(BASE_OTS * SEED);
    const one = new Uint8Array(BASE_OTS * SEED);
    for (let i = 0; i < BASE_OTS; i++) {
      const r0 = decodePoint(points.subarray(i * 64, i * 64 + 32));
      const r1 = decodePoint(points.subarray(i * 64 + 32, i * 64 + 64));
      key.derive(zero, i, 0, multiply(this.secret, add(r0, group.at(i, 0, r1))));
      key.derive(one, i, 1, multiply(this.secret, add(r1, group.at(i, 1, r0))));
    }
    return { zero, one };
  }
}
