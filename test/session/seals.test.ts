import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { serializeAgreement, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import type { Ledger } from '../../src/ledger/index.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { reopenSeal } from '../../src/seals/seal.ts';
import { alice, bob } from '../paillier/keys.ts';
import { buyer, openPair, seller, splitTerms } from '../support/sessions.ts';

const pins = { parties: { seller: seller.publicKey, buyer: buyer.publicKey }, rules };
const keys = {
  left: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  right: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const known = { left: new Set<string>(), right: new Set<string>() };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-seals-'));
});
afterAll(() => rm(directory, { recursive: true }));

const open = async (ledgers?: { left: Ledger; right: Ledger }) =>
  openPair({
    left: { sealKey: keys.left, knownKeys: known.left, ...(ledgers && { ledger: ledgers.left }) },
    right: { sealKey: keys.right, knownKeys: known.right, ...(ledgers && { ledger: ledgers.right }) },
  });
const sealedTerms = (changes: Partial<Terms> = {}) =>
  splitTerms({ security: 'malicious', seals: 'paillier', ...changes });
const newLedgers = async (name: string) => ({
  left: await fileLedger(join(directory, `${name}-left`)),
  right: await fileLedger(join(directory, `${name}-right`)),
});

/** One negotiation on a session of its own: prices, or error codes. */
async function strike(
  bids: readonly [bigint, bigint],
  options: { ledgers?: { left: Ledger; right: Ledger }; terms?: Terms; maxDisclosure?: number } = {},
) {
  const [left, right] = await open(options.ledgers);
  const terms = options.terms ?? sealedTerms();
  const limit = options.maxDisclosure === undefined ? {} : { maxDisclosure: options.maxDisclosure };
  const results = await Promise.allSettled([
    left.negotiate({ terms, mandate: { reservation: bids[0] }, ...limit }),
    right.negotiate({ terms, mandate: { reservation: bids[1] } }),
  ]);
  left.destroy();
  right.destroy();
  return results;
}
const codesOf = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((one) => (one.status === 'fulfilled' ? 'ok' : one.reason.code));

describe('a sealed session', () => {
  test('ends in an agreement that carries both seals, in no more flights', async () => {
    const [left, right] = await open();
    const terms = sealedTerms();
    const [atSeller, atBuyer] = await Promise.all([
      left.negotiate({ terms, mandate: { reservation: 400n } }),
      right.negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    expect(atSeller).toMatchObject({ deal: true, price: 450n });
    const bytes = serializeAgreement(atSeller.agreement);
    expect(serializeAgreement(atBuyer.agreement)).toEqual(bytes);
    const { seals } = await verifyAgreementUnder(bytes, pins);
    expect(reopenSeal(alice, seals!.seller!).value).toBe(400n);
    expect(reopenSeal(bob, seals!.buyer!).value).toBe(500n);
    expect(Math.max(atSeller.stats.flights, atBuyer.stats.flights)).toBe(14);
    await Promise.all([left.close(), right.close()]);
  });

  test('needs a seal key, and says so before anything is sent', async () => {
    const [left] = await openPair();
    await expect(
      left.negotiate({ terms: sealedTerms(), mandate: { reservation: 1n } }),
    ).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
    left.destroy();
  });

  test.each(rules.map(({ name }) => name).filter((name) => name !== 'menu'))(
    '%s is sealed by default',
    async (name) => {
      const rule = rules.find((one) => one.name === name)!;
      const { rule: _, nonce, ...common } = sealedTerms();
      const draft = {
        ...common,
        rule: name === 'posted-price' ? { name, price: 'random' } : { name },
        nonce,
        seals: undefined,
      };
      const terms = completeTerms(draft, {}, rule);
      expect(terms.seals).toBe('paillier');
      const results = await strike([400n, 500n], { terms });
      expect(codesOf(results)).toEqual(['ok', 'ok']);
      const outcomes = results.map((one) => (one.status === 'fulfilled' ? one.value.outcome : undefined));
      expect(outcomes[0]).toEqual(outcomes[1]);
    },
  );

  test('prepared ahead in 6 flights, and again on the same session in 11', async () => {
    const [left, right] = await open();
    for (const prepared of [true, false, true]) {
      if (prepared) await Promise.all([left.prepare(sealedTerms()), right.prepare(sealedTerms())]);
      const results = await Promise.all([
        left.negotiate({ terms: sealedTerms(), mandate: { reservation: 10n } }),
        right.negotiate({ terms: sealedTerms(), mandate: { abstain: true } }),
      ]);
      for (const { outcome, stats } of results) {
        expect(outcome).toEqual({ deal: false });
        expect(stats.flights).toBe(prepared ? 6 : 11);
      }
    }
    await Promise.all([left.close(), right.close()]);
  });
});

describe('with a ledger', () => {
  test('a second bid on a matter is refused, the same one is not counted twice', async () => {
    const ledgers = await newLedgers('second');
    expect(codesOf(await strike([400n, 500n], { ledgers }))).toEqual(['ok', 'ok']);
    expect(codesOf(await strike([400n, 500n], { ledgers }))).toEqual(['ok', 'ok']);
    const [first, second] = codesOf(await strike([400n, 450n], { ledgers }));
    expect([first, second]).toContain('ERR_ATTEMPTS_EXHAUSTED');
    expect([first, second]).not.toContain('ok');
    expect((await ledgers.left.list())[0]!.attempts).toHaveLength(1);
  });

  test('terms may allow more attempts', async () => {
    const ledgers = await newLedgers('more');
    const terms = sealedTerms({ attempts: 2 });
    expect(codesOf(await strike([400n, 500n], { ledgers, terms }))).toEqual(['ok', 'ok']);
    expect(codesOf(await strike([400n, 450n], { ledgers, terms }))).toEqual(['ok', 'ok']);
    expect(codesOf(await strike([400n, 425n], { ledgers, terms }))).not.toContain('ok');
  });

  test('a limit on disclosure holds over all matters', async () => {
    const ledgers = await newLedgers('disclosure');
    const run = (subject: string) =>
      strike([400n, 500n], { ledgers, terms: sealedTerms({ subject }), maxDisclosure: 12 });
    expect(codesOf(await run('one'))).toEqual(['ok', 'ok']);
    expect((await ledgers.left.list())[0]!.disclosedBits).toBeGreaterThan(6);
    expect(codesOf(await run('two'))[0]).toBe('ERR_DISCLOSURE_LIMIT');
  });

  test('one session a peer and matter at a time', async () => {
    const ledgers = await newLedgers('busy');
    const [left, right] = await open(ledgers);
    const [other, another] = await open(ledgers);
    let asked!: () => void;
    const asking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let answer!: () => void;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const first = Promise.allSettled([
      left.negotiate({
        terms: sealedTerms(),
        mandate: async () => {
          asked();
          await answered;
          return { reservation: 400n };
        },
      }),
      right.negotiate({ terms: sealedTerms(), mandate: { reservation: 500n } }),
    ]);
    await asking;
    const second = await Promise.allSettled([
      other.negotiate({ terms: sealedTerms(), mandate: { reservation: 400n } }),
      another.negotiate({ terms: sealedTerms(), mandate: { reservation: 500n } }),
    ]);
    expect(codesOf(second)).toContain('ERR_SESSION_BUSY');
    answer();
    expect(codesOf(await first)).toEqual(['ok', 'ok']);
    for (const session of [left, right, other, another]) session.destroy();
  });
});
