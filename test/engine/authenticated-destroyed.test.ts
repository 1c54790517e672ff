import { describe, expect, test, vi } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
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
 * A run in which `party` is destroyed `hops` microtasks after message `number` has been sent, by whomever: how it ended on both sides, how many
 * messages there were, and whether that party's memory holds anything in the end.
 */
async function destroyedAt(party: Party, number: number, hops: number) {
  let sent = 0;
  let pair: AuthenticatedPair;
  const destroy = async () => {
    for (let hop = 0; hop < hops; hop += 1) await undefined;
    pair.links[party].destroy();
    pair[party].close();
    pair.kernels[party].destroy();
  };
  pair = await authenticatedPair(5, {
    intercept: (_side, _type, fields) => {
      sent += 1;
      if (sent === number) void destroy();
      return fields;
    },
  });
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
  const clean = pair.kernels[party].view(4_096, 2 ** 32).every((byte) => byte === 0);
  return { codes: { a, b }, sent, clean };
}

describe('a party that is destroyed in the middle', () => {
  test.each(['a', 'b'] as const)(
    'ends with ERR_CLOSED and leaves nothing in its memory: %s',
    async (party) => {
      const other = party === 'a' ? 'b' : 'a';
      const { codes, sent: messages } = await destroyedAt(party, Number.POSITIVE_INFINITY, 0);
      expect(codes).toEqual({ a: 'ok', b: 'ok' });
      expect(messages).toBeGreaterThan(35);
      for (let number = 2; number < messages - 1; number += 1) {
        for (const hops of [number % 4, 4 + (number % 5)]) {
          const { codes, clean } = await destroyedAt(party, number, hops);
          const place = `message ${number}, ${hops} microtasks`;
          expect([place, codes[party], codes[other], clean]).toEqual([
            place,
            'ERR_CLOSED',
            'ERR_PEER_LEFT',
            true,
          ]);
        }
      }
    },
  );
});
