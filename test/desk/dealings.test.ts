import { describe, expect, it } from 'vitest';
import { host } from '../../src/desk/host.ts';
import { join } from '../../src/desk/join.ts';
import type { DeskEvent, TermsQuestion } from '../../src/desk/person.ts';
import { negotiatePinned } from '../../src/desk/pinned.ts';
import { generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { type AttemptDigests, Ledger, memoryStore } from '../../src/ledger/index.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { publish } from '../documents/ratifying.ts';
import { homeOf } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';

const draft: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
  security: 'semi-honest',
  matter: 'vehicle 4711',
  attempts: 3,
};
const [ana, ben] = [generateIdentity(), generateIdentity()];
const members = [generateIdentity().publicKey, generateIdentity().publicKey];

/** What either side's person is told of what went before, and what Ben is asked. */
async function meet(terms: TermsDraft, ledgers: readonly [Ledger, Ledger]) {
  const network = memoryNetwork();
  const told: [DeskEvent[], DeskEvent[]] = [[], []];
  const asked: TermsQuestion[] = [];
  const person = (side: 0 | 1) => ({
    told: (event: DeskEvent) => event.kind === 'dealtBefore' && told[side].push(event),
  });
  const common = { network, timeout: 5_000, wait: 5_000 };
  const hosting = host({
    ...common,
    terms,
    role: 'seller',
    mandate: { reservation: 400n },
    home: homeOf(ana, 'host', { ledger: ledgers[0] }),
    person: person(0),
  });
  const joined = join({
    ...common,
    invite: await hosting.invite,
    mandate: { reservation: 500n },
    home: homeOf(ben, 'join', { ledger: ledgers[1], peers: { ana: ana.publicKey } }),
    person: { ...person(1), accepts: (question) => asked.push(question) > 0 },
  });
  await Promise.all([hosting.result, joined]);
  return { told, asked };
}

describe('B5: who accepts terms is told what was released on their matter before', () => {
  const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;

  it('nothing, the first time', async () => {
    const { told, asked } = await meet(draft, ledgers);
    expect(told).toEqual([[], []]);
    expect(asked[0]!.before).toMatchObject({
      matter: 'vehicle 4711',
      attempts: [],
      disclosedBits: 0,
      alike: [],
    });
  });

  it('what it was and when, the second time, on both sides', async () => {
    const { told, asked } = await meet({ ...draft, matter: 'Vehicle  4711' }, ledgers);
    const { before } = asked[0]!;
    // without seals, what came to an agreement is not held against a further attempt
    const standing = { used: 0, allowed: 3, repeatable: false };
    expect(before!.attempts).toMatchObject([{ matter: 'vehicle 4711', agreement: expect.any(String) }]);
    expect(before!.disclosedBits).toBeGreaterThan(5);
    expect(told).toEqual([
      [
        {
          kind: 'dealtBefore',
          peer: expect.objectContaining({ role: 'buyer' }),
          before: expect.anything(),
          standing,
        },
      ],
      [{ kind: 'dealtBefore', peer: expect.objectContaining({ name: 'ana' }), before, standing }],
    ]);
  });

  it('and that another matter looks like this one, and is counted apart', async () => {
    const { asked } = await meet({ ...draft, matter: 'vehic1e 4711' }, ledgers);
    expect(asked[0]!.before).toMatchObject({ attempts: [], alike: ['vehicle 4711'] });
    expect(asked[0]!.before!.disclosedBits).toBeGreaterThan(10);
  });
});

/** Records that an outcome went to Ana on the matter, and no agreement came of it. */
async function release(ledger: Ledger): Promise<void> {
  const digests = Object.fromEntries(
    ['question', 'own', 'peer', 'session'].map((name) => [name, new Uint8Array(32)]),
  ) as unknown as AttemptDigests;
  const session = await ledger.begin(rawPublicKey(ana.publicKey), 'vehicle 4711');
  session.admit(digests, { shown: false, rule: 'split', attempts: 1, bits: 1, maxDisclosure: undefined });
  await session.sealed(null);
  await session.released();
  await session.end();
}

describe('C2: what is left of the attempts is known before anybody names a figure', () => {
  it('and told', async () => {
    const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;
    await release(ledgers[1]);
    const { told } = await meet(draft, ledgers);
    expect(told[0]).toEqual([]);
    expect(told[1]).toMatchObject([{ standing: { used: 1, allowed: 3, repeatable: false } }]);
  });

  it('and where none is left nobody is asked anything, and the host is told no', async () => {
    const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;
    await release(ledgers[1]);
    const network = memoryNetwork();
    const common = { network, timeout: 5_000, wait: 5_000 };
    const terms = { ...draft, attempts: 1 };
    const mandate = () => expect.unreachable('nobody is asked for a figure');
    const hosting = host({
      ...common,
      terms,
      role: 'seller',
      mandate,
      home: homeOf(ana, 'host', { ledger: ledgers[0] }),
    });
    const refused = expect(hosting.result).rejects.toMatchObject({ code: 'ERR_TERMS_DECLINED' });
    const joined = join({
      ...common,
      invite: await hosting.invite,
      mandate,
      home: homeOf(ben, 'join', { ledger: ledgers[1] }),
      person: { accepts: () => expect.unreachable('nobody is asked to accept') },
    });
    await expect(joined).rejects.toMatchObject({ code: 'ERR_ATTEMPTS_EXHAUSTED' });
    await refused;
  });

  it('nor with pinned keys, but only once the terms are known to be the same', async () => {
    const ledger = new Ledger(memoryStore());
    await release(ledger);
    const meetPinned = async (subject: string) => {
      const [left, right] = memoryChannelPair();
      const terms = { ...draft, attempts: 1, expires: '2999-01-01T00:00:00Z' };
      const common = { network: memoryNetwork(), timeout: 5_000, wait: 5_000 };
      const both = await Promise.allSettled([
        negotiatePinned({
          ...common,
          terms: { ...terms, subject },
          role: 'seller',
          peer: ben.publicKey,
          mandate: { reservation: 400n },
          home: homeOf(ana, 'host'),
          way: { channel: left, initiator: true },
        }),
        negotiatePinned({
          ...common,
          terms,
          role: 'buyer',
          peer: ana.publicKey,
          home: homeOf(ben, 'join', { ledger }),
          person: { mandate: () => expect.unreachable('nobody is asked for a figure') },
          way: { channel: right, initiator: false },
        }),
      ]);
      return both[1];
    };
    const reason = (code: string) => ({ status: 'rejected', reason: expect.objectContaining({ code }) });
    expect(await meetPinned('another car')).toEqual(reason('ERR_TERMS_MISMATCH'));
    expect(await meetPinned(draft.subject)).toEqual(reason('ERR_ATTEMPTS_EXHAUSTED'));
  });

  it('also where the last deal was agreed, but has to be ratified and may lapse', async () => {
    const ledger = new Ledger(memoryStore());
    const by = '2999-01-08T00:00:00Z';
    const ratify = { seller: { members, threshold: 2, by } };
    const terms = { ...draft, attempts: 1, expires: '2999-01-01T00:00:00Z', publish, ratify };
    const meetAgain = async (asked: () => { reservation: bigint }) => {
      const [left, right] = memoryChannelPair();
      const common = { network: memoryNetwork(), timeout: 5_000, wait: 5_000, terms };
      const [, ended] = await Promise.allSettled([
        negotiatePinned({
          ...common,
          role: 'seller',
          peer: ben.publicKey,
          mandate: { reservation: 400n },
          home: homeOf(ana, 'host'),
          way: { channel: left, initiator: true },
        }),
        negotiatePinned({
          ...common,
          role: 'buyer',
          peer: ana.publicKey,
          home: homeOf(ben, 'join', { ledger }),
          person: { mandate: asked },
          way: { channel: right, initiator: false },
        }),
      ]);
      return ended;
    };
    expect(await meetAgain(() => ({ reservation: 500n }))).toMatchObject({ status: 'fulfilled' });
    const again = await meetAgain(() => expect.unreachable('nobody is asked for a figure'));
    expect(again).toMatchObject({ reason: { code: 'ERR_ATTEMPTS_EXHAUSTED' } });
  });
});
