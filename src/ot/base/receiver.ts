import {
  decodePoint,
  multiply,
  multiplyBase,
  type Point,
  pointFromHash,
  randomScalar,
  type Scalar,
  subtract,
} from '../../crypto/group.ts';
import type { Random } from '../../crypto/random.ts';
import { bitAt, SEED } from '../seeds.ts';
import { BASE_OTS } from './messages.ts';
import { GroupOracle, KeyOracle } from './oracles.ts';

/** The party that chooses one seed of every instance (README.md, steps 2 and 3). One batch each. */
export class BaseOtReceiver {
  /** Step 2's message: r₀ ‖ r₁ of every instance, 128·64 bytes. */
  readonly message: Uint8Array;
  private readonly sid: Uint8Array;
  private readonly choices: Uint8Array;
  private readonly point: Point;
  private readonly secrets: Scalar[] = [];

  /**
   * Step 2. `sid` as at the sender; `choices` are 128 bits packed least significant first (16 bytes); `point` is the
   * sender's message. Throws `ERR_PEER_CHEATED` unless that is a group element other than the identity.
   */
  constructor(random: Random, sid: Uint8Array, choices: Uint8Array, point: Uint8Array) {
    if (choices.length !== BASE_OTS / 8) throw new RangeError('base OT choices');
    this.sid = sid.slice();
    this.choices = choices.slice();
    this.point = decodePoint(point.slice());
    this.message = new Uint8Array(BASE_OTS * 64);
    const group = new GroupOracle(this.sid, this.point);
    for (let i = 0; i < BASE_OTS; i++) {
      const choice = bitAt(this.choices, i);
      const secret = randomScalar(random);
      const other = pointFromHash(random(64));
      const mine = subtract(multiplyBase(secret), group.at(i, choice, other));
      this.place(i, choice, mine, other);
      this.secrets.push(secret);
    }
  }

  /** Step 3: the chosen seed of every instance, 128·16 bytes. Works once; the secrets are zeroed. */
  keys(): Uint8Array {
    if (this.secrets.length === 0) throw new Error('a base OT batch is used once');
    const key = new KeyOracle(this.sid, this.point, this.message);
    const seeds = new Uint8Array(BASE_OTS * SEED);
    for (let i = 0; i < BASE_OTS; i++) {
      key.derive(seeds, i, bitAt(this.choices, i), multiply(this.secrets[i]!, this.point));
    }
    this.clear();
    return seeds;
  }

  /** Zeroes choices and secrets. */
  clear(): void {
    for (const secret of this.secrets) secret.fill(0);
    this.secrets.length = 0;
    this.choices.fill(0);
  }

  /** Writes both points of an instance, the one for `choice` being `mine`, by masks. */
  private place(index: number, choice: 0 | 1, mine: Uint8Array, other: Uint8Array): void {
    const at = index * 64;
    for (let j = 0; j < 32; j++) {
      const swap = (mine[j]! ^ other[j]!) & -choice;
      this.message[at + j] = mine[j]! ^ swap;
      this.message[at + 32 + j] = other[j]! ^ swap;
    }
  }
}
