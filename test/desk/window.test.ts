import { describe, expect, test } from 'vitest';
import { defineDelegate } from '../../src/desk/delegate.ts';
import { completeOffer } from '../../src/desk/offer.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { formatTime, type TermsDraft } from '../../src/documents/terms.ts';
import { EscrowKey } from '../../src/escrow/index.ts';
import { leavesRoom } from '../../src/session/preflight.ts';
import { seeded } from '../escrow/support.ts';
import { arbiterIdentity, cardOf, ruleOf } from '../escrow/terms.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { openPair, seller } from '../support/sessions.ts';

describe('the deadline of terms with an arbiter', () => {
  test('leaves room for the window, or nobody says hello', async () => {
    const { sessions } = await openFair();
    const soon = await fairTerms({ seals: 'none', expires: formatTime(Date.now() + 590_000) });
    const before = sessions.map(({ stats }) => stats.sent);
    for (const session of sessions) {
      await expect(session.negotiate({ terms: soon, mandate: { reservation: 300n } })).rejects.toMatchObject({
        code: 'ERR_TERMS_EXPIRED',
        message: expect.stringContaining('leaves no room for the 600 seconds in which a side may complain'),
      });
    }
    expect(sessions.map(({ stats }) => stats.sent)).toEqual(before);
    for (const session of sessions) session.destroy();
  });

  test.each([
    [0, true],
    [1, false],
  ])('%i ms after the last moment: %s', (late, room) => {
    const expires = '2026-11-27T12:00:00Z';
    const last = Date.parse(expires) - 600_000;
    expect(leavesRoom({ expires, arbiter: { card: {} as never, window: 600 } }, last + late)).toBe(room);
    expect(leavesRoom({ expires }, last + late)).toBe(true);
  });

  test('is an hour and the window away where an offer sets it', async () => {
    const { nonce: _, expires: __, parties: ___, ...draft } = await fairTerms({ seals: 'none' });
    const [left, right] = await openPair();
    const now = Date.parse('2026-11-27T12:00:00Z');
    const made = (of: TermsDraft) => completeOffer(of, left, 'seller', ruleOf(of), now).expires;
    expect(made(draft)).toBe('2026-11-27T13:10:00Z');
    const { arbiter: ____, ...without } = draft;
    expect(made(without)).toBe('2026-11-27T13:00:00Z');
    for (const session of [left, right]) session.destroy();
  });
});

describe('the arbiters of a policy', () => {
  const policy: Policy = {
    peers: [seller.publicKey],
    subject: 'any',
    roles: ['buyer'],
    rules: ['split'],
    maxDays: Number.POSITIVE_INFINITY,
    sealed: false,
    price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
    maxBits: 20,
    sessionsPerDay: 9,
  };
  const admitted = async (arbiters: readonly string[] | undefined, card = cardOf()) => {
    const terms = { ...(await fairTerms({ seals: 'none' })), arbiter: { card: await card, window: 600 } };
    const own = arbiters === undefined ? policy : { ...policy, arbiters };
    const delegate = defineDelegate({ policy: own, mandate: { reservation: 500n } });
    return delegate.admit({ terms, peer: seller.publicKey, role: 'buyer' });
  };
  const nameOf = async (card = cardOf()) => arbiterFingerprint(readArbiterCard(await card));

  test('are the only ones that its delegate accepts; by default there are none', async () => {
    await admitted([await nameOf()]);
    const other = await nameOf(cardOf({ identity: generateIdentity(seeded(7)) }));
    for (const arbiters of [undefined, [], [other]]) {
      await expect(admitted(arbiters)).rejects.toMatchObject({ code: 'ERR_POLICY_ARBITER' });
    }
  });

  test('are known by both keys: another escrow key under the same identity is another arbiter', async () => {
    const another = cardOf({ key: EscrowKey.generate(seeded(8)) });
    expect(readArbiterCard(await another).key).toEqual(arbiterIdentity.publicKey);
    await expect(admitted([await nameOf()], another)).rejects.toMatchObject({ code: 'ERR_POLICY_ARBITER' });
    await admitted([await nameOf(another)], another);
  });

  test('are fingerprints', () => {
    const delegate = () =>
      defineDelegate({ policy: { ...policy, arbiters: ['Judge'] }, mandate: { reservation: 1n } });
    expect(delegate).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
