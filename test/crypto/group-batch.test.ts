import { readFileSync } from 'node:fs';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { describe, expect, it, vi } from 'vitest';
import {
  add,
  multiply,
  multiplyBase,
  type Point,
  pointFromHash,
  randomScalar,
  type Scalar,
  subtract,
} from '../../src/crypto/group.ts';
import { arePoints, GroupBatch, type PointPair, pairAt } from '../../src/crypto/group-batch.ts';
import { seededRandom } from '../../src/crypto/random.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../fixtures/ristretto255.json', import.meta.url), 'utf8'),
) as { multiples: string[]; invalid: string[]; hashed: { input: string; point: string }[] };

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
const ORDER = ristretto255.Point.Fn.ORDER;

const batch = new GroupBatch();
const random = seededRandom(new Uint8Array(16).fill(2));

/** Scalars at the edges of the group's order, and of digits of four and five bits. */
const edges = [
  1n,
  2n,
  7n,
  8n,
  9n,
  15n,
  16n,
  17n,
  31n,
  32n,
  33n,
  (1n << 252n) - 1n,
  128n,
  ORDER - 1n,
  ORDER - 2n,
  (ORDER + 1n) / 2n,
  ORDER >> 1n,
  1n << 252n,
];

/** The encodings of twice a pair. */
function doubles(pair: PointPair): string[] {
  const encoded = batch.encodeDoubles(pair, 1)!;
  return [hex(encoded.subarray(0, 32)), hex(encoded.subarray(32))];
}

const twice = (point: Uint8Array) => hex(add(point as never, point as never));

function scalarOf(value: bigint): Scalar {
  const scalar = new Uint8Array(32);
  for (let i = 0; i < 32; i++) scalar[i] = Number((value >> BigInt(8 * i)) & 255n);
  return scalar as Scalar;
}

describe('ristretto255 in pairs, RFC 9496', () => {
  it('A.1: decodes the multiples of the generator, and doubles them', () => {
    const pair = batch.allocate(1);
    for (let i = 1; i < 8; i++) {
      expect(batch.decode(pair, bytes(vectors.multiples[i]!), bytes(vectors.multiples[8 - i]!))).toBe(true);
      expect(doubles(pair)).toEqual([vectors.multiples[2 * i], vectors.multiples[2 * (8 - i)]]);
    }
  });

  it('decodes the identity, and says so when a double is one', () => {
    const pair = batch.allocate(1);
    expect(batch.decode(pair, new Uint8Array(32), bytes(vectors.multiples[1]!))).toBe(true);
    expect(batch.encodeDoubles(pair, 1)).toBeUndefined();
    expect(batch.decode(pair, bytes(vectors.multiples[1]!), new Uint8Array(32))).toBe(true);
    expect(batch.encodeDoubles(pair, 1)).toBeUndefined();
  });

  it.each(vectors.invalid)('A.2: refuses %s in either place', (encoding) => {
    const pair = batch.allocate(1);
    const good = bytes(vectors.multiples[3]!);
    expect(batch.decode(pair, bytes(encoding), good)).toBe(false);
    expect(batch.decode(pair, good, bytes(encoding))).toBe(false);
  });

  it('A.3: maps hashes to elements', () => {
    const pair = batch.allocate(1);
    for (const [i, { input, point }] of vectors.hashed.entries()) {
      const other = vectors.hashed[(i + 1) % vectors.hashed.length]!;
      batch.map(pair, bytes(input), bytes(other.input));
      expect(doubles(pair)).toEqual([twice(bytes(point)), twice(bytes(other.point))]);
    }
  });
});

describe('ristretto255 in pairs, against libsodium', () => {
  it('maps, adds, subtracts, doubles and decodes', () => {
    const [left, right, result] = [batch.allocate(1), batch.allocate(1), batch.allocate(1)];
    for (let i = 0; i < 30; i++) {
      const inputs = [random(64), random(64), random(64), random(64)].map((input) => input.slice()) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const [p, q, r, s] = inputs.map(pointFromHash) as [never, never, never, never];
      const load = () => {
        batch.map(left, inputs[0], inputs[1]);
        expect(batch.decode(right, r, s)).toBe(true);
      };
      load();
      batch.add(result, left, right);
      expect(doubles(result)).toEqual([twice(add(p, r)), twice(add(q, s))]);
      load();
      batch.subtract(result, left, right);
      expect(doubles(result)).toEqual([twice(subtract(p, r)), twice(subtract(q, s))]);
      batch.double(result, left);
      expect(doubles(result)).toEqual([twice(add(p, p)), twice(add(q, q))]);
    }
  });

  it('multiplies by random scalars and by those at the edges', () => {
    const pairs: [Scalar, Scalar][] = edges.map((edge, i) => [
      scalarOf(edge),
      scalarOf(edges[edges.length - 1 - i]!),
    ]);
    for (let i = 0; i < 20; i++) pairs.push([randomScalar(random), randomScalar(random)]);
    const point = batch.allocate(1);
    const result = batch.allocate(1);
    for (const [a, b] of pairs) {
      const [p, q] = [pointFromHash(random(64)), pointFromHash(random(64))];
      batch.use(a, b);
      batch.decode(point, p, q);
      batch.multiply(result, point);
      expect(doubles(result)).toEqual([twice(multiply(a, p)), twice(multiply(b, q))]);
    }
  });

  it('multiplies public elements by tables that are made once, also when they have made room for others meanwhile', () => {
    const elements = Array.from({ length: 6 }, () => pointFromHash(random(64)));
    const result = batch.allocate(1);
    for (const round of [elements, elements, elements.toReversed()]) {
      for (const element of round) {
        const [a, b] = [randomScalar(random), randomScalar(random)];
        const tables = batch.publicTables(element.slice() as typeof element);
        batch.use(a, b);
        batch.multiplyFixed(result, tables);
        batch.free(tables);
        expect(doubles(result)).toEqual([twice(multiply(a, element)), twice(multiply(b, element))]);
      }
    }
    expect(() => batch.publicTables(bytes(vectors.invalid[0]!) as Point)).toThrow('does not decode');
  });

  it('A.2: tells elements from what is none, and from the identity, at every place of a list', () => {
    for (const length of [0, 1, 2, 5]) {
      const elements = Array.from({ length }, () => pointFromHash(random(64)) as Uint8Array);
      expect(arePoints(elements)).toBe(true);
      for (let at = 0; at < length; at++) {
        for (const wrong of [...vectors.invalid.map(bytes), new Uint8Array(32)]) {
          expect(arePoints(elements.map((one, i) => (i === at ? wrong : one)))).toBe(false);
        }
      }
    }
  });

  it('encodes many at once', () => {
    const count = 9;
    const pairs = batch.allocate(count);
    const expected: string[] = [];
    for (let i = 0; i < count; i++) {
      const [p, q] = [random(64).slice(), random(64).slice()];
      batch.map(pairAt(pairs, i), p, q);
      expected.push(twice(pointFromHash(p)), twice(pointFromHash(q)));
    }
    const encoded = batch.encodeDoubles(pairs, count)!;
    expect(expected).toEqual(
      Array.from({ length: 2 * count }, (_, i) => hex(encoded.subarray(i * 32, i * 32 + 32))),
    );
  });

  it('takes numbers past the modulus as the RFC does: modulo it, and without the top bit', () => {
    const pair = batch.allocate(1);
    for (const half of [
      new Uint8Array(32).fill(255),
      Uint8Array.of(0xed, ...new Uint8Array(30).fill(255), 0x7f),
      new Uint8Array(32),
    ]) {
      const input = new Uint8Array(64);
      input.set(half);
      input.set(random(32), 32);
      batch.map(pair, input, input);
      expect(doubles(pair)).toEqual([twice(pointFromHash(input)), twice(pointFromHash(input))]);
    }
  });

  it('carries right for limbs at their edges', () => {
    // bytes of zeros and ones only, with a few odd ones between: the carries of random elements rarely reach far
    const pair = batch.allocate(1);
    const other = batch.allocate(1);
    const rounds = process.env.PARLEY_FULL ? 5000 : 150;
    for (let round = 0; round < rounds; round++) {
      const edge = () => random(64).map((byte) => (byte < 120 ? 0 : byte < 250 ? 255 : byte));
      const [a, b] = [edge(), edge()];
      const [p, q] = [pointFromHash(a), pointFromHash(b)];
      batch.map(pair, a, b);
      batch.map(other, b, a);
      batch.add(pair, pair, other);
      const sum = twice(add(p, q));
      expect(doubles(pair)).toEqual([sum, sum]);
    }
  });

  it('multiplies by scalars of zeros and ones, and by their digits’ extremes', () => {
    const point = batch.allocate(1);
    const result = batch.allocate(1);
    const rounds = process.env.PARLEY_FULL ? 2000 : 40;
    for (let round = 0; round < rounds; round++) {
      const edge = (): Scalar => {
        const scalar = random(32).map((byte) => [0x00, 0xff, 0x88, 0x77, 0x78, 0x87][byte % 6]!);
        scalar[31] = 0x0f;
        return scalar as Scalar;
      };
      const [a, b] = [edge(), edge()];
      const [p, q] = [pointFromHash(random(64)), pointFromHash(random(64))];
      batch.use(a, b);
      batch.decode(point, p, q);
      batch.multiply(result, point);
      expect(doubles(result)).toEqual([twice(multiply(a, p)), twice(multiply(b, q))]);
    }
  });
});

describe('products of a fixed element', () => {
  const result = batch.allocate(1);
  const other = batch.allocate(1);
  const elementOf = (value: number) => pointFromHash(new Uint8Array(64).fill(value));
  /** All digits of five bits alike: as far as carries leave them, they are the extremes, and the carries reach through all. */
  const alike = [1, 15, 16, 17, 30, 31].map((digit) => {
    let value = 0n;
    for (let bit = 0n; bit < 250n; bit += 5n) value |= BigInt(digit) << bit;
    return value;
  });
  /** Each digit alone. */
  const single = Array.from({ length: 51 }, (_, i) => (i < 50 ? 16n : 3n) << BigInt(5 * i));
  const scalars = [...edges, ...alike, ...alike.map((value) => value + (4n << 250n)), ...single]
    .map((value) => scalarOf(value % ORDER))
    .concat(Array.from({ length: 20 }, () => randomScalar(random)));

  it('are libsodium’s, for scalars at the edges and random ones', () => {
    for (const [i, element] of [multiplyBase(scalarOf(1n)), elementOf(1), elementOf(2)].entries()) {
      const tables = batch.tables(element);
      for (const [j, left] of scalars.entries()) {
        if (i > 0 && j % 7 !== i) continue;
        const right = scalars[(j * 5 + 1) % scalars.length]!;
        batch.use(left, right);
        batch.multiplyFixed(result, tables);
        expect(doubles(result)).toEqual([twice(multiply(left, element)), twice(multiply(right, element))]);
      }
      batch.free(tables);
    }
  });

  it('have every entry of every window right, in both lanes', () => {
    const element = elementOf(3);
    const tables = batch.tables(element);
    const digits = (digit: number) => Array.from({ length: 50 }, (_, i) => BigInt(digit) << BigInt(5 * i));
    const all = Array.from({ length: 16 }, (_, i) => digits(i + 1)).flat();
    const tested = process.env.PARLEY_FULL ? all : all.filter((_, i) => i % 8 === 3);
    for (const [i, value] of tested.entries()) {
      const [left, right] = [scalarOf(value), scalarOf(tested[tested.length - 1 - i]!)];
      batch.use(left, right);
      batch.multiplyFixed(result, tables);
      expect(doubles(result)).toEqual([twice(multiply(left, element)), twice(multiply(right, element))]);
    }
  });

  it('by zero are the identity, beside any other', () => {
    const element = elementOf(4);
    const tables = batch.tables(element);
    for (const [left, right] of [
      [0n, 1n],
      [1n, 0n],
      [0n, 0n],
    ] as const) {
      batch.use(scalarOf(left), scalarOf(right));
      batch.multiplyFixed(result, tables);
      batch.decode(other, element, element);
      batch.add(other, other, result);
      expect(doubles(other)).toEqual(
        [left, right].map((scalar) => twice(multiply(scalarOf(scalar + 1n), element))),
      );
      expect(batch.encodeDoubles(result, 1)).toBeUndefined();
    }
  });

  it('are not made of the identity, nor of bytes that are no element’s', () => {
    for (const refused of [new Uint8Array(32), bytes(vectors.invalid[0]!)]) {
      expect(() => batch.tables(refused as Point)).toThrow('does not decode');
      expect(() => batch.publicTables(refused as Point)).toThrow('does not decode');
    }
  });

  it('come from tables that are kept for the four public elements used last', () => {
    const made = vi.spyOn(GroupBatch.prototype, 'tables');
    const makes = (value: number) => {
      made.mockClear();
      const user = new GroupBatch();
      const tables = user.publicTables(elementOf(value));
      const pair = user.allocate(1);
      user.use(scalarOf(7n), scalarOf(8n));
      user.multiplyFixed(pair, tables);
      const encoded = user.encodeDoubles(pair, 1)!;
      expect(hex(encoded.subarray(0, 32))).toBe(hex(multiply(scalarOf(14n), elementOf(value))));
      expect(hex(encoded.subarray(32))).toBe(hex(multiply(scalarOf(16n), elementOf(value))));
      user.destroy();
      return made.mock.calls.length;
    };
    expect([11, 12, 13, 14].map(makes)).toEqual([1, 1, 1, 1]);
    expect([14, 13, 12, 11].map(makes)).toEqual([0, 0, 0, 0]);
    expect(makes(15)).toBe(1); // 14 was used longest ago
    expect([13, 12, 11, 15].map(makes)).toEqual([0, 0, 0, 0]);
    expect(makes(14)).toBe(1);
    made.mockRestore();
  });
});
