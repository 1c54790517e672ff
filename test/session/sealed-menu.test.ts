import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { menu } from '../../protocols/menu/index.ts';
import { MENU_VERSION, type MenuTerms } from '../../protocols/menu/options.ts';
import { rules } from '../../protocols/registry.ts';
import type { Mandate, Rule } from '../../protocols/rule.ts';
import { type Agreement, serializeAgreement, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { verifyEngagementUnder } from '../../src/documents/engagement.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { openJws } from '../../src/documents/jws.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import { Ledger, memoryStore, START } from '../../src/ledger/index.ts';
import { LedgerSession } from '../../src/ledger/ledger-session.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { hideRest, proveSealKey, reopenSeal, Seal } from '../../src/seals/index.ts';
import { agreementSignature, engagementSignature } from '../../src/session/messages.ts';
import type { NegotiateOptions } from '../../src/session/options.ts';
import type { Session } from '../../src/session/session.ts';
import { openAgreement, verifyOpenings } from '../../src/verify/openings.ts';
import { alice, bob } from '../paillier/keys.ts';
import { testRandom } from '../support/channels.ts';
import { menuMethods } from '../support/menus.ts';
import { changed, entersAs } from '../support/rules.ts';
import { buyer, codes, openPair, seller, tamper } from '../support/sessions.ts';

const keys = {
  left: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  right: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const known = { left: new Set<string>(), right: new Set<string>() };
const unpinned = { parties: 'unpinned', rules } as const;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-sealed-menu-'));
});
afterAll(() => rm(directory, { recursive: true }));

const issues = (...sizes: number[]) =>
  sizes.map((size, i) => ({ name: `issue ${i}`, values: Array.from({ length: size }, (_, j) => `${j}`) }));

const nash: MenuTerms['rule'] = { name: 'menu', solution: 'nash', version: MENU_VERSION };

function menuTerms({ sizes = [3, 2], ...changes }: Partial<Terms> & { sizes?: number[] } = {}): Terms {
  return completeTerms(
    {
      parley: 1,
      subject: 'supply contract',
      rule: nash,
      menu: { issues: issues(...sizes) },
      parties: { a: seller.publicKey, b: buyer.publicKey },
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      ...changes,
    },
    {},
    menu,
  );
}

const forA: Mandate = { reservation: 0.3, utilities: [1, 0.8, 0.1, 0.5, 0.2, 0.6] };
const forB: Mandate = { reservation: 0.25, utilities: [0, 0.3, 0.9, 0.5, 0.7, 0.1] };
const other: Mandate = { reservation: 0.3, utilities: [1, 0.8, 0.1, 0.4, 0.2, 0.6] };

interface Options {
  readonly ledgers?: { readonly left: Ledger; readonly right: Ledger };
  readonly mandates?: readonly [Mandate, Mandate];
  readonly left?: Partial<NegotiateOptions>;
  readonly before?: (left: Session) => void;
}

async function strike(terms: Terms, options: Options = {}) {
  const { ledgers, mandates = [forA, forB] } = options;
  const [left, right] = await openPair({
    left: {
      sealKey: keys.left,
      knownKeys: known.left,
      afterCheat: 'allow',
      ...(ledgers && { ledger: ledgers.left }),
    },
    right: {
      sealKey: keys.right,
      knownKeys: known.right,
      afterCheat: 'allow',
      ...(ledgers && { ledger: ledgers.right }),
    },
    timeout: 20_000,
  });
  options.before?.(left);
  const results = [
    left.negotiate({ terms, mandate: mandates[0], ...options.left }),
    right.negotiate({ terms, mandate: mandates[1] }),
  ] as const;
  const ended = await codes(results);
  left.destroy();
  right.destroy();
  return { ended, results };
}

const openingOf = (agreement: Agreement, side: 'left' | 'right', mandate?: Mandate) =>
  openAgreement(agreement, {
    identity: (side === 'left' ? seller : buyer).publicKey,
    sealKey: keys[side],
    mandate,
  });

async function struck(terms: Terms, options: Options = {}): Promise<Agreement> {
  const { results } = await strike(terms, options);
  return (await results[0]).agreement;
}

describe('a sealed menu', () => {
  test.each(menuMethods)(
    '%s: the outcome is the twin’s, and both openings make it again',
    async (_, rule) => {
      const terms = menuTerms({ rule });
      expect(terms.seals).toBe('paillier');
      const { ended, results } = await strike(terms);
      expect(ended).toEqual(['ok', 'ok']);
      const [atA, atB] = await Promise.all(results);
      expect([atA.stats.flights, atB.stats.flights]).toEqual([14, 14]); // as many as without seals
      const bound = menu.under(terms);
      const enter = (party: 'a' | 'b', mandate: Mandate) => bound.enter(party, mandate, testRandom(1));
      expect(atA.outcome).toEqual(bound.plain(enter('a', forA), enter('b', forB)));
      const bytes = serializeAgreement(atA.agreement);
      expect(serializeAgreement(atB.agreement)).toEqual(bytes);

      const { seals, fingerprints } = await verifyAgreementUnder(bytes, unpinned);
      expect(seals!.a!.commitment).toHaveLength(32);
      expect(fingerprints!.keys).toHaveLength(1);
      const openings = [
        await openingOf(atA.agreement, 'left', forA),
        await openingOf(atB.agreement, 'right', forB),
      ];
      const shown = await verifyOpenings(atA.agreement, JSON.parse(JSON.stringify(openings)), unpinned);
      expect(shown.confirmed).toBe(true);
      // What lies below the reservation is not shown.
      const { a } = shown.mandates as { a: { reservation: number; utilities: number[] } };
      expect(a.reservation).toBeCloseTo(0.3, 4);
      expect(a.utilities.map((utility) => utility.toFixed(2))).toEqual([
        '1.00',
        '0.80',
        '0.00',
        '0.50',
        '0.00',
        '0.60',
      ]);
    },
  );

  test('of several parts, prepared ahead, and with a party that abstains', async () => {
    const terms = menuTerms({ rule: { name: 'menu', solution: 'utilitarian' }, sizes: [4100] });
    const many = (seed: number): Mandate => ({
      reservation: 0.5,
      utilities: Array.from({ length: 4100 }, (_, i) => ((i * seed) % 997) / 997),
    });
    const [left, right] = await openPair({
      left: { sealKey: keys.left, knownKeys: known.left },
      right: { sealKey: keys.right, knownKeys: known.right },
      timeout: 20_000,
    });
    await Promise.all([left.prepare(terms), right.prepare(terms)]);
    for (const mandate of [many(7), { abstain: true } as const]) {
      const [atA] = await Promise.all([
        left.negotiate({ terms, mandate }),
        right.negotiate({ terms, mandate: many(11) }),
      ]);
      expect(atA.outcome.deal).toBe(!('abstain' in mandate));
      if (!('abstain' in mandate)) expect(atA.stats.flights).toBe(6); // what was prepared
      const { fingerprints } = await verifyAgreementUnder(serializeAgreement(atA.agreement), unpinned);
      expect(fingerprints!.keys).toHaveLength(2);
      const openings = [
        await openingOf(atA.agreement, 'left', mandate),
        await openingOf(atA.agreement, 'right', many(11)),
      ];
      expect((await verifyOpenings(atA.agreement, openings, unpinned)).confirmed).toBe(true);
    }
    await Promise.all([left.close(), right.close()]);
  }, 60_000);

  test('is opened with the mandate that was entered, and no other', async () => {
    const agreement = await struck(menuTerms());
    await expect(openingOf(agreement, 'left')).rejects.toMatchObject({ code: 'ERR_MANDATE_MISSING' });
    await expect(openingOf(agreement, 'left', other)).rejects.toMatchObject({ code: 'ERR_MANDATE_INVALID' });
    const opening = await openingOf(agreement, 'left', forA);
    const change = (changes: object) => verifyOpenings(agreement, [{ ...opening, ...changes }], unpinned);
    const rest = Buffer.from(opening.rest!, 'base64url');
    rest[0]! ^= 1;
    for (const changed of [rest, rest.subarray(2), Buffer.alloc(0)]) {
      await expect(change({ rest: changed.toString('base64url') })).rejects.toMatchObject({
        code: 'ERR_OPENING_INVALID',
      });
    }
    await expect(change({ rest: undefined })).rejects.toMatchObject({ code: 'ERR_OPENING_INVALID' });
    const again = await struck(menuTerms());
    await expect(verifyOpenings(again, [opening], unpinned)).rejects.toMatchObject({
      code: 'ERR_OPENING_AGREEMENT',
    });
  });

  test('an agreement without its fingerprints, or with other ones, is not valid', async () => {
    const agreement = await struck(menuTerms());
    const { payload } = openJws(agreement) as { payload: Record<string, unknown> };
    const fingerprints = payload.fingerprints as { keys: string[]; values: Record<string, string> };
    const changes: object[] = [
      { fingerprints: undefined },
      { fingerprints: { ...fingerprints, keys: [] } },
      { fingerprints: { ...fingerprints, values: { a: fingerprints.values.a } } },
      { fingerprints: { ...fingerprints, values: { ...fingerprints.values, b: 'AA' } } },
    ];
    for (const change of changes) {
      const changed = JSON.parse(JSON.stringify({ ...payload, ...change }));
      const document = { ...agreement, payload: Buffer.from(JSON.stringify(changed)).toString('base64url') };
      await expect(verifyAgreementUnder(document, unpinned)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_AGREEMENT_(SEALS|FORMAT)$/),
      });
    }
  });
});

describe('a party that cheats on its commitment', () => {
  /** Commits to the mandate it was given, and computes with another one. */
  const twoFaced = (lie: Mandate): Rule =>
    changed(menu, ({ seal, enter, compute }) => {
      const entry = enter('a', lie, testRandom(1));
      return {
        seal: entersAs(seal!, entry),
        compute: (engine, _entry, release) => compute(engine, entry, release),
      };
    });

  test.each([
    ['another utility', other],
    ['another reservation', { ...forA, reservation: 0.2 }],
    ['an option more', { reservation: 0.3, utilities: [1, 0.8, 0.4, 0.5, 0.2, 0.6] }],
  ])('%s: the agreement cannot be opened', async (_, lie) => {
    const agreement = await struck(menuTerms(), { left: { rules: [twoFaced(lie)] } });
    // What it can make is an opening of what it has committed to; of what it entered it has none.
    const opening = await openingOf(agreement, 'left', forA);
    await expect(verifyOpenings(agreement, [opening], unpinned)).rejects.toMatchObject({
      code: 'ERR_OPENING_INVALID',
      message: expect.stringContaining('something else was entered'),
    });
    await expect(openingOf(agreement, 'left', lie)).rejects.toMatchObject({ code: 'ERR_MANDATE_INVALID' });
    const honest = await openingOf(agreement, 'right', forB);
    expect((await verifyOpenings(agreement, [honest], unpinned)).mandates.b).toBeDefined();
  });

  test.each([
    ['the fingerprint', 'authenticated.fingerprint', 'value', 'ERR_PEER_CHEATED'],
    ['the proof of its fingerprint', 'authenticated.fingerprint', 'proof', 'ERR_PEER_CHEATED'],
    ['its engagement', engagementSignature.name, 'signature', 'ERR_PEER_CHEATED'],
    ['its commitment', 'seal.commitment', 'commitment', 'ERR_PEER_CHEATED'],
  ])('%s is changed on its way: the honest party stops', async (_, message, field, code) => {
    const { ended } = await strike(menuTerms(), {
      before: (left) =>
        tamper(left, (type, fields) => {
          if (type.name === message) fields[field]![3]! ^= 4;
        }),
    });
    expect(ended[1]).toBe(code);
  });
});

describe('with a ledger', () => {
  const newLedgers = async (name: string) => ({
    left: await fileLedger(join(directory, `${name}-left`)),
    right: await fileLedger(join(directory, `${name}-right`)),
  });
  const spoilSignature = (left: Session) =>
    tamper(left, (type, fields) => {
      if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
    });

  test('a released attempt is resumed with the utilities of then, whatever the mandate is now', async () => {
    const ledgers = await newLedgers('resume');
    const terms = menuTerms({ attempts: 2 });
    const broken = await strike(terms, { ledgers, before: spoilSignature });
    expect(broken.ended).toEqual(['ERR_PEER_ABORTED', 'ERR_PEER_CHEATED']);
    const resumed = await strike(terms, { ledgers, mandates: [other, { abstain: true }] });
    expect(resumed.ended).toEqual(['ok', 'ok']);
    const [atA, atB] = await Promise.all(resumed.results);
    expect(atA.adjusted).toMatch(/an earlier session/);
    const { entered } = atB as unknown as { entered: { utilities: number[] } };
    expect(entered.utilities.map((utility) => utility.toFixed(1))).toEqual([
      '0.0',
      '0.3',
      '0.9',
      '0.5',
      '0.7',
      '0.0',
    ]);
    const { agreement } = atA;
    const openings = [await openingOf(agreement, 'left', forA), await openingOf(agreement, 'right', forB)];
    expect((await verifyOpenings(agreement, openings, unpinned)).confirmed).toBe(true);
  });

  test('the ledger holds utilities only for whoever can open the seal', async () => {
    const store = memoryStore();
    const ledgers = { left: new Ledger(store), right: new Ledger(memoryStore()) };
    expect((await strike(menuTerms(), { ledgers })).ended).toEqual(['ok', 'ok']);
    const [log] = await store.list();
    const { records } = await store.read(log!, START);
    const sealed = records.map(({ text }) => JSON.parse(text)).find(({ type }) => type === 'sealed');
    const rest = Buffer.from(sealed.seal.rest, 'base64url');
    const { rest: entered } = menu.under(menuTerms()).enter('a', forA, testRandom(1));
    expect(rest).toHaveLength(entered!.length);
    expect(rest).not.toEqual(Buffer.from(entered!));
    const { rest: _, ...json } = sealed.seal;
    const seal = Seal.fromJSON(json, { width: 17, committed: true });
    const { randomness } = reopenSeal(keys.left.key, seal);
    expect(Buffer.from(hideRest(rest, randomness))).toEqual(Buffer.from(entered!));
  });

  test('a record of an earlier version lacks them: then the mandate must be the same', async () => {
    const ledgers = await newLedgers('legacy');
    const { sealed } = LedgerSession.prototype;
    LedgerSession.prototype.sealed = function (seal) {
      const { rest: _, ...json } = seal as { rest?: string };
      return sealed.call(this, json);
    };
    const terms = menuTerms({ attempts: 3 });
    try {
      await strike(terms, { ledgers, before: spoilSignature });
    } finally {
      LedgerSession.prototype.sealed = sealed;
    }
    expect((await strike(terms, { ledgers, mandates: [other, forB] })).ended[0]).toBe('ERR_SEAL_CHANGED');
    expect((await strike(terms, { ledgers })).ended).toEqual(['ok', 'ok']);
  });

  test('other utilities are another bid', async () => {
    const ledgers = await newLedgers('bids');
    const terms = menuTerms({ attempts: 2 });
    expect((await strike(terms, { ledgers })).ended).toEqual(['ok', 'ok']);
    expect((await strike(terms, { ledgers })).ended).toEqual(['ok', 'ok']);
    const { ended } = await strike(terms, { ledgers, mandates: [other, forB] });
    expect(ended).toContain('ERR_ATTEMPTS_EXHAUSTED');
  });
});

test('an engagement carries the fingerprint of the party that signs', async () => {
  const { results } = await strike(menuTerms(), {
    before: (left) =>
      tamper(left, (type, fields) => {
        if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
      }),
  });
  const error = await results[1].catch((reason: { engagement: string }) => reason);
  const { payload } = openJws((error as { engagement: string }).engagement) as {
    payload: { fingerprints: { values: object } };
  };
  expect(Object.keys(payload.fingerprints.values)).toEqual(['a']);
  const verified = await verifyEngagementUnder((error as { engagement: string }).engagement, unpinned);
  expect(verified.role).toBe('a');
});

describe('what an opening shows', () => {
  const terms = menuTerms();
  const bound = menu.under(terms);
  const { mandate } = bound.seal!;
  const { value, rest = new Uint8Array() } = bound.enter('a', forA, testRandom(1));

  test('stands for the entry it was made of', () => {
    const again = bound.enter('a', mandate('a', { value, rest })!, testRandom(1));
    expect(again).toEqual({ value, rest });
  });

  test.each([
    ['too short', rest.subarray(2), value],
    ['too long', new Uint8Array([...rest, 0, 0]), value],
    ['a utility below the reservation', rest, 40_000n],
    ['a reservation above any', new Uint8Array(rest.length), 65_537n],
  ])('is of no mandate if it is %s', (_, bytes, number) => {
    expect(mandate('a', { value: number, rest: bytes })).toBeUndefined();
  });

  test('nothing of an entry that is sealed without it', () => {
    expect(mandate('a', { value: 1n })).toBeUndefined();
  });
});
