import { expect, test } from 'vitest';
import {
  completeTerms,
  parseDraft,
  parseTerms,
  requireSupported,
  type Terms,
  termsDigest,
} from '../../src/documents/terms.ts';
import { EscrowKey, requireArbitration } from '../../src/escrow/index.ts';
import { questionDigest } from '../../src/ledger/index.ts';
import { preflight } from '../../src/session/preflight.ts';
import { changed } from '../support/rules.ts';
import { arbiter, seeded } from './support.ts';
import { arbiterIdentity, arbitratedTerms, buyer, cardOf, ruleOf, seller } from './terms.ts';

const terms = await arbitratedTerms();
const bound = ruleOf(terms).under(terms);
const code = (code: string) => expect.objectContaining({ code });
const refused = (of: Terms, message: RegExp, under = bound) =>
  expect(() => requireArbitration(of as typeof terms, under)).toThrow(
    expect.objectContaining({ code: 'ERR_TERMS_INVALID', message: expect.stringMatching(message) }),
  );
const withWindow = (window: number) => ({ ...terms, arbiter: { ...terms.arbiter, window } });

test('terms with an arbiter are read, and are other terms than without', () => {
  expect(parseTerms(JSON.parse(JSON.stringify(terms)), ruleOf(terms))).toEqual(terms);
  const { arbiter: _, ...without } = terms;
  expect(termsDigest(terms)).not.toEqual(termsDigest(without));
  expect(termsDigest(terms)).not.toEqual(termsDigest(withWindow(601)));
  expect(questionDigest(terms)).toEqual(questionDigest(without));
  const found = requireArbitration(terms, bound);
  expect(found).toMatchObject({ key: arbiterIdentity.publicKey, escrowKey: arbiter.publicKey });
});

test('the form of the member is strict', () => {
  const { card } = terms.arbiter;
  const [signature] = card.signatures;
  const wrong: unknown[] = [
    null,
    'x',
    {},
    { card },
    { window: 600 },
    { card, window: 600, fee: 5 },
    { card, window: 0 },
    { card, window: 600.5 },
    { card, window: '600' },
    { card: { ...card, payload: `${card.payload} ` }, window: 600 },
    { card: { ...card, payload: 'A'.repeat(9000) }, window: 600 },
    { card: { ...card, signatures: [] }, window: 600 },
    { card: { ...card, signatures: [signature, signature] }, window: 600 },
    { card: { ...card, extra: 1 }, window: 600 },
    { card: { ...card, payload: '\u202e' }, window: 600 },
  ];
  for (const member of wrong) {
    expect(() => parseTerms({ ...terms, arbiter: member }, ruleOf(terms)), JSON.stringify(member)).toThrow(
      code('ERR_TERMS_INVALID'),
    );
  }
});

test('preflight takes terms with an arbiter, and finds it', () => {
  expect(() => requireSupported(terms, bound)).not.toThrow();
  expect(completeTerms(parseDraft(terms), {}, ruleOf(terms))).toEqual(terms);
  const keys = { own: seller.publicKey, peer: buyer.publicKey, nonce: terms.nonce };
  const side = preflight(terms, keys, undefined, 'seller');
  expect(side.arbiter).toMatchObject({ key: arbiterIdentity.publicKey });
});

test('preflight refuses a card that is not whole, not signed, or whose escrow key is somebody else’s', async () => {
  const { card } = terms.arbiter;
  const withCard = (other: typeof card) => ({ ...terms, arbiter: { ...terms.arbiter, card: other } });
  const [signature] = card.signatures;
  const last = (flip: string) => `${flip.startsWith('A') ? 'B' : 'A'}${flip.slice(1)}`;
  refused(
    withCard({ ...card, signatures: [{ ...signature!, signature: last(signature!.signature) }] }),
    /card is not valid/,
  );
  refused(withCard({ ...card, payload: last(card.payload) }), /card is not valid/);
  const other = EscrowKey.generate(seeded(5));
  // h of another arbiter in one's own card: its proof needs the secret key
  refused(withCard(await cardOf({ key: other, proves: arbiter })), /escrow key is its own/);
  refused(withCard({ ...card, signatures: [{ ...signature!, protected: '' }] }), /card is not valid/);
});

test('preflight refuses windows, security, rules and parties that do not go with an arbiter', async () => {
  for (const window of [299, 1801, 3601]) refused(withWindow(window), /window/);
  for (const window of [300, 1800]) expect(() => requireArbitration(withWindow(window), bound)).not.toThrow();
  expect(() => requireArbitration(withWindow(900), bound, 600)).toThrow(/window/);
  refused({ ...terms, security: 'semi-honest', seals: 'none' }, /malicious/);
  const without = changed(ruleOf(terms), () => ({ readOutcome: undefined as never }));
  refused(terms, /this rule/, without.under(terms));
  refused(
    await arbitratedTerms({ arbiter: { card: await cardOf({ identity: seller }), window: 600 } }),
    /one of the parties/,
  );
  const { seller: one, buyer: other } = terms.parties;
  const long = { ...terms, parties: { ['s'.repeat(41)]: one!, buyer: other! } };
  refused(long, /could not read the names/);
});
