import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readDispute } from '../../src/arbiter/index.ts';
import type { Identity } from '../../src/documents/identity.ts';
import { decodeBase64url } from '../../src/documents/json.ts';
import { fairTerms, keptIn, openFair } from '../support/fair.ts';
import { buyer, seller } from '../support/sessions.ts';

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
