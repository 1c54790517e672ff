import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { ParleyError } from '../../src/errors.ts';
import { runAhead } from '../../src/session/ahead.ts';
import type { PrepareOptions } from '../../src/session/options.ts';
import { preflight } from '../../src/session/preflight.ts';
import { buyer, seller, splitTerms } from '../support/sessions.ts';

const MINUTE = 60_000;

/** A preparation by an engine that does what the test says, and the codes with which its session was ended. */
function start(prepare: Engine['prepare'], options: PrepareOptions, expires = '2999-01-01T00:00:00Z') {
  const side = preflight(
    splitTerms({ expires }),
    { own: seller.publicKey, peer: buyer.publicKey, nonce: '' },
    undefined,
    undefined,
  );
  const ended: string[] = [];
  const link = { abort: ({ code }: ParleyError) => void ended.push(code), flush: () => undefined };
  const parts = { link, witness: { reached: () => undefined } } as never;
  const engine = Promise.resolve({ prepare } as Engine);
  const agreed = { side, engine, sealing: undefined, fair: undefined };
  return { ended, over: runAhead(parts, agreed, options) };
}

const never = () => new Promise<never>(() => undefined);

describe('what is run ahead', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    [undefined, 10],
    [MINUTE, 10],
    [25 * MINUTE, 25],
  ])('with a wait of %s ms is over within %i minutes in all', async (wait, minutes) => {
    const { ended } = start(never, wait === undefined ? {} : { wait });
    await vi.advanceTimersByTimeAsync(minutes * MINUTE - 1);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(['ERR_TIMEOUT']);
  });

  test('is over by the terms’ deadline', async () => {
    vi.setSystemTime('2030-01-01T00:00:00Z');
    const { ended } = start(never, {}, '2030-01-01T00:01:00Z');
    await vi.advanceTimersByTimeAsync(MINUTE - 1);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(['ERR_TERMS_EXPIRED']);
  });

  test('tells how far it is, and leaves no timer behind', async () => {
    const told: number[] = [];
    const { ended, over } = start(
      async (_ands, _program, onDone) => {
        for (const done of [0.4, 0.7, 1]) onDone?.(done);
      },
      { onProgress: (done) => void told.push(done) },
    );
    await over;
    expect(told).toEqual([0, 0.4, 0.7, 1]);
    expect(vi.getTimerCount()).toBe(0);
    expect(ended).toEqual([]);
  });
});
