import { expect, test } from 'vitest';
import {
  CountedPeer,
  Ledger,
  type Limits,
  memoryStore,
  type Names,
  namesOf,
} from '../../src/ledger/index.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text.padEnd(32, '.').slice(0, 32)));
const [principal, stranger, delegate, another] = ['principal', 'stranger', 'delegate', 'another'].map(
  bytes,
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const limits: Limits = { rule: 'split', attempts: 1, bits: 10, maxDisclosure: undefined, shown: true };

interface Bid {
  readonly question?: string;
  readonly matter?: string;
  readonly until?: 'released' | 'agreed';
  readonly limits?: Partial<Limits>;
}

/** A ledger, and how to let a peer with these names get an outcome by it. */
function book() {
  const ledger = new Ledger(memoryStore(), () => new Date('2026-11-28T10:00:00Z'));
  const attempt = async (
    names: Names,
    { question = 'q', matter = 'car', until = 'agreed', ...bid }: Bid = {},
  ) => {
    const session = await new CountedPeer(ledger, names).begin(matter, 'refuse');
    try {
      const digests = {
        question: bytes(question),
        own: bytes('own'),
        peer: bytes('theirs'),
        session: bytes('s'),
      };
      session.admit(digests, { ...limits, ...bid.limits });
      await session.sealed({ bid: 'own' });
      await session.released();
      if (until === 'agreed') await session.agreed(bytes('agreement'), { payload: '', signatures: [] });
    } finally {
      await session.end();
    }
  };
  const foresee = (names: Names, question = 'q', matter = 'car') =>
    new CountedPeer(ledger, names).foresee(matter, { question: bytes(question), sealed: true }, limits);
  return { ledger, attempt, foresee };
}

const refused = (run: Promise<unknown>, code: string) => expect(run).rejects.toMatchObject({ code });

test('a principal made a second ago begins nothing anew: its delegate has been counted too', async () => {
  const { attempt, foresee } = book();
  await attempt([principal, delegate]);
  for (const names of [[stranger, delegate], [delegate]] as const) {
    await refused(attempt(names, { question: 'other' }), 'ERR_ATTEMPTS_EXHAUSTED');
    await refused(foresee(names, 'other'), 'ERR_ATTEMPTS_EXHAUSTED');
    const more = { matter: 'house', limits: { maxDisclosure: 19 } };
    await refused(attempt(names, more), 'ERR_DISCLOSURE_LIMIT');
  }
  await attempt([another], { question: 'other' });
});

test('another delegate begins nothing anew: its principal has been counted', async () => {
  const { attempt } = book();
  await attempt([principal, delegate]);
  await refused(attempt([principal, another], { question: 'other' }), 'ERR_ATTEMPTS_EXHAUSTED');
  await refused(attempt([principal], { question: 'other' }), 'ERR_ATTEMPTS_EXHAUSTED');
});

test('an outcome that waits is finished with the same bid, whomever the delegate acts for', async () => {
  const { ledger, attempt, foresee } = book();
  await attempt([principal, delegate], { until: 'released' });
  await refused(attempt([stranger, delegate], { question: 'other' }), 'ERR_SEAL_CHANGED');
  const session = await new CountedPeer(ledger, [stranger, delegate]).begin('car', 'refuse');
  expect(await session.previousSeals(bytes('q'))).toMatchObject([{ seal: { bid: 'own' }, required: true }]);
  await session.end();
  expect(await foresee([stranger, delegate])).toEqual({ used: 1, allowed: 1, repeatable: true });
  await attempt([stranger, delegate]);
});

test('another delegate is told that somebody else has to finish first', async () => {
  const { attempt, foresee } = book();
  await attempt([principal, delegate], { until: 'released' });
  for (const run of [
    attempt([principal, another], { question: 'other' }),
    foresee([principal, another], 'other'),
  ]) {
    await expect(run).rejects.toMatchObject({
      code: 'ERR_SEAL_CHANGED',
      message: expect.stringContaining('through another key'),
      hint: expect.stringContaining('only other matters'),
    });
  }
  await attempt([principal, another], { matter: 'house' });
  const own = attempt([principal, delegate], { question: 'other' });
  await expect(own).rejects.toMatchObject({ message: expect.stringContaining('the terms have changed') });
});

test('an agreement is kept once, and the attempt told once', async () => {
  const { ledger, attempt } = book();
  await attempt([principal, delegate]);
  expect((await ledger.agreements()).map(({ peer }) => peer)).toEqual([principal]);
  const before = await new CountedPeer(ledger, [principal, delegate]).dealings('car');
  expect(before).toMatchObject({ attempts: [{ bits: 10 }], disclosedBits: 10 });
});

test('a peer that was caught under one of its names is barred, and holds are given back', async () => {
  const { ledger, attempt } = book();
  await ledger.cheated(delegate, {
    session: Buffer.from(bytes('s')).toString('base64url'),
    after: 'engaged',
    check: 'x',
  });
  await refused(attempt([principal, delegate]), 'ERR_PEER_BARRED');
  await attempt([principal, another]);
});

test('a principal that is its own delegate has one name', () => {
  expect(namesOf(principal, principal.slice())).toEqual([principal]);
});

test('two principals of one delegate at the same time get no more than one of them', async () => {
  const { ledger } = book();
  const begin = (bound: Uint8Array, matter: string) =>
    new CountedPeer(ledger, [bound, delegate]).begin(matter, 'refuse');
  const of = { question: bytes('q'), own: bytes('own'), peer: bytes('theirs'), session: bytes('s') };
  const [one, two] = [await begin(principal, 'car'), await begin(stranger, 'house')];
  for (const session of [one, two]) {
    session.admit(of, { ...limits, maxDisclosure: 15 });
    await session.sealed(null);
  }
  await refused(begin(stranger, 'car'), 'ERR_SESSION_BUSY');
  await one.released();
  await refused(two.released(), 'ERR_DISCLOSURE_LIMIT');
  for (const session of [one, two]) await session.end();
  await (await begin(stranger, 'boat')).end();
});

test('a lock that cannot be given back keeps no other one', async () => {
  const store = memoryStore();
  let released = 0;
  const ledger = new Ledger({
    ...store,
    hold: async (...asked) => {
      const hold = await store.hold(...asked);
      return (
        hold && {
          release: async () => {
            await hold.release();
            if (++released === 1) throw new Error('the disk is gone');
          },
        }
      );
    },
  });
  const session = await new CountedPeer(ledger, [principal, delegate]).begin('car', 'refuse');
  await refused(session.end(), 'ERR_LEDGER_UNUSABLE');
  expect(released).toBe(2);
});
