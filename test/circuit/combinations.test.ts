import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combine } from '../../src/circuit/combinations.ts';
import { combinationsOf } from '../support/combinations.ts';

describe('combinations of bits', () => {
  test('are sums over GF(2) of those at their positions', () => {
    const bits = Uint8Array.of(1, 0, 1, 1);
    const asked = combinationsOf([[0], [1], [0, 1], [0, 2], [0, 2, 3], [3, 3], []]);
    expect(asked.ends).toEqual(Uint32Array.of(1, 2, 4, 6, 9, 11, 11));
    expect(combine(asked, bits)).toEqual(Uint8Array.of(1, 0, 1, 0, 1, 0, 0));
  });

  test('of no positions are 0, and there may be none at all', () => {
    expect(combine(combinationsOf([[], [0], []]), Uint8Array.of(1))).toEqual(Uint8Array.of(0, 1, 0));
    expect(combine(combinationsOf([]), Uint8Array.of(1))).toEqual(new Uint8Array());
  });

  test('are linear', () => {
    const width = 20;
    const bit = fc.integer({ min: 0, max: 1 });
    const bits = fc.array(bit, { minLength: width, maxLength: width });
    const rows = fc.array(fc.array(fc.nat({ max: width - 1 }), { maxLength: 8 }), { maxLength: 10 });
    fc.assert(
      fc.property(rows, bits, bits, (positions, x, y) => {
        const asked = combinationsOf(positions);
        const sum = Uint8Array.from(x, (value, i) => value ^ y[i]!);
        const [left, right] = [x, y].map((each) => combine(asked, Uint8Array.from(each)));
        expect(combine(asked, sum)).toEqual(left!.map((value, i) => value ^ right![i]!));
      }),
    );
  });
});
