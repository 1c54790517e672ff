import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Mandate } from '../../protocols/rule.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { defineDelegate, Ledger, memoryStore, type Terms } from '../../src/index.ts';
import { fileLedger } from '../../src/node.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { agreementSignature } from '../../src/session/messages.ts';
import { alice, bob } from '../paillier/keys.ts';
import { buyer, openPair, seller, tamper } from '../support/sessions.ts';
import { negotiateOn, termsOf } from './support.ts';

const asked = (mandate: Mandate) => ({ mandate: () => mandate });
const stepped = { range: { min: '0', max: '1000', step: '10', unit: 'USD', decimals: 0 } };

describe('B1: once the other side is there, no mandate ends the session', () => {
  const cases: [string, Partial<Terms>, Mandate, Mandate, object][] = [
    [
      'a buyer above the range enters its top',
      {},
      { reservation: 400n },
      { reservation: 4_000n },
      { price: '700' },
    ],
    ['a buyer below the range abstains', {}, { reservation: 0n }, { reservation: -5n }, { deal: false }],
    [
      'a buyer off the step goes down',
      stepped,
      { reservation: 400n },
      { reservation: 509n },
      { price: '450' },
    ],
    [
      'a seller below the range enters its bottom',
      {},
      { reservation: -9n },
      { reservation: 500n },
      { price: '250' },
    ],
    [
      'a seller above the range abstains',
      {},
      { reservation: 1_001n },
      { reservation: 1_000n },
      { deal: false },
    ],
    [
      'a seller off the step goes up',
      stepped,
      { reservation: 391n },
      { reservation: 500n },
      { price: '450' },
    ],
    [
      'a near-miss wish that the terms lack is ignored',
      {},
      { reservation: 400n, nearMiss: true },
      { reservation: 500n },
      { price: '450' },
    ],
    [
      'reservations of too few rounds abstain',
      { rule: { name: 'split', rounds: 2 } },
      { reservations: [400n, 300n] },
      { reservations: [500n] },
      { deal: false },
    ],
  ];
  for (const [name, changes, atSeller, atBuyer, outcome] of cases) {
    test(`B1: ${name}`, async () => {
      const came = await negotiateOn(termsOf(changes), asked(atSeller), asked(atBuyer));
      expect(came).toMatchObject({ ended: ['ok', 'ok'], outcome });
    });
  }

  test('B1: what a policy forbids is entered as abstention', async () => {
    const mandate = defineDelegate({
      policy: {
        peers: [seller.publicKey],
        subject: 'used car',
        roles: ['buyer'],
        rules: ['split'],
        maxDays: Number.POSITIVE_INFINITY,
        security: 'semi-honest',
        price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
        maxBits: 10,
        sessionsPerDay: 9,
      },
      mandate: { reservation: 900n },
    });
    const came = await negotiateOn(termsOf(), { mandate: { reservation: 0n } }, { mandate });
    expect(came).toMatchObject({ ended: ['ok', 'ok'], outcome: { deal: false } });
  });

  test('B1: each side is told what was entered for it', async () => {
    const came = await negotiateOn(termsOf(), asked({ reservation: 400n }), asked({ reservation: 500n }));
    expect(came.entered).toMatchObject([{ reservation: 400n }, { reservation: 500n }]);
  });

  test('B1: an outcome that was released is finished with the bid of then, and nobody is asked again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-mandates-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const pair = {
      left: {
        sealKey: proveSealKey(alice, rawPublicKey(seller.publicKey)),
        knownKeys: new Set<string>(),
        ledger: new Ledger(memoryStore()),
        afterCheat: 'allow' as const,
      },
      right: {
        sealKey: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
        knownKeys: new Set<string>(),
        ledger: await fileLedger(folder),
        afterCheat: 'allow' as const,
      },
    };
    const terms = termsOf({ security: 'malicious', seals: 'paillier' });
    const [left, right] = await openPair(pair);
    tamper(left, (type, fields) => {
      if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
    });
    await Promise.allSettled([
      left.negotiate({ terms, mandate: { reservation: 400n } }),
      right.negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    right.destroy();
    const ask = vi.fn(() => ({ reservation: 900n }));
    const came = await negotiateOn(terms, { mandate: { reservation: 400n } }, { mandate: ask }, pair);
    expect(came).toMatchObject({ ended: ['ok', 'ok'], outcome: { price: '450' } });
    expect(ask).not.toHaveBeenCalled();
  });
});
