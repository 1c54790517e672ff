import { expect, test } from 'vitest';
import { escrowAnswer, escrowDeposit, maskOpening, maskWidth } from '../../src/escrow/index.ts';
import { messageLength } from '../../src/link/fields.ts';

test('messages have lengths that follow from the width of the outcome', () => {
  const lengths = [1, 8, 9, 65, 1024].map((width) => [
    messageLength(escrowDeposit, width),
    messageLength(escrowAnswer, undefined),
    messageLength(maskOpening, width),
  ]);
  expect(lengths).toEqual([
    [80 * (64 + 7) + 32, 1280, 7 + 97],
    [80 * (64 + 7) + 32, 1280, 7 + 97],
    [80 * (64 + 8) + 32, 1280, 8 + 97],
    [80 * (64 + 15) + 32, 1280, 15 + 97],
    [80 * (64 + 134) + 32, 1280, 134 + 97],
  ]);
  expect([escrowDeposit.id, escrowAnswer.id, maskOpening.id]).toEqual([0x90, 0x91, 0x93]);
});

test('an outcome has 1 to 1,024 bits', () => {
  for (const width of [0, 1025, 1.5, -1, Number.NaN]) expect(() => maskWidth(width)).toThrow(RangeError);
});
