import { expect, it } from 'vitest';
import { type CheatReport, Ledger, memoryStore, type Store } from '../../src/ledger/index.ts';

const peer = new Uint8Array(32).fill(9);
const digest = (fill: number) => new Uint8Array(32).fill(fill);
const named = (fill: number) => Buffer.from(digest(fill)).toString('base64url');
const cheat: CheatReport = { session: named(1), after: 'engaged', check: 'gate check' };
const attempt = { question: digest(1), own: digest(2), peer: digest(3), session: digest(4) };
const limits = { rule: 'split', attempts: 1, bits: 2, maxDisclosure: undefined, shown: true };

/** A ledger for whom somebody else is first, once: `meanwhile` runs before its next append. */
function interrupted(store: Store): { ledger: Ledger; meanwhile: (work: () => Promise<unknown>) => void } {
  let pending: (() => Promise<unknown>) | undefined;
  const append: Store['append'] = async (...args) => {
    const work = pending;
    pending = undefined;
    await work?.();
    return store.append(...args);
  };
  return {
    ledger: new Ledger({ ...store, append }),
    meanwhile: (work) => {
      pending = work;
    },
  };
}

it('forgives what was known when it was asked to, and nothing that comes meanwhile', async () => {
  const store = memoryStore();
  const { ledger, meanwhile } = interrupted(store);
  const another = new Ledger(store);
  await another.cheated(peer, cheat);
  meanwhile(() => another.cheated(peer, { ...cheat, check: 'another' }));
  await expect(ledger.forgive(peer)).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
  expect((await ledger.list())[0]!.cheats.map(({ forgiven }) => forgiven)).toEqual([false, false]);
  expect(await ledger.forgive(peer)).toBe(true);
  await another.refuseCheater(peer);
});

it('forgives where something else comes meanwhile, or another process has forgiven', async () => {
  const store = memoryStore();
  const { ledger, meanwhile } = interrupted(store);
  const another = new Ledger(store);
  await another.cheated(peer, cheat);
  const departure = { ...cheat, terms: named(2), matter: 'car', engaged: true, shared: false };
  const { check: _, ...left } = departure;
  meanwhile(() => another.left(peer, left));
  expect(await ledger.forgive(peer)).toBe(true);
  await another.cheated(peer, cheat);
  meanwhile(() => another.forgive(peer));
  expect(await ledger.forgive(peer)).toBe(false);
  expect((await store.read('09'.repeat(32), '')).records).toHaveLength(5);
});

it('releases nothing that another process’s release forbids, however late it comes', async () => {
  const store = memoryStore();
  const { ledger, meanwhile } = interrupted(store);
  const open = async (on: Ledger, matter: string) => {
    const session = await on.begin(peer, matter);
    session.admit(attempt, { ...limits, maxDisclosure: 3 });
    await session.sealed(null);
    return session;
  };
  const mine = await open(ledger, 'car');
  const theirs = await open(new Ledger(store), 'house');
  meanwhile(() => theirs.released());
  await expect(mine.released()).rejects.toMatchObject({ code: 'ERR_DISCLOSURE_LIMIT' });
  meanwhile(() => new Ledger(store).cheated(peer, cheat));
  await expect(mine.agreed(digest(7))).resolves.toBeUndefined();
  await expect(mine.released()).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
});

it('counts a record whose writing was reported as failed, once it is seen', async () => {
  const store = memoryStore();
  const ledger = new Ledger({
    ...store,
    append: async (...args) => {
      await store.append(...args);
      throw new Error('no answer');
    },
  });
  await expect(ledger.cheated(peer, cheat)).rejects.toMatchObject({ code: 'ERR_LEDGER_UNUSABLE' });
  await expect(ledger.refuseCheater(peer)).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
});

it('reads anew a log that was put back to an earlier state', async () => {
  let store = memoryStore();
  const moving: Store = {
    list: () => store.list(),
    read: (...args) => store.read(...args),
    pick: (...args) => store.pick(...args),
    append: (...args) => store.append(...args),
    hold: (...args) => store.hold(...args),
  };
  const ledger = new Ledger(moving);
  await ledger.cheated(peer, cheat);
  await expect(ledger.refuseCheater(peer)).rejects.toMatchObject({ code: 'ERR_PEER_BARRED' });
  store = memoryStore();
  await ledger.refuseCheater(peer);
  await ledger.cheated(peer, cheat);
  expect((await ledger.list())[0]!.cheats).toHaveLength(1);
});

it('gives up on a store that never lets it be first', async () => {
  const ledger = new Ledger({ ...memoryStore(), append: async () => undefined });
  await expect(ledger.cheated(peer, cheat)).rejects.toMatchObject({ code: 'ERR_LEDGER_UNUSABLE' });
});

it('takes what is no record for damage', async () => {
  for (const text of ['{}', 'not JSON', '{"type":"ledger","parley":1,"peer":"x"}', '{"type":"forgiven"}']) {
    const store = memoryStore();
    await store.append('09'.repeat(32), text, '');
    await expect(new Ledger(store).begin(peer, 'car')).rejects.toMatchObject({ code: 'ERR_LEDGER_CORRUPT' });
    await expect(new Ledger(store).list()).rejects.toMatchObject({ code: 'ERR_LEDGER_CORRUPT' });
  }
});
