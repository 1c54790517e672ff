import { expect, it } from 'vitest';
import { bitAt, maskOf } from '../../src/ot/seeds.ts';

it('a mask has all bits of a byte or none, and is an integer to the engine either way', () => {
  expect(maskOf(1) & 0xff).toBe(0xff);
  expect(Object.is(maskOf(0), 0)).toBe(true); // not −0
});

it('bits are packed least significant first', () => {
  expect(Array.from({ length: 16 }, (_, i) => bitAt(Uint8Array.of(0b101, 0x80), i))).toEqual([
    1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
  ]);
});
