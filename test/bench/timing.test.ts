import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../bench/timing/controls.ts';
import { measure, type Subject } from '../../bench/timing/measure.ts';
import { compare, Moments, verdict, welch } from '../../bench/timing/welch.ts';
import { equalBytes } from '../../src/crypto/bytes.ts';
import { seededRandom } from '../../src/crypto/random.ts';

function moments(...values: readonly number[]): Moments {
  const sums = new Moments();
  for (const value of values) sums.add(value);
  return sums;
}

describe('Welch’s t', () => {
  it('is that of worked examples', () => {
    // means 3 and 4, variances 2.5 and 4
    const t = -1 / Math.sqrt(2.5 / 5 + 4 / 3);
    expect(welch(moments(1, 2, 3, 4, 5), moments(2, 4, 6))).toBeCloseTo(t, 12);
    expect(welch(moments(2, 4, 6), moments(1, 2, 3, 4, 5))).toBeCloseTo(-t, 12);
    expect(welch(moments(3, 4, 1, 2.1), moments(490.2, 340, 433.9))).toBeCloseTo(-9.559497721932658, 9);
  });

  it('is 0 for equal means, and infinite for different ones without variance', () => {
    expect(welch(moments(7, 7), moments(7, 7))).toBe(0);
    expect(welch(moments(1, 3), moments(2, 2))).toBe(0);
    expect(welch(moments(2, 2), moments(1, 1))).toBe(Number.POSITIVE_INFINITY);
  });
});

/** A clock that only `spend` moves: by a cost, noise, and in one call of 256 a pause of the system. */
function simulated(seed: number) {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  let nanoseconds = 0;
  const spend = (cost: number) => {
    const [noise, pause] = random(2);
    nanoseconds += 1_000 + cost + noise! + (pause === 0 ? 50_000 : 0);
  };
  return { source: { random, now: () => nanoseconds }, spend };
}

const LENGTH = 32;
const SAMPLES = 4_000;

/** A subject that compares its input with zeros, at a nanosecond for each byte that `steps` looks at. */
function comparing(steps: (input: Uint8Array) => number, seed: number) {
  const { source, spend } = simulated(seed);
  const input = new Uint8Array(LENGTH);
  const subject: Subject = {
    id: 'comparison',
    samples: SAMPLES,
    input,
    fixed: new Uint8Array(LENGTH),
    run: () => spend(steps(input)),
  };
  return compare(measure(subject, source));
}

describe('the report', () => {
  it('finds an early exit that depends on the input, and by how much', () => {
    const zeros = new Uint8Array(LENGTH);
    const { t, difference } = comparing((input) => firstDifference(input, zeros), 1);
    expect(Math.abs(t)).toBeGreaterThan(10);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(2 * LENGTH);
    expect(verdict(t)).toBe('differs');
  });

  it('finds nothing in a loop that looks at every byte', () => {
    for (let seed = 2; seed < 12; seed++) {
      const { t } = comparing((input) => input.length, seed);
      expect(verdict(t)).toBe('no difference seen');
    }
  });

  it('finds a difference that only the longest times have', () => {
    const { source, spend } = simulated(12);
    const input = new Uint8Array(1);
    const run = () => spend((input[0]! & 15) === 1 ? 2_000 : 0);
    const { t } = compare(
      measure({ id: 'rare', samples: SAMPLES, input, fixed: new Uint8Array(1), run }, source),
    );
    expect(t).toBeLessThan(-10);
  });

  it('says no more than the size of t allows', () => {
    expect([0, 4.4, -4.5, 9.9, -10, 10.1].map(verdict)).toEqual([
      'no difference seen',
      'no difference seen',
      'suspect',
      'suspect',
      'suspect',
      'differs',
    ]);
  });
});

describe('the measurement', () => {
  it('gives the fixed input in about half of the calls and fresh bytes in the others, always in one place', () => {
    const { source, spend } = simulated(13);
    const input = new Uint8Array(16);
    const fixed = new Uint8Array(16).fill(7);
    const seen: Uint8Array[] = [];
    const run = () => {
      seen.push(input.slice());
      spend(0);
    };
    const times = measure({ id: 'inputs', samples: SAMPLES, input, fixed, run }, source);
    const timed = seen.slice(-SAMPLES);
    expect(times.nanoseconds.length).toBe(SAMPLES);
    expect(seen.length).toBeGreaterThan(SAMPLES);
    expect(timed.map((bytes) => (equalBytes(bytes, fixed) ? 1 : 0))).toEqual([...times.fixed]);
    const count = times.fixed.reduce((sum, bit) => sum + bit, 0);
    expect(Math.abs(count - SAMPLES / 2)).toBeLessThan(200);
    const random = new Set(timed.filter((_, i) => times.fixed[i] === 0).map((bytes) => bytes.join()));
    expect(random.size).toBe(SAMPLES - count);
  });

  it('times the call alone, after the input has been brought into form', () => {
    let now = 0;
    const load = () => {
      now += 500;
    };
    const run = () => {
      now += 3;
    };
    const { random } = simulated(14).source;
    const input = new Uint8Array(1);
    const subject = { id: 'parts', samples: 100, input, fixed: new Uint8Array(1), load, run };
    const { nanoseconds } = measure(subject, { random, now: () => now });
    expect(new Set(nanoseconds)).toEqual(new Set([3]));
  });
});
