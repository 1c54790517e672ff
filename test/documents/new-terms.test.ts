import { describe, expect, it } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { agreementDocument, verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { engagementDocument, verifyEngagementUnder } from '../../src/documents/engagement.ts';
import {
  completeTerms,
  parseDraft,
  parseTerms,
  type Terms,
  type TermsDraft,
} from '../../src/documents/terms.ts';
import { pay } from './obligations/support.ts';
import { anyPrice, buyer, completion, draft, seller, session, terms } from './support.ts';

const menuRule = rules.find(({ name }) => name === 'menu')!;
const menuDraft = (issues: unknown): TermsDraft =>
  parseDraft({ parley: 1, subject: 'supply', rule: { name: 'menu', solution: 'nash' }, menu: { issues } });
const parties = { a: seller.publicKey, b: buyer.publicKey };
const completeMenu = (issues: unknown) =>
  completeTerms(menuDraft(issues), { ...completion, parties }, menuRule);
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_TERMS_INVALID', message: expect.stringMatching(message) });

/** What terms could say once, and must not say any more. */
const misleading: [string, Partial<Terms>, RegExp][] = [
  ['a subject with a zero-width space', { subject: 'used car\u200B' }, /^subject .*U\+200B/],
  ['a subject with a soft hyphen', { subject: 'used c\u00ADar' }, /^subject .*U\+00AD/],
  ['a subject with a no-break space', { subject: 'used\u00A0car' }, /^subject .*U\+00A0/],
  ['a subject with a braille blank', { subject: 'used\u2800car' }, /^subject .*U\+2800/],
  ['a subject of spaces', { subject: '   ' }, /^subject .*spaces/],
  ['a matter with a Hangul filler', { matter: 'car\u3164' }, /^matter .*U\+3164/],
  ['a matter for private use', { matter: '\uE000' }, /^matter .*U\+E000/],
  [
    'a share with a variation selector',
    { rule: { name: 'any-price', share: '1/2\uFE0F' } },
    /^rule.share .*U\+FE0F/,
  ],
  [
    'an obligation with a zero-width space',
    { obligations: [{ ...pay, what: 'pay it all\u200B' }] },
    /^obligations.0.what .*U\+200B/,
  ],
  [
    'a stake whose unit is a digit',
    { obligations: [{ ...pay, stake: { amount: '5', unit: '000 USD' } }] },
    /^the unit of the stake of pay begins/,
  ],
  ...[
    '0',
    '00',
    '500',
    '٣',
    '²',
    '½',
    '-',
    '−5',
    '+',
    '±',
    '.5',
    ',',
    '’',
    "'000",
    ' USD',
    '·',
    '_',
    '－',
  ].map((unit): [string, Partial<Terms>, RegExp] => [
    `the unit ${JSON.stringify(unit)}`,
    { range: { ...terms.range!, unit } },
    /^range.unit begins/,
  ]),
];

describe('new terms', () => {
  it.each(misleading)('are refused with %s', (_, change, message) => {
    const given = {
      ...draft,
      ...change,
      ...(change.range && { range: { ...terms.range!, ...change.range } }),
    };
    expect(() => completeTerms(parseDraft(given), completion, anyPrice)).toThrowError(refusal(message));
    // So is a draft that did not come through parseDraft.
    expect(() => completeTerms(given as TermsDraft, completion, anyPrice)).toThrowError(refusal(message));
  });

  it.each(misleading)('that have been signed still verify: %s', async (_, change) => {
    const old = parseTerms({ ...terms, ...change }, anyPrice);
    const agreement = agreementDocument({ terms: old, outcome: { deal: true, price: '455' }, session });
    const signed = agreement.assemble(
      { key: seller.publicKey, signature: await agreement.sign(seller) },
      { key: buyer.publicKey, signature: await agreement.sign(buyer) },
    );
    const options = { parties: terms.parties, rules: [anyPrice] };
    expect(await verifyAgreementUnder(signed, options)).toMatchObject({ terms: old, pinned: true });
    const engagement = engagementDocument({ terms: old, session, party: 'buyer' });
    const engaged = engagement.assemble({ key: buyer.publicKey, signature: await engagement.sign(buyer) });
    expect(await verifyEngagementUnder(engaged, options)).toMatchObject({ terms: old, role: 'buyer' });
  });

  it.each(['m2', '$', '€', '%', '°C', 'USD', '', 'kg/m³', '/h', '円'])('take the unit %j', (unit) => {
    const given = parseDraft({ ...draft, range: { ...terms.range!, unit } });
    expect(completeTerms(given, completion, anyPrice).range!.unit).toBe(unit);
  });

  it('take emoji whole', () => {
    const given = parseDraft({ ...draft, subject: 'a flat for 👨‍👩‍👧 ❤️' });
    expect(completeTerms(given, completion, anyPrice).subject).toBe('a flat for 👨‍👩‍👧 ❤️');
  });
});

describe('a new menu', () => {
  const twins: [string, string, string][] = [
    ['case', 'Red', 'red'],
    ['spacing', '45 days', '45  days'],
    ['a space at the end', '45 days', '45 days '],
    ['the kind of dash', 'mid-May', 'mid–May'],
    ['width', '45 days', '４5 days'],
    ['full case folding', 'Straße', 'STRASSE'],
    ['the presentation of an emoji', '❤', '❤️'],
  ];

  it.each(twins)('has no two values that differ in %s', (_, one, other) => {
    const issues = [{ name: 'Delivery', values: [one, 'something else', other] }];
    expect(() => completeMenu(issues)).toThrowError(
      refusal(/^the issue “Delivery” has two values that look alike/),
    );
  });

  it.each(twins)('has no two issues whose names differ in %s', (_, one, other) => {
    const issues = [one, other].map((name) => ({ name, values: ['1', '2'] }));
    expect(() => completeMenu(issues)).toThrowError(refusal(/^the menu has two issues that look alike/));
  });

  it.each(twins)('that has such twins still verifies: %s', async (_, one, other) => {
    const safe = completeMenu([{ name: 'Delivery', values: ['1', '2'] }]);
    const old = parseTerms(
      { ...safe, menu: { issues: [{ name: 'Delivery', values: [one, other] }] } },
      menuRule,
    );
    expect(old.menu!.issues[0]!.values).toEqual([one, other]);
  });

  it('has no value that cannot be seen', () => {
    const issues = [{ name: 'Delivery', values: ['45 days', '45 days\u200B', '60 days'] }];
    expect(() => menuDraft(issues)).toThrowError(refusal(/^menu.issues.0.values.1 .*U\+200B/));
  });

  it('may have one value in two issues', () => {
    const values = ['yes', 'no'];
    const issues = [
      { name: 'Balcony', values },
      { name: 'Garden', values },
    ];
    expect(completeMenu(issues).menu).toEqual({ issues });
  });
});
