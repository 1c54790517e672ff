import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Inbox } from '../../src/link/inbox.ts';

describe('the inbox', () => {
  test('gives out what came in, by copy and by reference, and never what it gave out before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 1_100 })), {
          minLength: 1,
          maxLength: 200,
        }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 1, max: 2_000 })), {
          minLength: 1,
          maxLength: 200,
        }),
        fc.integer({ min: 1, max: 200 }),
        (lengths, takes, atOnce) => {
          const inbox = new Inbox();
          let next = 0;
          const pushSome = (count: number) => {
            for (const length of lengths.splice(0, count)) {
              inbox.push([Uint8Array.from({ length }, () => next++ & 0xff)]);
            }
          };
          pushSome(atOnce);
          expect(inbox.length).toBe(next);
          const taken: Uint8Array[] = [];
          for (const length of takes) {
            pushSome(1);
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

  test('does not keep an object a byte of a peer that trickles', () => {
    const inbox = new Inbox();
    const count = 100_000;
    for (let i = 0; i < count; i += 1) {
      inbox.push([Uint8Array.of(i & 0xff)]);
      if (i % 1_000 === 999) inbox.push([new Uint8Array(1_024)]);
    }
    const held = (inbox as unknown as { pieces: Uint8Array[] }).pieces;
    expect(inbox.length).toBe(count + 100 * 1_024);
    expect(held.length).toBeLessThan(300);
    expect(new Set(held.map(({ buffer }) => buffer)).size).toBeLessThan(120);
    inbox.clear();
    expect(held.every((piece) => piece.every((byte) => byte === 0))).toBe(true);
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
