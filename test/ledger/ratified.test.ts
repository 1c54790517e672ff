import { describe, expect, it } from 'vitest';
import { History } from '../../src/ledger/history.ts';
import { Ledger, type Limits, memoryStore } from '../../src/ledger/index.ts';

const peer = new Uint8Array(32).fill(9);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const text = (name: string) => Buffer.from(digest(name)).toString('base64url');
const limits: Limits = { rule: 'split', attempts: 1, bits: 2.5, maxDisclosure: undefined, shown: true };
const ratified = { ratified: true };

/** A ledger, how to agree in it, with seals or without, and how many attempts are used for the next one without. */
function book() {
  const ledger = new Ledger(memoryStore(), () => new Date('2026-11-27T10:00:00Z'));
  const agreed = async (session: string, changed: Partial<Limits> = {}, seal = session): Promise<void> => {
    const held = await ledger.begin(peer, 'car');
    try {
      const theirs = seal === session ? session : 'theirs'; // without seals both are the session's digest
      const of = { question: digest('terms'), own: digest(seal), peer: digest(theirs) };
      held.admit({ ...of, session: digest(session) }, { ...limits, ...changed });
      await held.sealed({ bid: seal });
      await held.released();
      await held.agreed(digest('agreement'));
    } finally {
      await held.end();
    }
  };
  const used = async (attempts = 9) => {
    const asked = { question: digest('terms'), sealed: false };
    return (await ledger.foresee(peer, 'car', asked, { ...limits, attempts })).used;
  };
  return { ledger, agreed, used };
}

const exhausted = { code: 'ERR_ATTEMPTS_EXHAUSTED' };

describe('an agreement that has to be ratified', () => {
  it('uses up its attempt for the next one without seals, also under terms without `ratify`', async () => {
    const { agreed, used } = book();
    await agreed('one', ratified);
    expect(await used()).toBe(1);
    await expect(used(1)).rejects.toMatchObject(exhausted);
    await expect(agreed('two')).rejects.toMatchObject(exhausted);
    await agreed('two', { attempts: 2 });
    expect(await used()).toBe(1);
  });

  it('does so with seals as well', async () => {
    const { agreed, used } = book();
    await agreed('one', ratified, 'mine');
    expect(await used()).toBe(1);
    await expect(agreed('two')).rejects.toMatchObject(exhausted);
  });

  it('does so whenever one of the sessions on the same two bids had to be', async () => {
    const { agreed, used } = book();
    await agreed('one', {}, 'mine');
    expect(await used()).toBe(0);
    await agreed('two', ratified, 'mine');
    expect(await used()).toBe(1);
    await agreed('three', {}, 'mine');
    expect(await used()).toBe(1);
  });

  it('is not made of one that bound at once by the next terms', async () => {
    const { agreed, used } = book();
    await agreed('one');
    expect(await used()).toBe(0);
    await agreed('two', ratified);
    await expect(agreed('three', ratified)).rejects.toMatchObject(exhausted);
  });
});

it('a snapshot keeps which deals had to be ratified', () => {
  const history = new History();
  const common = { matter: 'car', question: text('q'), time: '2026-11-27T10:00:00Z', rule: 'split', bits: 1 };
  for (const [own, more] of [
    ['bound', {}],
    ['lapsed', { ratified: true as const }],
  ] as const) {
    const of = { own: text(own), peer: text(own), session: text(own) };
    history.add({ type: 'released', ...common, ...of, ...more }, '0');
  }
  const restored = History.restore(history.snapshot())!;
  expect(restored.attempts).toEqual(history.attempts);
  expect(restored.attempts.map((attempt) => attempt.ratified)).toEqual([false, true]);
  const before = history.snapshot().replace('"version":4', '"version":3');
  expect(History.restore(before)).toBeUndefined();
});
