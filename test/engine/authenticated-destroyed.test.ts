import { describe, expect, test, vi } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { memoryOf, takeOver } from '../support/kernel-memory.ts';
import { type AuthenticatedPair, authenticatedPair } from './authenticated-pair.ts';
import { give } from './contract.ts';

vi.mock('../../src/garbling/authenticated/parameters.ts', async (original) => ({
  ...(await original<object>()),
  LEAKY_CHUNK: 64,
  LEAKY_STEP: 16,
}));

const COPIES = 8;
const circuit = (() => {
  const c = new CircuitBuilder();
  const [left, right] = [c.input(8), c.input(8)];
  c.output(left.map((bit, i) => c.and(bit, right[i]!)));
  return c.build();
})();

type Party = 'a' | 'b';

/**
 * A run in which `party` is destroyed `hops` microtasks after message `number` has been sent, by whomever, and the next owner of its memory fills
 * it: how it ended on both sides, how many messages there were, whether the memory was zero in between, and whether what was left of the run
 * has changed anything in it.
 */
async function destroyedAt(party: Party, number: number, hops: number) {
  let sent = 0;
  let pair: AuthenticatedPair;
  const destroy = async () => {
    for (let hop = 0; hop < hops; hop += 1) await undefined;
    pair.links[party].destroy();
    pair[party].close();
    pair.kernels[party].destroy();
    next = takeOver(memory);
  };
  pair = await authenticatedPair(5, {
    intercept: (_side, _type, fields) => {
      sent += 1;
      if (sent === number) void destroy();
      return fields;
    },
  });
  const memory = memoryOf(pair.kernels[party]);
  let next: ReturnType<typeof takeOver> | undefined;
  const bits = new Uint8Array(8 * COPIES).fill(1);
  const results = await Promise.allSettled(
    [pair.a, pair.b].map((engine) =>
      engine.reveal(
        engine.apply(circuit, [give(engine, 'a', bits), give(engine, 'b', bits)], COPIES),
        'both',
      ),
    ),
  );
  await new Promise((resolve) => setImmediate(resolve));
  const [a, b] = results.map((result) => (result.status === 'fulfilled' ? 'ok' : result.reason.code));
  return { codes: { a, b }, sent, zero: next?.zero, intact: next?.isIntact() };
}

describe('a party that is destroyed in the middle', () => {
  test.each(['a', 'b'] as const)(
    'ends with ERR_CLOSED and neither leaves anything in its memory nor writes there again: %s',
    async (party) => {
      const other = party === 'a' ? 'b' : 'a';
      const { codes, sent: messages } = await destroyedAt(party, Number.POSITIVE_INFINITY, 0);
      expect(codes).toEqual({ a: 'ok', b: 'ok' });
      expect(messages).toBeGreaterThan(35);
      for (let number = 2; number < messages - 1; number += 1) {
        for (const hops of [number % 4, 4 + (number % 5)]) {
          const { codes, zero, intact } = await destroyedAt(party, number, hops);
          const place = `message ${number}, ${hops} microtasks`;
          expect([place, codes[party], codes[other], zero, intact]).toEqual([
            place,
            'ERR_CLOSED',
            'ERR_PEER_LEFT',
            true,
            true,
          ]);
        }
      }
    },
  );
});
