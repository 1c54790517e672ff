import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  addModulo,
  anyOf,
  best,
  bigintToBits,
  bitsToBigint,
  type Circuit,
  CircuitBuilder,
  divideByConstant,
  equal,
  evaluateCircuit,
  extend,
  isZero,
  lessOrEqual,
  lessThan,
  lookup,
  mask,
  maximum,
  minimum,
  multiply,
  oneHot,
  orWords,
  productWithConstant,
  select,
  subtract,
  type Word,
} from '../../src/circuit/index.ts';
import { checkCircuit } from '../support/circuits/check.ts';

const widths = [1, 31, 32, 33, 53, 63, 64, 65, 128];

/** Numbers of n bits with edges, powers of two and their neighbours made likely. */
const number = (width: number): fc.Arbitrary<bigint> => {
  const most = (1n << BigInt(width)) - 1n;
  const near = fc
    .tuple(fc.integer({ min: 0, max: width }), fc.integer({ min: -2, max: 2 }))
    .map(([shift, offset]) => (1n << BigInt(shift)) + BigInt(offset))
    .map((value) => (value < 0n ? 0n : value > most ? most : value));
  return fc.oneof(fc.bigInt({ min: 0n, max: most }), near, fc.constantFrom(0n, most));
};

function build(inputs: number[], body: (c: CircuitBuilder, ...words: Word[]) => Word[]): Circuit {
  const c = new CircuitBuilder();
  for (const word of body(c, ...inputs.map((width) => c.input(width)))) c.output(word);
  const circuit = c.build();
  checkCircuit(circuit);
  return circuit;
}

function run(circuit: Circuit, ...values: bigint[]): bigint[] {
  let bits = evaluateCircuit(
    circuit,
    values.map((value, i) => bigintToBits(value, circuit.inputs[i]!)),
  );
  return circuit.outputs.map((width) => {
    const value = bitsToBigint(bits.subarray(0, width));
    bits = bits.subarray(width);
    return value;
  });
}

const smaller = (x: bigint, y: bigint): bigint => [x, y].sort((a, b) => Number(a > b) - Number(a < b))[0]!;

const bool = (condition: boolean): bigint => (condition ? 1n : 0n);

describe.each(widths)('two-operand gadgets at %i bits', (n) => {
  const modulus = 1n << BigInt(n);
  const cases: [
    name: string,
    ands: number,
    body: (c: CircuitBuilder, x: Word, y: Word) => Word[],
    twin: (x: bigint, y: bigint) => bigint[],
  ][] = [
    ['add', n, (c, x, y) => [add(c, x, y)], (x, y) => [x + y]],
    ['addModulo', n - 1, (c, x, y) => [addModulo(c, x, y)], (x, y) => [(x + y) % modulus]],
    [
      'subtract',
      n,
      (c, x, y) => {
        const { difference, borrow } = subtract(c, x, y);
        return [difference, [borrow]];
      },
      (x, y) => [(x - y + modulus) % modulus, bool(x < y)],
    ],
    [
      'difference alone',
      n - 1,
      (c, x, y) => [subtract(c, x, y).difference],
      (x, y) => [(x - y + modulus) % modulus],
    ],
    ['lessThan', n, (c, x, y) => [[lessThan(c, x, y)]], (x, y) => [bool(x < y)]],
    ['lessOrEqual', n, (c, x, y) => [[lessOrEqual(c, x, y)]], (x, y) => [bool(x <= y)]],
    ['equal', n - 1, (c, x, y) => [[equal(c, x, y)]], (x, y) => [bool(x === y)]],
    ['orWords', n, (c, x, y) => [orWords(c, x, y)], (x, y) => [x | y]],
    ['minimum', 2 * n, (c, x, y) => [minimum(c, x, y)], (x, y) => [smaller(x, y)]],
    [
      'minimum and maximum',
      2 * n,
      (c, x, y) => [minimum(c, x, y), maximum(c, x, y)],
      (x, y) => [smaller(x, y), x + y - smaller(x, y)],
    ],
  ];
  test.each(cases)('%s: %i ANDs', (_name, ands, body, twin) => {
    const circuit = build([n, n], body);
    expect(circuit.ands).toBe(ands);
    fc.assert(
      fc.property(number(n), number(n), (x, y) => {
        expect(run(circuit, x, y)).toEqual(twin(x, y));
        expect(run(circuit, x, x)).toEqual(twin(x, x));
      }),
      { numRuns: 60 },
    );
  });

  test('carry and borrow in', () => {
    const circuit = build([n, n, 1], (c, x, y, [bit]) => {
      const { difference, borrow } = subtract(c, x, y, bit);
      return [add(c, x, y, bit), difference, [borrow]];
    });
    expect(circuit.ands).toBe(2 * n - 1); // the lowest bits of the two share one
    fc.assert(
      fc.property(number(n), number(n), fc.constantFrom(0n, 1n), (x, y, bit) => {
        const difference = x - y - bit;
        expect(run(circuit, x, y, bit)).toEqual([
          x + y + bit,
          (difference + modulus) % modulus,
          bool(difference < 0n),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test('select and mask: n ANDs each', () => {
    const circuit = build([n, n, 1], (c, x, y, [bit]) => [select(c, bit!, x, y)]);
    expect(circuit.ands).toBe(n);
    const masked = build([n, 1], (c, x, [bit]) => [mask(c, x, bit!)]);
    expect(masked.ands).toBe(n);
    fc.assert(
      fc.property(number(n), number(n), fc.constantFrom(0n, 1n), (x, y, bit) => {
        expect(run(circuit, x, y, bit)).toEqual([bit ? x : y]);
        expect(run(masked, x, bit)).toEqual([bit ? x : 0n]);
      }),
      { numRuns: 40 },
    );
  });

  test('isZero and anyOf: n − 1 ANDs, shared', () => {
    const circuit = build([n], (c, x) => [[isZero(c, x)], [anyOf(c, x)]]);
    expect(circuit.ands).toBe(n - 1);
    fc.assert(
      fc.property(number(n), (x) => {
        expect(run(circuit, x)).toEqual([bool(x === 0n), bool(x !== 0n)]);
      }),
      { numRuns: 40 },
    );
  });

  test('comparison with a constant is no dearer than with a word', () => {
    fc.assert(
      fc.property(number(n), number(n), (constant, x) => {
        const circuit = build([n], (c, word) => [
          [lessThan(c, word, c.constant(constant, n)), lessOrEqual(c, word, c.constant(constant, n))],
        ]);
        expect(circuit.ands).toBeLessThanOrEqual(2 * n);
        expect(run(circuit, x)).toEqual([bool(x < constant) + 2n * bool(x <= constant)]);
      }),
      { numRuns: 40 },
    );
  });

  test('product with a public constant', () => {
    fc.assert(
      fc.property(number(n), number(40), (x, constant) => {
        const circuit = build([n], (c, word) => [productWithConstant(c, word, constant)]);
        expect(run(circuit, x)).toEqual([x * constant]);
        let digits = 0;
        for (let rest = constant; rest > 0n; rest >>= 1n) digits += Number(rest & 1n);
        expect(circuit.ands).toBeLessThanOrEqual(Math.max(0, digits - 1) * (n + 1));
      }),
      { numRuns: 40 },
    );
  });

  test('product with a public constant of its own width', () => {
    fc.assert(
      fc.property(number(n), number(n), (x, constant) => {
        const circuit = build([n], (c, word) => [productWithConstant(c, word, constant)]);
        expect(run(circuit, x)).toEqual([x * constant]);
      }),
      { numRuns: 15 },
    );
  });

  test('division by a public constant', () => {
    fc.assert(
      fc.property(number(n), fc.oneof(number(16), number(n)), (x, at) => {
        const divisor = at === 0n ? 1n : at;
        const circuit = build([n], (c, word) => {
          const { quotient, remainder } = divideByConstant(c, word, divisor);
          return remainder.length > 0 ? [quotient, remainder] : [quotient, [0 as Word[number]]];
        });
        expect(run(circuit, x)).toEqual([x / divisor, x % divisor]);
      }),
      { numRuns: 40 },
    );
  });

  test('best of several: the largest key, the first of equals', () => {
    const count = 5;
    const circuit = build(new Array(count).fill(n), (c, ...keys) => {
      const { key, payload } = best(
        c,
        keys.map((word, i) => ({ key: word, payload: c.constant(BigInt(i), 3) })),
      );
      return [key, payload];
    });
    fc.assert(
      fc.property(fc.array(number(n), { minLength: count, maxLength: count }), (keys) => {
        const largest = keys.reduce((x, y) => x + y - smaller(x, y));
        expect(run(circuit, ...keys)).toEqual([largest, BigInt(keys.indexOf(largest))]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('products and quotients cost what they should', () => {
  test('a product with a 40-bit constant, 64-bit word', () => {
    const circuit = build([64], (c, x) => [productWithConstant(c, x, 0xaa_aaaa_aaabn)]);
    expect(circuit.ands).toBeLessThanOrEqual(20 * 65);
    const ones = build([64], (c, x) => [productWithConstant(c, x, (1n << 40n) - 1n)]);
    expect(ones.ands).toBeLessThanOrEqual(64 + 40);
  });

  test('a power of two is free', () => {
    const circuit = build([64], (c, x) => [
      productWithConstant(c, x, 1n << 13n),
      divideByConstant(c, x, 8n).quotient,
    ]);
    expect(circuit.ands).toBe(0);
  });

  test('thirds cost one AND a quotient bit', () => {
    const circuit = build([64], (c, x) => [divideByConstant(c, x, 3n).quotient]);
    expect(circuit.ands).toBeLessThanOrEqual(63);
  });

  test.each([1, 2, 7, 33])('variable product at %i × 9 bits', (n) => {
    const circuit = build([n, 9], (c, x, y) => [multiply(c, x, y)]);
    expect(circuit.ands).toBeLessThanOrEqual(2 * n * 9);
    fc.assert(
      fc.property(number(n), number(9), (x, y) => {
        expect(run(circuit, x, y)).toEqual([x * y]);
      }),
    );
  });
});

test('a full-width 64-bit midpoint deal is at most 192 ANDs', () => {
  const circuit = build([64, 64], (c, s, b) => {
    const { difference, borrow } = subtract(c, b, s);
    const deal = c.not(borrow);
    const midpoint = addModulo(c, s, extend(difference.slice(1), 64));
    return [[deal], mask(c, midpoint, deal)];
  });
  expect(circuit.ands).toBe(64 + 63 + 64);
  fc.assert(
    fc.property(number(64), number(64), (s, b) => {
      expect(run(circuit, s, b)).toEqual(s <= b ? [1n, (s + b) / 2n] : [0n, 0n]);
    }),
  );
});

describe('look-up in a public table', () => {
  test.each([1, 2, 3, 5, 8])('oneHot of %i bits', (n) => {
    const circuit = build([n], (c, x) => [oneHot(c, x)]);
    expect(circuit.ands).toBeLessThanOrEqual(2 ** n - 2);
    for (let x = 0n; x < 1n << BigInt(n); x++) expect(run(circuit, x)).toEqual([1n << x]);
  });

  test.each([
    [1, 1],
    [3, 40],
    [4, 53],
    [7, 5],
    [10, 12],
  ])('%i-bit index, %i-bit entries', (n, width) => {
    const table = Array.from({ length: 2 ** n }, (_, i) =>
      Number((BigInt(i + 1) * 0x9e3779b97f4a7c15n) % (1n << BigInt(width))),
    );
    const circuit = build([n], (c, x) => [lookup(c, x, table, width)]);
    table.forEach((entry, x) => {
      expect(run(circuit, BigInt(x))).toEqual([BigInt(entry)]);
    });
  });

  test('15-bit index, 34-bit entries: 2,142 ANDs at most', () => {
    const table = Array.from({ length: 2 ** 15 }, (_, i) => i * 524_287);
    const circuit = build([15], (c, x) => [lookup(c, x, table, 34)]);
    expect(circuit.ands).toBeLessThanOrEqual(1024 + 35 * 32);
    for (const x of [0, 1, 1023, 1024, 12_345, 32_767])
      expect(run(circuit, BigInt(x))).toEqual([BigInt(table[x]!)]);
  });

  test('a table of another size is refused', () => {
    const c = new CircuitBuilder();
    expect(() => lookup(c, c.input(3), [1, 2, 3], 2)).toThrow(RangeError);
  });
});

test('widths that differ are refused', () => {
  const c = new CircuitBuilder();
  const x = c.input(8);
  const y = c.input(9);
  for (const gadget of [add, subtract, lessThan, equal, minimum]) {
    expect(() => gadget(c, x, y)).toThrow(RangeError);
  }
  expect(() => c.constant(256n, 8)).toThrow(RangeError);
  expect(() => c.constant(-1n, 8)).toThrow(RangeError);
  expect(() => divideByConstant(c, x, 0n)).toThrow(RangeError);
  expect(() => productWithConstant(c, x, -1n)).toThrow(RangeError);
});
