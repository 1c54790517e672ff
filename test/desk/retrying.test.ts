import { describe, expect, test } from 'vitest';
import {
  type ArbiterRequest,
  defineArbiter,
  memoryCases,
  serializeDispute,
} from '../../src/arbiter/index.ts';
import { turnToArbiter } from '../../src/desk/dispute.ts';
import { memoryHome } from '../../src/desk/memory-home.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import { type Clock, retrying, systemClock } from '../../src/desk/retrying.ts';
import { ArbiterError, ConnectionError, VerificationError } from '../../src/errors.ts';
import { memoryDisputes } from '../../src/ledger/index.ts';
import {
  arbiterIdentity,
  DEADLINE,
  DEAL,
  disputeOf,
  engaged,
  arbiter as escrowKey,
  seller,
} from '../arbiter/support.ts';
import { memoryNetwork } from '../support/memory-network.ts';

const START = DEADLINE - 600_000;
const away = () => new ConnectionError('ERR_CONNECT', 'nobody answers');
const never = new AbortController().signal;

/** A clock that shows how long was waited, and stands still otherwise. `byte` stands for all chance. */
function clockFrom(time: number, byte = 255) {
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => time,
    async pause(milliseconds, signal) {
      signal.throwIfAborted();
      pauses.push(milliseconds);
      time += milliseconds;
    },
    random: (length) => new Uint8Array(length).fill(byte),
  };
  return { clock, pauses, now: () => time };
}

describe('trying again', () => {
  const tries = async (options: { byte?: number; failures?: number; error?: unknown }) => {
    const { byte, failures = Number.POSITIVE_INFINITY, error = away() } = options;
    const { clock, pauses, now } = clockFrom(START, byte);
    const times: number[] = [];
    const failed: number[] = [];
    const end = await retrying(
      async () => {
        times.push(now() - START);
        if (times.length <= failures) throw error;
        return 'answer';
      },
      { until: DEADLINE, signal: never, clock, onFailed: (_, again) => failed.push(again - START) },
    ).catch((thrown: unknown) => thrown);
    return { end, times, pauses, failed };
  };

  test('is slower each time, up to a minute, and says when it will be', async () => {
    const { end, times, pauses, failed } = await tries({ failures: 9 });
    expect(end).toBe('answer');
    expect(pauses.map((pause) => Math.round(pause / 1_000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(failed).toEqual(times.slice(1));
  });

  test('half of a pause is random', async () => {
    const { pauses } = await tries({ failures: 3, byte: 0 });
    expect(pauses).toEqual([500, 1_000, 2_000]);
  });

  test.each([0, 127, 255])(
    'the last try is five seconds before the end, whatever chance says (%i)',
    async (byte) => {
      const { end, times } = await tries({ byte });
      expect(end).toMatchObject({ code: 'ERR_CONNECT' });
      expect(times.at(-1)).toBe(595_000);
      expect(times.length).toBeLessThan(40);
    },
  );

  test.each([
    new ArbiterError('ERR_COMPLAINT_PARTIES', 'no'),
    new VerificationError('ERR_RESOLUTION_INVALID', 'no'),
    new TypeError('no'),
  ])('not after what cannot pass: %s', async (error) => {
    expect(await tries({ error })).toMatchObject({ end: error, times: [0], failed: [] });
  });

  test.each(['ERR_ARBITER_BUSY', 'ERR_ARBITER_STORE'] as const)('after %s', async (code) => {
    expect(await tries({ failures: 1, error: new ArbiterError(code, 'no') })).toMatchObject({
      end: 'answer',
    });
  });

  test('ends at once when the signal aborts, during a try and between two', async () => {
    for (const during of [true, false]) {
      const stop = new AbortController();
      const { clock, pauses } = clockFrom(START);
      const work = async () => {
        if (during) stop.abort(new Error('enough'));
        throw away();
      };
      const onFailed = () => stop.abort(new Error('enough'));
      const ended = retrying(work, { until: DEADLINE, signal: stop.signal, clock, onFailed });
      await expect(ended).rejects.toThrow('enough');
      expect(pauses).toEqual([]);
    }
  });

  test('the system’s clock passes time, and stops for a signal', async () => {
    await systemClock.pause(1, never);
    const stop = new AbortController();
    const paused = systemClock.pause(1_000_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(paused).rejects.toThrow('enough');
    await expect(systemClock.pause(1, stop.signal)).rejects.toThrow('enough');
  });
});

describe('a desk whose session has failed', () => {
  /** The seller's desk, at which both have engaged. `reach` is called for each request to the arbiter. */
  async function disputing(reach: (count: number) => void, signal: AbortSignal = never) {
    const of = await engaged();
    const document = serializeDispute(disputeOf(of, 'seller', { opened: true }));
    const { clock, now, pauses } = clockFrom(START);
    const arbiter = defineArbiter({ identity: arbiterIdentity, escrowKey, store: memoryCases(), now });
    let count = 0;
    const send = async ({ kind, document: sent }: ArbiterRequest) => {
      reach(++count);
      return kind === 'complaint' ? arbiter.answer(sent) : arbiter.ask(sent);
    };
    const signals: (AbortSignal | undefined)[] = [];
    const network = {
      ...memoryNetwork(),
      arbiter: (_: string, options?: { readonly signal?: AbortSignal }) => {
        signals.push(options?.signal);
        return send;
      },
    };
    const home = memoryHome({ identity: seller });
    const disputes = memoryDisputes();
    await disputes.keep(of.session, document);
    const events: DeskEvent[] = [];
    const side = { options: { home, network }, identity: seller, records: { disputes, ledger: undefined } };
    await turnToArbiter({ ...side, signal, clock, tell: (event) => void events.push(event) }, document);
    const kinds = events.map(({ kind }) => kind);
    return { events, kinds, home, open: await disputes.list(), pauses, count, signals };
  }

  test('has outcome and proof although the arbiter cannot be reached at first', async () => {
    const { kinds, events, home, open } = await disputing((count) => {
      if (count < 3) throw away();
    });
    expect(kinds).toEqual(['disputeOpen', 'complaintFailed', 'complaintFailed', 'outcomeProved']);
    expect(events[1]).toMatchObject({
      again: START + 999,
      complainBy: '2026-11-27T12:10:00Z',
      place: 'memory',
    });
    expect(events[3]).toMatchObject({ outcome: DEAL });
    expect([home.outcomes.length, open.length]).toEqual([1, 0]);
  });

  test('gives up at the deadline, and the dispute stays', async () => {
    const { kinds, events, home, open, pauses } = await disputing(() => {
      throw away();
    });
    expect(kinds.at(-1)).toBe('disputeStays');
    expect(events.at(-1)).toMatchObject({ place: 'memory', error: { code: 'ERR_CONNECT' } });
    expect(pauses.reduce((sum, one) => sum + one, 0)).toBe(595_000);
    expect([home.outcomes.length, open.length]).toEqual([0, 1]);
  });

  test('stops when its person says so, and the dispute stays', async () => {
    const stop = new AbortController();
    const { kinds, events, open, signals } = await disputing(() => {
      stop.abort();
      throw away();
    }, stop.signal);
    expect(kinds).toEqual(['disputeOpen', 'disputeStays']);
    expect(events[1]).toEqual({ kind: 'disputeStays', place: 'memory', error: undefined });
    expect([open.length, signals]).toEqual([1, [stop.signal]]);
  });

  test('was stopped before: it complains once, which the signal does not stop', async () => {
    const stop = new AbortController();
    stop.abort();
    const reached = await disputing(() => undefined, stop.signal);
    expect(reached.kinds).toEqual(['disputeOpen', 'outcomeProved']);
    expect(reached.signals).toEqual([undefined]);
    const unreached = await disputing(() => {
      throw away();
    }, stop.signal);
    expect(unreached).toMatchObject({ kinds: ['disputeOpen', 'disputeStays'], count: 1 });
  });
});
