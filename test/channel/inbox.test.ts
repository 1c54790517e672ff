import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Inbox } from '../../src/channel/inbox.ts';

describe('the inbox', () => {
  test('gives out what came in, by copy and by reference, and never what it gave out before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 100 }),
        fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 200 }),
        (lengths, takes) => {
          const inbox = new Inbox();
          let next = 0;
          for (const length of lengths) {
            inbox.push([Uint8Array.from({ length }, () => next++ & 0xff)]);
          }
          expect(inbox.length).toBe(next);
          const taken: Uint8Array[] = [];
          for (const length of takes) {
            if (inbox.length < length) break;
            const lent = inbox.lend(length);
            if (lent === undefined) {
              const whole = new Uint8Array(length);
              expect(inbox.copyInto(whole)).toBe(length);
              taken.push(whole);
            } else taken.push(lent);
          }
          let at = 0;
          for (const bytes of taken) {
            for (const byte of bytes) if (byte !== (at++ & 0xff)) throw new Error('another byte came out');
          }
          expect(inbox.length).toBe(
            next - takes.slice(0, taken.length).reduce((sum, length) => sum + length, 0),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('zeroes what is left, and nothing that was given out', () => {
    const inbox = new Inbox();
    const [first, second] = [new Uint8Array(4_000).fill(7), new Uint8Array(10).fill(9)];
    inbox.push([first, second]);
    const lent = inbox.lend(2_000)!;
    inbox.clear();
    expect(lent.every((byte) => byte === 7)).toBe(true);
    expect(first.subarray(2_000).every((byte) => byte === 0)).toBe(true);
    expect(second.every((byte) => byte === 0)).toBe(true);
    expect(inbox.length).toBe(0);
  });
});
