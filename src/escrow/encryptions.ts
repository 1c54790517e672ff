import { BASE_POINT, halve, type Point, type Scalar } from '../crypto/group.ts';
import { GroupBatch, type PointPair, pairAt, type Tables } from '../crypto/group-batch.ts';
import type { Slices } from '../crypto/slices.ts';
import { assemble, type Opened, type Place, randomness } from './encryption.ts';

/** A ciphertext to be made. */
export interface Encryption {
  readonly place: Place;
  readonly opened: Opened;
}

/**
 * Many ciphertexts under one key, each as `encrypt` makes it, two at a time: products of the base point and of the key come from tables, and all elements are
 * encoded together. `destroy` zeroes what is secret, plaintexts included.
 */
export class Encryptions {
  private readonly group = new GroupBatch();
  /** Of the base point, and of the key. */
  private readonly tables: readonly [Tables, Tables];
  /** For each two ciphertexts, halves of their elements, and of their elements with the key. */
  private readonly products: PointPair;
  private readonly made: Encryption[] = [];

  /** `count` ciphertexts, an even number. */
  constructor(key: Point, count: number) {
    this.products = this.group.allocate(count);
    this.tables = [this.group.publicTables(BASE_POINT), this.group.publicTables(key)];
  }

  /** Two more. Their plaintexts belong to this object now. */
  add(...two: readonly [Encryption, Encryption]): void {
    const { group, made } = this;
    const halves = two.map(({ place, opened }) => {
      const factor = randomness(place, opened);
      const half = halve(factor);
      factor.fill(0);
      return half;
    }) as [Scalar, Scalar];
    group.use(...halves);
    for (const half of halves) half.fill(0);
    for (const [i, tables] of this.tables.entries()) {
      group.multiplyFixed(pairAt(this.products, made.length + i), tables);
    }
    made.push(...two);
  }

  /** All ciphertexts, in order. Once. */
  *ciphertexts(): Slices<Uint8Array[]> {
    const { group, made } = this;
    const encoded = group.encodeDoubles(this.products, made.length);
    if (encoded === undefined) throw new Error('an element of a ciphertext is the identity'); // 2⁻²⁵²
    const ciphertexts: Uint8Array[] = [];
    try {
      for (const [i, { place, opened }] of made.entries()) {
        const at = 64 * (i - (i & 1)) + 32 * (i & 1);
        const element = encoded.slice(at, at + 32) as Point;
        const shared = encoded.subarray(at + 64, at + 96) as Point;
        ciphertexts.push(assemble(place, element, shared, opened));
        yield;
      }
    } finally {
      encoded.fill(0);
    }
    return ciphertexts;
  }

  destroy(): void {
    for (const { opened } of this.made) opened.plaintext.fill(0);
    this.group.destroy();
  }
}
