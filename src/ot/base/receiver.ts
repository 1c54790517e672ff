import { BASE_POINT, decodePoint, type Point, randomScalar, type Scalar } from '../../crypto/group.ts';
import {
  type GroupBatch,
  type PointPair,
  pairAt,
  type Tables,
  withGroupBatch,
} from '../../crypto/group-batch.ts';
import type { Random } from '../../crypto/random.ts';
import { bitAt, maskOf, SEED } from '../seeds.ts';
import { BASE_OTS } from './messages.ts';
import { GroupOracle, KeyOracle } from './oracles.ts';

/** The party that chooses one seed of every instance (README.md, steps 2 and 3). One batch each. */
export class BaseOtReceiver {
  /** Step 2's message: r₀ ‖ r₁ of every instance, 128·64 bytes. */
  readonly message: Uint8Array;
  private readonly sid: Uint8Array;
  private readonly choices: Uint8Array;
  private readonly point: Point;
  /** t/2 of every instance. */
  private readonly halves: Scalar[] = [];

  /**
   * Step 2. `sid` as at the sender; `choices` are 128 bits packed least significant first (16 bytes); `point` is the
   * sender's message. Throws `ERR_PEER_CHEATED` unless that is a group element other than the identity.
   */
  constructor(random: Random, sid: Uint8Array, choices: Uint8Array, point: Uint8Array) {
    if (choices.length !== BASE_OTS / 8) throw new RangeError('base OT choices');
    this.sid = sid.slice();
    this.choices = choices.slice();
    this.point = decodePoint(point.slice());
    const drawn = random(2 * BASE_OTS * 64);
    for (let i = 0; i < BASE_OTS; i++) {
      this.halves.push(randomScalar(() => drawn.subarray(i * 64, i * 64 + 64)));
    }
    this.message = new Uint8Array(BASE_OTS * 64);
    withGroupBatch((group) => {
      const others = randomElements(group, drawn.subarray(BASE_OTS * 64));
      const chosen = this.chosenElements(group, others);
      for (let i = 0; i < BASE_OTS; i++) {
        this.place(i, chosen.subarray(i * 32, i * 32 + 32), others.subarray(i * 32, i * 32 + 32));
      }
      for (const telling of [drawn, others, chosen]) telling.fill(0);
    });
  }

  /** Step 3: the chosen seed of every instance, 128·16 bytes. Works once; the secrets are zeroed. */
  keys(): Uint8Array {
    if (this.halves.length === 0) throw new Error('a base OT batch is used once');
    const shared = withGroupBatch((group) => this.products(group, group.tables(this.point), () => {}));
    const key = new KeyOracle(this.sid, this.point, this.message);
    const seeds = new Uint8Array(BASE_OTS * SEED);
    for (let i = 0; i < BASE_OTS; i++) {
      key.derive(seeds, i, bitAt(this.choices, i), shared.subarray(i * 32, i * 32 + 32));
    }
    key.clear();
    shared.fill(0);
    this.clear();
    return seeds;
  }

  /** Zeroes choices and secrets. */
  clear(): void {
    for (const half of this.halves) half.fill(0);
    this.halves.length = 0;
    this.choices.fill(0);
  }

  /** r_c = tG − H_c(i, r_{1−c}) of every instance, encoded. */
  private chosenElements(group: GroupBatch, others: Uint8Array): Uint8Array {
    const oracle = new GroupOracle(this.sid, this.point);
    const hashed = group.allocate(1);
    const hash = (i: number) => oracle.at(i, bitAt(this.choices, i), others.subarray(i * 32, i * 32 + 32));
    const encoded = this.products(group, group.publicTables(BASE_POINT), (pair, i) => {
      const [left, right] = [hash(i), hash(i + 1)];
      group.map(hashed, left, right);
      group.subtract(pair, pair, hashed);
      left.fill(0); // which hash it is tells the choice
      right.fill(0);
    });
    oracle.clear();
    group.free(hashed);
    return encoded;
  }

  /** t times the element of `tables` for every instance, encoded; `change` may change the halves of two instances in between. */
  private products(
    group: GroupBatch,
    tables: Tables,
    change: (pair: PointPair, index: number) => void,
  ): Uint8Array {
    const pairs = group.allocate(BASE_OTS / 2);
    for (let i = 0; i < BASE_OTS; i += 2) {
      const pair = pairAt(pairs, i / 2);
      group.use(this.halves[i]!, this.halves[i + 1]!);
      group.multiplyFixed(pair, tables);
      change(pair, i);
    }
    const encoded = group.encodeDoubles(pairs, BASE_OTS / 2);
    group.free(tables);
    group.free(pairs);
    if (encoded === undefined) throw new Error('the random generator gave the identity');
    return encoded;
  }

  /** Writes both points of an instance: `chosen` at its choice, and the other one beside it. Masks select which is which. */
  private place(index: number, chosen: Uint8Array, other: Uint8Array): void {
    const at = index * 64;
    const mask = maskOf(bitAt(this.choices, index));
    for (let j = 0; j < 32; j++) {
      const swap = (chosen[j]! ^ other[j]!) & mask;
      this.message[at + j] = chosen[j]! ^ swap;
      this.message[at + 32 + j] = other[j]! ^ swap;
    }
  }
}

/** r_{1−c} of every instance, encoded, from 64 uniform bytes each. */
function randomElements(group: GroupBatch, uniform: Uint8Array): Uint8Array {
  const pairs = group.allocate(BASE_OTS / 2);
  for (let i = 0; i < BASE_OTS; i += 2) {
    const at = i * 64;
    group.map(pairAt(pairs, i / 2), uniform.subarray(at, at + 64), uniform.subarray(at + 64, at + 128));
  }
  const encoded = group.encodeDoubles(pairs, BASE_OTS / 2);
  group.free(pairs);
  if (encoded === undefined) throw new Error('the random generator gave the identity');
  return encoded;
}
