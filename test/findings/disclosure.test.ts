import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineDelegate, generateIdentity, type Ledger, type Policy, type Terms } from '../../src/index.ts';
import { fileLedger } from '../../src/node.ts';
import { buyer, seller } from '../support/sessions.ts';
import { negotiateOn, type Side, termsOf } from './support.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-disclosure-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The top is the asker's to choose: with a range so wide, the answer tells little under a uniform prior. */
const inflated = { min: '0', max: '1000000000000', step: '1', unit: 'USD', decimals: 0 };
const asked = (price: bigint, changes: Partial<Terms> = {}) =>
  termsOf({ rule: { name: 'posted-price', price: String(price) }, range: inflated, ...changes });

const policy: Policy = {
  peers: 'anyone',
  subject: 'used car',
  roles: ['buyer'],
  rules: ['posted-price'],
  options: { 'posted-price': { price: { min: 0n, max: 1_000n } } },
  maxDays: Number.POSITIVE_INFINITY,
  security: 'semi-honest',
  price: { unit: 'USD', decimals: 0, min: 0n, max: 1_000n },
  maxBits: 1,
  sessionsPerDay: 9,
};

/** Asks the buyer whether it takes a price: true, false, or undefined if there is no outcome. */
async function answer(
  terms: Terms,
  ledger: Ledger,
  right: Side,
  asker = seller,
): Promise<boolean | undefined> {
  const pair = { left: { identity: asker }, right: { ledger, peer: asker.publicKey } };
  const { outcome } = await negotiateOn(terms, { mandate: { reservation: 0n } }, right, pair);
  return outcome?.deal;
}

describe('B2: what an outcome tells is counted by what it can tell, not by the range that the peer chose', () => {
  test('B2: the ledger counts one bit for an answer to a posted price', async () => {
    const ledger = await fileLedger(join(folder, 'counted'));
    expect(await answer(asked(487n), ledger, { mandate: { reservation: 500n } })).toBe(true);
    const [peer] = await ledger.list();
    expect(peer!.disclosedBits).toBeGreaterThanOrEqual(1);
  });

  test('B2: one bit answers one question, under whatever matter it is asked', async () => {
    const ledger = await fileLedger(join(folder, 'matters'));
    const answers = await Promise.all(
      [250n, 375n, 437n, 468n].map(async (price, i) => {
        const terms = asked(price, { matter: `matter ${i}` });
        return answer(terms, ledger, { mandate: { reservation: 500n }, maxDisclosure: 1 });
      }),
    );
    expect(answers.filter((deal) => deal === true).length).toBeLessThanOrEqual(1);
  });

  test('B2: a policy of less than a bit admits no question', async () => {
    const { admit } = defineDelegate({
      policy: { ...policy, maxBits: 0.01 },
      mandate: { reservation: 500n },
    });
    const terms = asked(487n);
    const request = { terms, peer: seller.publicKey, role: 'buyer' };
    await expect(admit(request)).rejects.toMatchObject({ code: 'ERR_POLICY_DISCLOSURE' });
  });

  test('B2: a mandate is counted over all peers, as keys cost nothing', async () => {
    const ledger = await fileLedger(join(folder, 'peers'));
    const delegate = defineDelegate({ policy, mandate: { reservation: 500n } });
    const answers: (boolean | undefined)[] = [];
    for (const price of [250n, 375n]) {
      const asker = generateIdentity();
      const terms = asked(price, { parties: { seller: asker.publicKey, buyer: buyer.publicKey } });
      answers.push(await answer(terms, ledger, { mandate: delegate }, asker));
    }
    expect(answers).toEqual([true, undefined]);
  });
});
