import { describe, expect, it } from 'vitest';
import { History } from '../../src/ledger/history.ts';
import { Ledger, type Limits, memoryStore } from '../../src/ledger/index.ts';

const peer = new Uint8Array(32).fill(9);
const digest = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const limits: Limits = { rule: 'split', attempts: 1, bits: 2.5, maxDisclosure: undefined, shown: true };
const OF = { question: digest('terms'), session: digest('session') };

interface Bid {
  readonly own?: string;
  readonly session?: string;
  readonly limits?: Partial<Limits>;
}

/** A ledger, and how to make a release in it that waits for its agreement. */
function book() {
  const ledger = new Ledger(memoryStore(), () => new Date('2026-11-27T10:00:00Z'));
  const released = async ({
    own = 'mine',
    session = 'session',
    limits: changed,
  }: Bid = {}): Promise<void> => {
    const held = await ledger.begin(peer, 'car');
    try {
      const theirs = own === session ? own : 'theirs'; // without seals both are the session's digest
      const digests = {
        question: OF.question,
        own: digest(own),
        peer: digest(theirs),
        session: digest(session),
      };
      held.admit(digests, { ...limits, ...changed });
      await held.sealed({ bid: own });
      await held.released();
    } finally {
      await held.end();
    }
  };
  const attempts = async () => (await ledger.list())[0]?.attempts ?? [];
  const required = async () => {
    const held = await ledger.begin(peer, 'car');
    const seals = await held.previousSeals(OF.question);
    await held.end();
    return seals.map((seal) => seal.required);
  };
  return { ledger, released, attempts, required };
}

const refused = (run: Promise<unknown>, code: string) => expect(run).rejects.toMatchObject({ code });
const wide = { attempts: 5 };

describe('a release that is settled without an agreement', () => {
  it('is that of the session in dispute, and no later one', async () => {
    const { ledger, released, attempts } = book();
    await released({ own: 'one', limits: wide });
    expect(await ledger.ended(peer, 'car', { ...OF, end: 'unknown', shown: false })).toBe(true);
    await released({ own: 'two', session: 'later', limits: wide });
    // The arbiter comes back, and answers about the session that was given up.
    expect(await ledger.ended(peer, 'car', { ...OF, end: 'void', shown: true })).toBe(false);
    expect(await ledger.settled(peer, 'car', { ...OF, digest: digest('proof') })).toBe(true);
    expect(
      (await attempts()).map(({ end, returned, agreement }) => [end, returned, agreement !== undefined]),
    ).toEqual([
      [undefined, false, true],
      [undefined, false, false],
    ]);
  });

  it('counts like an agreed one when the outcome is proved', async () => {
    const { ledger, released, attempts, required } = book();
    await released();
    await refused(released({ own: 'other', limits: wide }), 'ERR_SEAL_CHANGED');
    expect(await required()).toEqual([true]);
    expect(await ledger.settled(peer, 'Car', { ...OF, digest: digest('proof') })).toBe(true);
    expect(await attempts()).toMatchObject([
      { agreement: Buffer.from(digest('proof')).toString('base64url') },
    ]);
    await refused(released({ own: 'other' }), 'ERR_ATTEMPTS_EXHAUSTED');
    await released({ own: 'other', limits: { attempts: 2 } });
  });

  it.each([
    ['nothing was released', { ...OF }, false],
    ['the question was another', { ...OF, question: digest('more') }, true],
  ])('is none where %s', async (_, of, release) => {
    const { ledger, released, attempts } = book();
    if (release) await released();
    const before = await attempts();
    expect(await ledger.settled(peer, 'car', { ...of, digest: digest('proof') })).toBe(false);
    expect(await ledger.ended(peer, 'car', { ...of, end: 'void', shown: true })).toBe(false);
    expect(await attempts()).toEqual(before);
  });

  it('is settled once', async () => {
    const { ledger, released } = book();
    await released();
    expect(await ledger.settled(peer, 'car', { ...OF, digest: digest('proof') })).toBe(true);
    expect(await ledger.settled(peer, 'car', { ...OF, digest: digest('proof') })).toBe(false);
    expect(await ledger.ended(peer, 'car', { ...OF, end: 'void', shown: true })).toBe(false);
  });

  it('is that of its own session where there are no seals', async () => {
    const { ledger, released, attempts } = book();
    const limits = { attempts: 2 };
    await released({ own: 'one', session: 'one', limits });
    await released({ own: 'two', session: 'two', limits });
    await ledger.settled(peer, 'car', { ...OF, session: digest('two'), digest: digest('proof') });
    expect((await attempts()).map(({ agreement }) => agreement !== undefined)).toEqual([false, true]);
  });
});

describe('a void', () => {
  it('gives the attempt back where seals show what was entered; the bits stay disclosed', async () => {
    const { ledger, released, attempts, required } = book();
    await released();
    expect(await ledger.ended(peer, 'car', { ...OF, end: 'void', shown: true })).toBe(true);
    expect(await attempts()).toMatchObject([{ end: 'void', returned: true, bits: 2.5 }]);
    expect(await required()).toEqual([false]);
    await refused(released({ own: 'other', limits: { maxDisclosure: 4 } }), 'ERR_DISCLOSURE_LIMIT');
    await released({ own: 'other' });
    expect((await ledger.list())[0]!.disclosedBits).toBe(5);
    // Now there is one that waits.
    await refused(released({ own: 'third', limits: wide }), 'ERR_SEAL_CHANGED');
  });

  it('does not give it back otherwise, and nothing waits for it', async () => {
    const { ledger, released, attempts } = book();
    const menus = { shown: false, attempts: 2 };
    await released({ limits: menus });
    await ledger.ended(peer, 'car', { ...OF, end: 'void', shown: false });
    expect(await attempts()).toMatchObject([{ end: 'void', returned: false, releases: 1 }]);
    await refused(released({ own: 'other', limits: { ...menus, attempts: 1 } }), 'ERR_ATTEMPTS_EXHAUSTED');
    await released({ own: 'other', limits: menus });
  });

  it('of a session without seals leaves its attempt used', async () => {
    const { ledger, released } = book();
    await released({ own: 'one', session: 'one' });
    await ledger.ended(peer, 'car', { ...OF, session: digest('one'), end: 'void', shown: false });
    await refused(released({ own: 'two', session: 'two' }), 'ERR_ATTEMPTS_EXHAUSTED');
  });

  it('is over when the same two bids are released again', async () => {
    const { ledger, released, attempts, required } = book();
    await released();
    await ledger.ended(peer, 'car', { ...OF, end: 'void', shown: true });
    await released({ session: 'later' });
    expect(await attempts()).toMatchObject([{ end: undefined, returned: false, bits: 2.5 }]);
    expect(await required()).toEqual([true]);
  });
});

describe('a dispute that was given up', () => {
  it('leaves attempt and bits spent, and the matter free', async () => {
    const { ledger, released, attempts } = book();
    await released();
    expect(await ledger.ended(peer, 'car', { ...OF, end: 'unknown', shown: true })).toBe(true);
    expect(await attempts()).toMatchObject([{ end: 'unknown', returned: false }]);
    await refused(released({ own: 'other' }), 'ERR_ATTEMPTS_EXHAUSTED');
    await released({ own: 'other', limits: { attempts: 2 } });
  });

  it('can still be proved later', async () => {
    const { ledger, released, attempts } = book();
    await released();
    await ledger.ended(peer, 'car', { ...OF, end: 'unknown', shown: false });
    expect(await ledger.settled(peer, 'car', { ...OF, digest: digest('proof') })).toBe(true);
    expect(await attempts()).toMatchObject([{ agreement: expect.any(String), end: undefined }]);
  });
});

it('a snapshot keeps how attempts have ended', () => {
  const history = new History();
  const time = '2026-11-27T10:00:00Z';
  const text = (name: string) => Buffer.from(digest(name)).toString('base64url');
  const common = { matter: 'car', session: text('s'), question: text('q'), peer: text('p'), time };
  for (const own of ['void', 'given up', 'unknown']) {
    history.add({ type: 'released', ...common, own: text(own), rule: 'split', bits: 1 }, '0');
  }
  history.add({ type: 'void', ...common, own: text('void'), returned: false }, '1');
  history.add({ type: 'void', ...common, own: text('given up'), returned: true }, '2');
  history.add({ type: 'unknown', ...common, own: text('unknown') }, '3');
  const restored = History.restore(history.snapshot())!;
  expect(restored.attempts).toEqual(history.attempts);
  expect(restored.attempts.map(({ end, returned }) => [end, returned])).toEqual([
    ['void', false],
    ['void', true],
    ['unknown', false],
  ]);
});
