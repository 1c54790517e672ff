import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ABSTAINS, fromEntry, type MenuEntry, STEPS, toEntry } from '../../protocols/menu/entry.ts';
import { menu } from '../../protocols/menu/index.ts';
import { optionBits } from '../../protocols/menu/option-bits.ts';
import { rules } from '../../protocols/registry.ts';
import type { CommittedInputs, Entry, Mandate, Rule } from '../../protocols/rule.ts';
import { type Agreement, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { verifyEngagementUnder } from '../../src/documents/engagement.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { canonicalBytes } from '../../src/documents/json.ts';
import { openJws } from '../../src/documents/jws.ts';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import type { Ledger } from '../../src/ledger/index.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { agreementSignature } from '../../src/session/messages.ts';
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
const forA: Mandate = { reservation: 0.3, utilities: [1, 0.8, 0.1, 0.5, 0.2, 0.6] };
const forB: Mandate = { reservation: 0.25, utilities: [0, 0.3, 0.9, 0.5, 0.7, 0.1] };
let directory: string;
/** An honest agreement, and what opens it. */
let agreement: Agreement;

const termsOf = (changes: Partial<Terms> = {}): Terms =>
  completeTerms(
    {
      parley: 1,
      subject: 'supply contract',
      rule: { name: 'menu', solution: 'utilitarian' },
      menu: { issues: [{ name: 'Option', values: ['0', '1', '2', '3', '4', '5'] }] },
      parties: { a: seller.publicKey, b: buyer.publicKey },
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      ...changes,
    },
    {},
    menu,
  );
const terms = termsOf();

interface Sides {
  readonly ledgers?: { readonly left: Ledger; readonly right: Ledger };
  readonly left?: Rule;
  readonly right?: Rule;
  readonly stop?: boolean;
  readonly of?: Terms;
}

/** One session, of which the left may have a rule of its own making, or stop once it knows the outcome. */
async function strike({ ledgers, left, right, stop = false, of = terms }: Sides = {}) {
  const [atA, atB] = await openPair({
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
    timeout: 10_000,
  });
  if (stop) {
    tamper(atA, (type, fields) => {
      if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
    });
  }
  const results = [
    atA.negotiate({ terms: of, mandate: forA, ...(left && { rules: [left] }) }),
    atB.negotiate({ terms: of, mandate: forB, ...(right && { rules: [right] }) }),
  ] as const;
  const ended = await codes(results);
  atA.destroy();
  atB.destroy();
  return { ended, results };
}

const openingOf = (of: Agreement, side: 'left' | 'right', mandate: Mandate) =>
  openAgreement(of, {
    identity: (side === 'left' ? seller : buyer).publicKey,
    sealKey: keys[side],
    mandate,
  });

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error) => error.code ?? String(error),
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-menu-attacks-'));
  ({ agreement } = await (await strike()).results[0]);
});
afterAll(() => rm(directory, { recursive: true }));

describe('documents that nobody signed', () => {
  type Changes = (payload: { fingerprints: Found; seals: object; terms: Terms }) => object;
  interface Found {
    readonly keys: string[];
    readonly values: { readonly a: string; readonly b: string };
  }
  const without = Symbol();
  const changed = (document: Agreement, change: Changes): Agreement => {
    const { payload } = openJws(document);
    const members = Object.entries({ ...(payload as object), ...change(payload as never) });
    const bytes = canonicalBytes(Object.fromEntries(members.filter(([, value]) => value !== without)));
    return { ...document, payload: Buffer.from(bytes).toString('base64url') };
  };
  const values =
    (make: (given: Found['values']) => object): Changes =>
    ({ fingerprints }) => ({ fingerprints: { ...fingerprints, values: make(fingerprints.values) } });
  const keysOf =
    (make: (key: string) => unknown[]): Changes =>
    ({ fingerprints }) => ({ fingerprints: { ...fingerprints, keys: make(fingerprints.keys[0]!) } });

  test.each<[string, Changes]>([
    ['no fingerprints', () => ({ fingerprints: without })],
    ['both roles in one name', values(({ a }) => ({ 'a,b': a }))],
    ['a role more', values((given) => ({ ...given, c: given.a }))],
    ['a role less', values(({ a }) => ({ a }))],
    ['no role', values(() => ({}))],
    ['a role of every object', values(({ a }) => ({ a, toString: a }))],
    ['a key more', keysOf((key) => [key, key])],
    ['no key', keysOf(() => [])],
    ['100,000 keys', keysOf((key) => Array(100_000).fill(key))],
    ['a key that is no text', keysOf(() => [1])],
    ['a key with loose bits', keysOf((key) => [`${key.slice(0, -1)}B`])],
    ['a member more', ({ fingerprints }) => ({ fingerprints: { ...fingerprints, more: 1 } })],
    ['fingerprints without seals', (given) => ({ terms: { ...given.terms, seals: 'none' }, seals: without })],
    ['seals without fingerprints asked for', ({ terms: asked }) => ({ terms: { ...asked, seals: 'none' } })],
  ])('%s', async (_, change) => {
    const code = await codeOf(verifyAgreementUnder(changed(agreement, change), unpinned));
    expect(code).toMatch(/^ERR_AGREEMENT_(SEALS|FORMAT)$/);
  });

  test('an engagement has the fingerprint of the party that signs, and no other', async () => {
    const { results } = await strike({ stop: true });
    const { engagement } = await results[1].then(Object, (error: { engagement: string }) => error);
    const document = openJws(engagement).jws;
    expect(await codeOf(verifyEngagementUnder(document, unpinned))).toBe('ok');
    for (const change of [
      values(({ a }) => ({ a, b: a })),
      values(({ a }) => ({ b: a })),
      values(() => ({})),
      keysOf(() => []),
      () => ({ fingerprints: without }),
    ]) {
      const code = await codeOf(verifyEngagementUnder(changed(document, change), unpinned));
      expect(code).toBe('ERR_AGREEMENT_SEALS');
    }
  });
});

describe('openings', () => {
  test('that are no openings are refused with a code', async () => {
    const opening = await openingOf(agreement, 'left', forA);
    const inherits = Object.create(opening) as object;
    const { rest: _, ...short } = opening;
    const cases: [unknown[], string][] = [
      [[null], 'ERR_OPENING_INVALID'],
      [['a'], 'ERR_OPENING_INVALID'],
      [[[]], 'ERR_OPENING_INVALID'],
      [[{ party: '__proto__' }], 'ERR_OPENING_INVALID'],
      [[{ party: ['a'] }], 'ERR_OPENING_INVALID'],
      [[inherits], 'ERR_OPENING_INVALID'],
      [[short], 'ERR_OPENING_INVALID'],
      [[{ ...opening, more: 1 }], 'ERR_OPENING_INVALID'],
      [[{ ...opening, rest: [1, 2] }], 'ERR_OPENING_INVALID'],
      [[{ ...opening, rest: `${opening.rest}${'A'.repeat(1 << 22)}` }], 'ERR_OPENING_INVALID'],
      [[{ ...opening, value: '65536' }], 'ERR_OPENING_INVALID'],
      [[{ ...opening, value: '9'.repeat(1 << 20) }], 'ERR_OPENING_INVALID'],
      [[{ ...opening, party: 'b' }], 'ERR_OPENING_AGREEMENT'],
      [[opening, opening], 'ERR_USAGE'],
    ];
    for (const [openings, code] of cases) {
      expect(await codeOf(verifyOpenings(agreement, openings, unpinned))).toBe(code);
    }
  });

  test('of another session under the same seal do not serve', async () => {
    const ledgers = {
      left: await fileLedger(join(directory, 'same-left')),
      right: await fileLedger(join(directory, 'same-right')),
    };
    const of = termsOf({ attempts: 2 });
    const [one, two] = [await strike({ ledgers, of }), await strike({ ledgers, of })];
    const [first, second] = [(await one.results[0]).agreement, (await two.results[0]).agreement];
    const shown = [first, second].map(
      (of) => (openJws(of).payload as { seals: object; fingerprints: { values: { a: string } } }) ?? {},
    );
    expect(shown[0]!.seals).toEqual(shown[1]!.seals);
    expect(shown[0]!.fingerprints.values.a).not.toBe(shown[1]!.fingerprints.values.a);
    const opening = await openingOf(first, 'left', forA);
    expect(await codeOf(verifyOpenings(second, [opening], unpinned))).toBe('ERR_OPENING_AGREEMENT');
  });
});

describe('rules whose commitments are wrong', () => {
  const { widths, inputs } = menu.under(terms).seal!.committed!;
  const ruleWith = (changes: Partial<CommittedInputs>): Rule =>
    changed(menu, ({ seal }) => ({ seal: { ...seal!, committed: { ...seal!.committed!, ...changes } } }));

  test.each<[string, Rule]>([
    ['fewer inputs than entered', ruleWith({ widths: [] })],
    ['more inputs than entered', ruleWith({ widths: [...widths, 17] })],
    ['inputs wider than the error is stated for', ruleWith({ widths: [2 ** 19 + 1] })],
    ['narrower inputs', ruleWith({ widths: widths.map((width) => width - 1) })],
    [
      'a reveal before the outcome',
      changed(menu, ({ compute }) => ({
        compute: async (engine, entry, release) => {
          const own = engine.party === 'a' ? bitsOf(entry) : undefined;
          await engine.reveal(engine.input('a', widths[0]!, own), 'both');
          return compute(engine, entry, release);
        },
      })),
    ],
  ])('%s: no outcome', async (_, rule) => {
    const { ended } = await strike({ left: rule, right: rule });
    expect(ended.every((code) => code.startsWith('Error: a ') || code === 'ERR_PEER_ABORTED')).toBe(true);
    expect(ended.some((code) => code.startsWith('Error: a '))).toBe(true);
  });

  test('inputs other than those entered: an honest party signs nothing that it could not open', async () => {
    const rule = ruleWith({
      *inputs(entry) {
        for (const bits of inputs(entry)) yield bits.map((bit) => 1 - bit);
      },
    });
    const { ended } = await strike({ left: rule });
    expect(ended[0]).toBe('Error: a rule with commitments enters what its seal and commitment stand for');
  });

  const bitsOf = (entry: Entry) => [...inputs(entry)][0]!;

  test.each<[string, Partial<CommittedInputs>]>([
    ['none', { inputs: () => [] }],
    ['one more', { inputs: (entry) => [...inputs(entry), new Uint8Array(8)] }],
    ['a shorter one', { inputs: (entry) => [bitsOf(entry).subarray(0, -1)] }],
  ])('inputs of other number or width than announced are not hashed: %s', async (_, changes) => {
    const opening = await openingOf(agreement, 'left', forA);
    const options = { ...unpinned, rules: [ruleWith(changes)] };
    expect(await codeOf(verifyOpenings(agreement, [opening], options))).toMatch(
      /^Error: the inputs of a rule/,
    );
  });
});

/**
 * What the seals of a menu do not prevent: a party with a program of its own that resumes with the same seal can enter something else each
 * time. It has then signed fingerprints that it has no opening of (src/seals/README.md, "Not shown live").
 */
test('whoever resumes with the same seal and enters something else has signed that', async () => {
  const ledgers = {
    left: await fileLedger(join(directory, 'probe-left')),
    right: await fileLedger(join(directory, 'probe-right')),
  };
  const learnt: OutcomeJson[] = [];
  const probing = (option: number): Rule => {
    const utilities = forA.utilities.map((_, i) => Number(i === option));
    return changed(menu, ({ seal, enter, compute }) => {
      const entry = enter('a', { reservation: 1, utilities }, testRandom(1));
      return {
        seal: entersAs(seal!, entry),
        compute: async (engine, _entry, release) => {
          const outcome = await compute(engine, entry, release);
          learnt.push(outcome);
          return outcome;
        },
      };
    });
  };
  const signed: string[] = [];
  const asked = { ledgers, of: termsOf({ attempts: 2 }), stop: true };
  for (const option of [0, 1]) {
    const { ended, results } = await strike({ ...asked, left: probing(option) });
    expect(ended[1]).toBe('ERR_PEER_CHEATED');
    const { engagement } = await results[1].then(Object, (error: { engagement: string }) => error);
    const { payload } = openJws(engagement) as { payload: { seals: { a: string } } };
    expect((await verifyEngagementUnder(engagement, unpinned)).role).toBe('a');
    signed.push(payload.seals.a);
  }
  expect((await strike({ ...asked, left: probing(2) })).ended).toContain('ERR_ATTEMPTS_EXHAUSTED');
  expect(learnt.map(({ deal }) => deal)).toEqual([false, true]);
  expect(signed[0]).toBe(signed[1]);
});

describe('what a seal and a commitment stand for', () => {
  const number = fc.oneof(fc.constantFrom(0, 1, STEPS - 1, STEPS), fc.integer({ min: 0, max: STEPS }));
  const entries = fc.record({
    reservation: fc.oneof(number, fc.constant(ABSTAINS)),
    utilities: fc.array(number, { minLength: 6, maxLength: 6 }).map((list) => Uint16Array.from(list)),
  });
  const inputs = (of: Terms, entry: MenuEntry) =>
    [...menu.under(of).seal!.committed!.inputs(toEntry(entry))].map((bits) => [...bits]);

  test.each(menuMethods)('%s: exactly what is entered', (method, rule) => {
    const of = termsOf({ rule });
    const bound = menu.under(of);
    const seal = bound.seal!;
    fc.assert(
      fc.property(entries, entries, (entered, others) => {
        const [entry, other] = [toEntry(entered), toEntry(others)];
        // What the entry does not show of the utilities is not entered either.
        const bits = optionBits(method, entered, 0, 6);
        expect([...seal.committed!.inputs(entry)]).toEqual([bits]);
        expect(toEntry(fromEntry(entry, 6)!)).toEqual(entry);
        const again = bound.enter('a', seal.mandate('a', entry)!, testRandom(1));
        expect(seal.sameMandate(again, entry)).toBe(true);
        const one = entry.value === other.value && String(entry.rest) === String(other.rest);
        expect(seal.sameMandate(entry, other)).toBe(one);
      }),
      { numRuns: 300 },
    );
  });

  test('reservations of 0, 1 and above are three, and an option of utility 0 counts at 0 only', () => {
    const utilities = new Uint16Array(6);
    const each = [0, 1, STEPS, ABSTAINS].map((reservation) => inputs(terms, { reservation, utilities }));
    expect(each[0]![0]!.filter((bit) => bit === 1)).toHaveLength(6);
    for (const bits of each.slice(1)) expect(bits[0]!.includes(1)).toBe(false);
    const full = new Uint16Array(6).fill(STEPS);
    expect(inputs(terms, { reservation: STEPS, utilities: full })).not.toEqual(
      inputs(terms, { reservation: ABSTAINS, utilities: full }),
    );
  });
});
