import { describe, expect, test } from 'vitest';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { type MandateScope, notCovered, scopeSchema } from '../../src/documents/mandate-scope.ts';
import type { Terms } from '../../src/documents/terms.ts';
import { cardOf } from '../escrow/terms.ts';
import { terms as plain } from './support.ts';

const card = await cardOf();
const arbiter = arbiterFingerprint(readArbiterCard(card));
const PEER = 'p'.repeat(43);
const OTHER = 'o'.repeat(43);

const scope: MandateScope = {
  rules: ['any-price'],
  roles: ['seller'],
  minimumSecurity: 'semi-honest',
  unit: 'USD',
  decimals: 0,
  min: '0',
  max: '1000',
};
const open = { ...plain, attempts: 1 } as Terms;
const sealed = { ...open, security: 'malicious', seals: 'paillier' } as Terms;
const named = { ...open, arbiter: { card, window: 600 } } as Terms;

function refusal(scopeChanges: object, terms: Terms = open, role = 'seller'): string | undefined {
  const changed = { ...scope, ...scopeChanges } as MandateScope;
  return notCovered(changed, { terms, role, peer: PEER });
}

/** A scope without one of its members. */
function without(...members: (keyof MandateScope)[]): object {
  return Object.fromEntries(members.map((member) => [member, undefined]));
}

const range = (changes: object) => ({ ...open, range: { ...open.range!, ...changes } }) as Terms;
const rule = (changes: object) => ({ ...open, rule: { ...open.rule, ...changes } }) as Terms;

/** What the scope says, the terms, and what it refuses. */
type Row = readonly [string, object, Terms, string | undefined];

const rows: readonly Row[] = [
  ['rules: equal', {}, open, undefined],
  ['rules: one of several', { rules: ['other', 'any-price'] }, open, undefined],
  ['rules: another', { rules: ['other'] }, open, 'the rule, or an option of it'],
  ['rules: these options', { rules: [{ name: 'any-price', share: '1/2' }] }, open, undefined],
  [
    'rules: other options',
    { rules: [{ name: 'any-price', share: '1/2' }] },
    rule({ share: '0/1' }),
    'the rule, or an option of it',
  ],
  [
    'rules: an option more than named',
    { rules: [{ name: 'any-price' }] },
    open,
    'the rule, or an option of it',
  ],
  ['rules: by name, any options', {}, rule({ share: '0/1' }), undefined],
  ['roles: one of several', { roles: ['buyer', 'seller'] }, open, undefined],
  ['roles: the other one', { roles: ['buyer'] }, open, 'its role'],
  ['security: as asked for', { minimumSecurity: 'malicious' }, sealed, undefined],
  ['security: more than asked for', {}, sealed, undefined],
  ['security: less', { minimumSecurity: 'malicious' }, open, 'the kind of security'],
  ['seals: none, unnamed', {}, { ...sealed, seals: 'none' }, 'bids without seals'],
  ['seals: none, named', { seals: 'none' }, { ...sealed, seals: 'none' }, undefined],
  ['seals: more than named', { seals: 'none' }, sealed, undefined],
  ['attempts: two, unnamed', {}, { ...open, attempts: 2 }, 'the number of attempts'],
  ['attempts: fewer', { attempts: 3 }, { ...open, attempts: 2 }, undefined],
  ['attempts: equal', { attempts: 3 }, { ...open, attempts: 3 }, undefined],
  ['attempts: more', { attempts: 3 }, { ...open, attempts: 4 }, 'the number of attempts'],
  ['matters: the subject', { matters: ['used car'] }, open, undefined],
  ['matters: in another spelling', { matters: ['Used  CAR'] }, open, undefined],
  ['matters: another subject', { matters: ['a house'] }, open, 'the subject'],
  [
    'matters: another subject under an allowed matter',
    { matters: ['a house'] },
    { ...open, matter: 'a house' },
    'the subject',
  ],
  [
    'matters: another matter under an allowed subject',
    { matters: ['used car'] },
    { ...open, matter: 'a house' },
    'the matter',
  ],
  ['matters: both', { matters: ['used car', 'a house'] }, { ...open, matter: 'a house' }, undefined],
  ['matters: unnamed, and one in the terms', {}, { ...open, matter: 'a house' }, 'the matter'],
  ['matters: unnamed, and the subject in another spelling', {}, { ...open, matter: 'USED car' }, undefined],
  ['range: narrower', { max: '2000', min: '-5' }, open, undefined],
  ['range: equal', {}, open, undefined],
  ['range: above', { max: '999' }, open, 'the bounds of the range'],
  ['range: below', { min: '1' }, open, 'the bounds of the range'],
  ['range: a digit more', {}, range({ max: '10000' }), 'the bounds of the range'],
  ['range: another unit', { unit: 'EUR' }, open, 'the unit of the range'],
  ['range: more decimals', {}, range({ decimals: 2 }), 'the unit of the range'],
  ['range: unnamed', without('unit', 'decimals', 'min', 'max'), open, 'a range'],
  ['arbiters: named, none in the terms', { arbiters: [arbiter] }, open, undefined],
  ['arbiters: equal', { arbiters: [OTHER, arbiter] }, named, undefined],
  ['arbiters: another', { arbiters: [OTHER] }, named, 'the arbiter'],
  ['arbiters: unnamed', {}, named, 'the arbiter'],
  ['peers: equal', { peers: [OTHER, PEER] }, open, undefined],
  ['peers: another', { peers: [OTHER] }, open, 'the other side'],
  ['mandates: whoever acts under a certificate', {}, { ...open, mandates: {} } as Terms, undefined],
];

test.each(rows)('%s', (_, changes, terms, expected) => {
  expect(refusal(changes, terms)).toBe(expected);
});

describe('is closed', () => {
  test.each(['menu', 'roles', 'obligations', 'ratify', 'policies', 'record', 'offer', 'whatever'])(
    'towards the member %s, unless it names that',
    (member) => {
      const terms = { ...open, [member]: {} } as Terms;
      expect(refusal({}, terms)).toBe(`the member “${member}” of the terms`);
      expect(refusal({ further: [member] }, terms)).toBeUndefined();
      expect(refusal({ further: ['other'] }, terms)).toBe(`the member “${member}” of the terms`);
    },
  );

  test('towards a role that it does not name', () => {
    expect(refusal({}, open, 'buyer')).toBe('its role');
  });
});

describe('a scope', () => {
  const fits = (changes: object) =>
    scopeSchema.safeParse(JSON.parse(JSON.stringify({ ...scope, ...changes }))).success;

  test('has bounds of a range together, and in order', () => {
    expect(fits({})).toBe(true);
    expect(fits(without('unit', 'decimals', 'min', 'max'))).toBe(true);
    for (const one of ['unit', 'decimals', 'min', 'max'] as const)
      expect(fits(without(one)), one).toBe(false);
    expect(fits({ min: '1000' })).toBe(true);
    expect(fits({ min: '1001' })).toBe(false);
    expect(fits({ max: '01000' })).toBe(false);
  });

  test.each([
    ['an unknown member', { limit: '5' }],
    ['no rule', { rules: [] }],
    ['no role', { roles: [] }],
    ['no attempt', { attempts: 0 }],
    ['no arbiter, as a list', { arbiters: [] }],
    ['what is no fingerprint', { peers: ['seller'] }],
    ['a further member that has bounds of its own', { further: ['range'] }],
    ['a further member that is no name', { further: ['__proto__'] }],
    ['witnessed: false', { witnessed: false }],
    ['seals that say nothing', { seals: 'paillier' }],
    ['another security', { minimumSecurity: 'clear' }],
  ])('does not have %s', (_, changes) => {
    expect(fits(changes)).toBe(false);
  });
});
