import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readDispute } from '../../src/arbiter/index.ts';
import type { Identity } from '../../src/documents/identity.ts';
import { decodeBase64url } from '../../src/documents/json.ts';
import { formatTime } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { fairTerms, keptIn, openFair } from '../support/fair.ts';
import { buyer, seller, tamper } from '../support/sessions.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
const WINDOW = 600;
const bids = [{ reservation: 300n }, { reservation: 600n }] as const;
const at = (seconds: number) => START + 1_000 * seconds;

let opened: Awaited<ReturnType<typeof openFair>> | undefined;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
});
afterEach(() => {
  vi.useRealTimers();
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

describe('the deadline of the terms and the window', () => {
  /** Both sides negotiate under terms that end after so many seconds. */
  async function negotiate(expires: number, meanwhile: (message: string) => void = () => undefined) {
    const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;
    opened = await openFair({ left: { ledger: ledgers[0] }, right: { ledger: ledgers[1] } });
    const { sessions, disputes } = opened;
    for (const session of sessions) tamper(session, ({ name }) => meanwhile(name));
    const terms = await fairTerms({ seals: 'none', expires: formatTime(at(expires)) });
    const ended = await Promise.allSettled(
      sessions.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })),
    );
    const kept = (await Promise.all(disputes.map(keptIn))).flat();
    const released = (await Promise.all(ledgers.map((ledger) => ledger.list()))).flat();
    return { ended, kept, attempts: released.flatMap(({ attempts }) => attempts) };
  }
  const expired = expect.objectContaining({ reason: expect.objectContaining({ code: 'ERR_TERMS_EXPIRED' }) });

  test('leave time for complaints, or nothing is sent', async () => {
    const { ended, kept, attempts } = await negotiate(WINDOW - 1);
    expect(ended).toEqual([expired, expired]);
    expect([kept, attempts]).toEqual([[], []]);
  });

  test('leave time when the outcome is to be opened, or nothing is released', async () => {
    const { ended, kept, attempts } = await negotiate(WINDOW + 10, (message) => {
      if (message === 'escrow.answer') vi.setSystemTime(at(11));
    });
    expect(ended).toContainEqual(expired);
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    expect([kept, attempts]).toEqual([[], []]);
  });

  test('leave just enough time', async () => {
    const { ended, attempts } = await negotiate(WINDOW + 10);
    expect(ended.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(attempts).toHaveLength(2);
  });
});

/** Both sides negotiate; one needs so many seconds to sign a kind of document. */
async function negotiateSlowly(side: 0 | 1, seconds: number, document = 'parley-engagement+jws') {
  const own = [seller, buyer][side]!;
  const slow: Identity = {
    publicKey: own.publicKey,
    sign(bytes) {
      const [header] = new TextDecoder().decode(bytes).split('.');
      const text = new TextDecoder().decode(decodeBase64url(header) ?? new Uint8Array(0));
      if (text.includes(document)) vi.setSystemTime(at(seconds));
      return own.sign(bytes);
    },
  };
  opened = await openFair({ [side === 0 ? 'left' : 'right']: { identity: slow } });
  const { sessions, disputes } = opened;
  const terms = await fairTerms({ seals: 'none' });
  const ended = await Promise.allSettled(
    sessions.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })),
  );
  const [first, second] = await Promise.all(disputes.map(keptIn));
  return { ended, first: first!, second: second! };
}

const late = { status: 'rejected', reason: { code: 'ERR_CLOCK', dispute: undefined } };

describe('the side that engages second, whose signature takes', () => {
  test('less than half of the window: opens its mask', async () => {
    const { ended } = await negotiateSlowly(1, WINDOW / 2 - 5);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  test.each([
    [WINDOW / 2 + 5, 'parley-engagement+jws'],
    [WINDOW + 5, 'parley-engagement+jws'],
    [WINDOW + 5, 'parley-mask+jws'],
  ])('%i seconds of 600: sends nothing, and is not bound (%s)', async (seconds, document) => {
    const { ended, first, second } = await negotiateSlowly(1, seconds, document);
    expect(ended[1]).toMatchObject(late);
    expect(second).toEqual([]);
    const { engagements, peer } = readDispute(first[0]!);
    expect([Object.keys(engagements), peer]).toEqual([['seller'], undefined]);
  });
});

test('the side that engages first does not, if its signature takes more than half of the window', async () => {
  const { ended, first, second } = await negotiateSlowly(0, WINDOW / 2 + 5);
  expect(ended[0]).toMatchObject(late);
  expect([first, second]).toEqual([[], []]);
});
