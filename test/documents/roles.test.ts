import { describe, expect, it } from 'vitest';
import { describeTerms } from '../../protocols/describe.ts';
import { listTerms } from '../../protocols/listing.ts';
import { menu } from '../../protocols/menu/index.ts';
import { split } from '../../protocols/split/index.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { calledIn, placeIn, roleNamed } from '../../src/documents/roles.ts';
import { parseTerms, termsDigest } from '../../src/documents/terms.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { negotiateOn, termsOf } from '../findings/support.ts';
import { buyer, codes, openPair, seller } from '../support/sessions.ts';

const roles = { a: 'candidate', b: 'employer' };
const terms = termsOf({ roles });

describe('roles called by what the terms call them', () => {
  it('are part of what is signed, and leave terms without them as they were', () => {
    expect(termsDigest(terms)).not.toEqual(termsDigest(termsOf()));
    expect(termsOf()).not.toHaveProperty('roles');
    expect(parseTerms(JSON.parse(JSON.stringify(terms)), split)).toEqual(terms);
    expect(termsOf({ roles: { a: 'employer', b: 'candidate' } })).not.toEqual(terms);
  });

  it.each([
    ['the same name twice', { a: 'Employer', b: 'employer' }],
    ['the name of the other role', { a: 'buyer', b: 'employer' }],
    ['that, in capitals', { a: 'candidate', b: 'Seller' }],
    ['that, in look-alike letters', { a: 'candidate', b: 'ѕeller' }],
    ['two words', { a: 'the candidate', b: 'employer' }],
    ['nothing', { a: '', b: 'employer' }],
    ['a sentence', { a: 'x'.repeat(31), b: 'employer' }],
    ['punctuation', { a: 'candidate.', b: 'employer' }],
    ['one role only', { a: 'candidate' }],
    ['a third', { a: 'candidate', b: 'employer', c: 'agent' }],
  ])('cannot be %s', (_, wrong) => {
    expect(() => termsOf({ roles: wrong as never })).toThrow(
      expect.objectContaining({ code: 'ERR_TERMS_INVALID' }),
    );
  });

  it('are refused in signed terms, too, where they would swap the sides', () => {
    const swapped = { ...terms, roles: { a: 'buyer', b: 'seller' } };
    expect(() => parseTerms(swapped, split)).toThrow('a role has the name of the other one');
  });

  it('are what people read, in the words of the rule as well', async () => {
    const text = (await describeTerms(terms)).replaceAll('\n', ' ');
    expect(text).toContain('a negotiation between candidate and employer');
    expect(text).toContain('If the candidate’s reservation is at or below the employer’s');
    expect(text).toContain('A deal tells the employer 8.97 of 9.97 bits about the candidate’s reservation');
    expect(text.replaceAll(/sellerShare|(Seller|Buyer) \(the/g, '')).not.toMatch(/seller|buyer/i);
    expect(listTerms(terms)).toEqual(
      expect.arrayContaining([
        'Roles: a is the candidate, b the employer',
        expect.stringContaining('Seller (the candidate): key'),
      ]),
    );
    expect(await describeTerms(termsOf())).toContain('between seller and buyer');
  });

  it('are taken for a role, as the rule’s own name is', async () => {
    expect(roleNamed(split, terms, 'Employer')).toBe('buyer');
    expect(roleNamed(split, terms, 'seller')).toBe('seller');
    expect(roleNamed(split, terms, 'agent')).toBeUndefined();
    expect(calledIn(terms, 'buyer')).toBe('employer');
    expect(calledIn(termsOf(), 'buyer')).toBe('buyer');
    const open = { ...terms, parties: undefined } as never;
    const came = await negotiateOn(
      open,
      { role: 'candidate', mandate: { reservation: 400n } },
      { role: 'employer', mandate: { reservation: 500n } },
    );
    expect(came.ended).toEqual(['ok', 'ok']);
    expect(came.outcome).toEqual({ deal: true, price: '450' });
    const [session, other] = await openPair();
    const wrong = await codes([
      session.negotiate({ terms: open, role: 'agent', mandate: { abstain: true } }),
      session.negotiate({ terms, role: 'employer', mandate: { abstain: true } }),
    ]);
    expect(wrong).toEqual(['ERR_USAGE', 'ERR_USAGE']);
    for (const one of [session, other]) one.destroy();
  });

  it('stand beside the rule’s own where one has to act on them: a seller may be called a purchaser', () => {
    const swapped = termsOf({ roles: { a: 'purchaser', b: 'vendor' } });
    expect(placeIn(swapped, 'seller')).toBe('purchaser (by the rule the seller)');
    expect(placeIn(swapped, 'buyer')).toBe('vendor (by the rule the buyer)');
    expect(placeIn(termsOf(), 'buyer')).toBe('buyer');
    expect(placeIn(termsOf({ roles: { a: 'Seller', b: 'client' } }), 'seller')).toBe('Seller');
    const issues = [{ name: 'Price', values: ['1', '2'] }];
    const on = termsOf({ rule: { name: 'menu' }, menu: { issues }, roles: { a: 'buyer', b: 'seller' } });
    expect(placeIn(on, 'a')).toBe('buyer');
  });

  it('name the keys that an agreement is pinned to', async () => {
    const sides = [{ mandate: { reservation: 400n } }, { mandate: { reservation: 500n } }] as const;
    const { agreement } = await negotiateOn(terms, ...sides);
    const bytes = serializeAgreement(agreement!);
    const parties = { employer: buyer.publicKey, seller: seller.publicKey };
    expect((await verifyAgreement(bytes, { parties })).pinned).toBe(true);
    expect(
      await codes([
        verifyAgreement(bytes, { parties: { employer: seller.publicKey } }),
        verifyAgreement(bytes, { parties: { employer: buyer.publicKey, buyer: buyer.publicKey } }),
        verifyAgreement(bytes, { parties: { agent: buyer.publicKey } }),
      ]),
    ).toEqual(['ERR_AGREEMENT_PARTIES', 'ERR_USAGE', 'ERR_USAGE']);
  });

  it('may be buyer and seller on a menu, in either order', () => {
    const issues = [{ name: 'Price', values: ['1', '2'] }];
    const on = termsOf({ rule: { name: 'menu' }, menu: { issues }, roles: { a: 'buyer', b: 'seller' } });
    expect(parseTerms(on, menu).roles).toEqual({ a: 'buyer', b: 'seller' });
    expect(calledIn(on, 'a')).toBe('buyer');
  });
});
