import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedLog, exactRoundedLog, logTable } from '../../protocols/menu/log-table.ts';
import { encodedLogOf } from '../../protocols/menu/maxima.ts';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { seededRandom } from '../../src/crypto/random.ts';

const random = seededRandom(new Uint8Array(16).fill(3));

describe('the logarithm table', () => {
  const table = logTable();

  test('is completely additive', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }), (a, b) => {
        fc.pre(a * b <= 65_535);
        expect(table[a * b]).toBe(table[a]! + table[b]!);
      }),
    );
    for (let a = 1; a <= 255; a++) {
      for (let b = 1; a * b <= 65_535; b++) {
        if (table[a * b] !== table[a]! + table[b]!) expect.fail(`f(${a} · ${b}) is no sum`);
      }
    }
  });

  test('is round(2^34 · log₂ p) at every prime', () => {
    let primes = 0;
    for (let n = 2; n <= 65_535; n++) {
      let isPrime = true;
      for (let d = 2; isPrime && d * d <= n; d++) isPrime = n % d !== 0;
      if (!isPrime) continue;
      primes++;
      if (BigInt(table[n]!) !== exactRoundedLog(BigInt(n))) expect.fail(`f(${n}) is wrong`);
      if (primes % 50 === 0) expect(exactRoundedLog(BigInt(n), 512n)).toBe(exactRoundedLog(BigInt(n)));
    }
    expect(primes).toBe(6542);
    expect([table[1], table[2]]).toEqual([0, 2 ** 34]);
  });

  test('orders every two products: the errors of any four entries stay below the smallest gap between logarithms', () => {
    let [least, most] = [0, 0];
    for (let n = 1; n <= 65_535; n++) {
      const error = table[n]! - 2 ** 34 * Math.log2(n);
      least = Math.min(least, error);
      most = Math.max(most, error);
    }
    // each difference above is exact to 2^−13: Math.log2 to within 2 units in the last place, and 2^38 < its result
    const spread = 2 * (most - least) + 2 ** -10;
    const smallestGap = 2 ** 34 / (65_535 ** 2 * Math.LN2);
    expect(spread).toBeLessThan(4.85);
    expect(smallestGap).toBeGreaterThan(5.77);
    expect(spread).toBeLessThan(smallestGap);
  });

  test('orders near-equal and equal products of the largest gains', () => {
    const products: [product: number, log: number][] = [];
    for (let a = 65_535; a > 65_235; a--)
      for (let b = a; b > 65_235; b--) products.push([a * b, table[a]! + table[b]!]);
    products.sort(([p], [q]) => p - q);
    for (let i = 1; i < products.length; i++) {
      const [[p, f], [q, g]] = [products[i - 1]!, products[i]!];
      if (p === q ? f !== g : f >= g) expect.fail(`${p} and ${q} are out of order`);
    }
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 4, maxLength: 4 }),
        ([a, b, c, d]) => {
          const logs = table[a!]! + table[b!]! - table[c!]! - table[d!]!;
          expect(Math.sign(logs)).toBe(Math.sign(a! * b! - c! * d!));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('as entered: nothing below every something, and a sum of two with a zero below every one without', () => {
    expect(encodedLog(0)).toBe(0);
    expect(encodedLog(1)).toBe(2 ** 38);
    let before = encodedLog(0);
    for (let n = 1; n <= 65_535; n++) {
      const log = encodedLog(n);
      if (log <= before || log >= 2 ** 39) expect.fail(`${n} is entered as ${log}`);
      before = log;
    }
    expect(2 * encodedLog(1)).toBeGreaterThan(encodedLog(65_535));
  });
});

test('the logarithm of a secret gain, looked up', () => {
  const c = new CircuitBuilder();
  c.output(encodedLogOf(c, c.input(16)));
  const circuit = c.build();
  expect(circuit.ands).toBeLessThan(2300);
  const gains = [
    0,
    1,
    2,
    3,
    255,
    256,
    32_767,
    32_768,
    65_535,
    ...Array.from(random(30), (byte, i) => byte << (i % 9)),
  ];
  for (const gain of gains) {
    const bits = evaluateCircuit(circuit, [bigintToBits(BigInt(gain), 16)]);
    expect(bitsToBigint(bits)).toBe(BigInt(encodedLog(gain)));
  }
});
