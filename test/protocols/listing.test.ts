import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTerms, summarizeTerms } from '../../protocols/describe.ts';
import { listTerms, listTermsBriefly, menuLines } from '../../protocols/listing.ts';
import { arbiterFingerprint, readArbiterCard } from '../../src/documents/arbiter-card.ts';
import { publicJwk, thumbprint } from '../../src/documents/identity.ts';
import type { PublicJwk, Terms } from '../../src/documents/terms.ts';
import { log, members, pay, publish, witnesses } from '../documents/obligations/support.ts';
import { identity } from '../documents/support.ts';
import { arbiterIdentity, arbitratedTerms } from '../escrow/terms.ts';
import { termsOf } from '../findings/support.ts';
import { buyer, seller } from '../support/sessions.ts';

const menu = {
  issues: [
    { name: 'Price', values: ['4.37', '4.12'] },
    { name: 'Delivery', values: ['60 days', '45 days', '9 years'] },
  ],
};

const [owner, ...board] = [51, 52, 53, 54].map((seed) => identity(seed).publicKey) as [
  PublicJwk,
  ...PublicJwk[],
];

/** Terms that have every member between them. */
const all: readonly Terms[] = [
  termsOf({ rule: { name: 'split', sellerShare: '1/4', grid: '10', rounds: 3, nearMiss: '5%' } }),
  termsOf({
    rule: { name: 'posted-price', price: '500' },
    matter: 'vehicle 4711',
    roles: { a: 'candidate', b: 'employer' },
  }),
  termsOf({ rule: { name: 'menu', solution: 'nash', version: 2 }, menu, attempts: 7 }),
  // of a version, and by a rule, that do not exist yet
  {
    ...termsOf(),
    rule: { name: 'mine', parts: [{ of: 'one' }, { of: 'two' }] },
    arbiter: { key: 'x', fee: 5 },
  } as unknown as Terms,
  termsOf({
    roles: { a: 'candidate', b: 'employer' },
    publish,
    obligations: [
      { ...pay, remedy: 'refund', stake: { amount: '50000', unit: 'USD' } },
      {
        ...pay,
        id: 'ship',
        by: 'seller',
        to: 'buyer',
        if: 'always',
        due: { days: 1, after: 'pay' },
        judge: 'to',
      },
      { ...pay, id: 'refund', if: 'deal', due: { days: 5, after: 'broken' }, objection: 1 },
      { ...pay, id: 'last', if: 'no-deal', due: '2999-12-15T00:00:00Z' },
    ],
    ratify: {
      seller: { members: board, threshold: 2, by: '2999-01-04T12:00:00Z' },
      buyer: { members: [owner], threshold: 1, by: '2999-01-05T00:00:00Z' },
    },
  }),
  await arbitratedTerms(),
];

type Json = string | number | Json[] | { [key: string]: Json };

/** The same with one thing changed: a string, a number, a key, an element left out or moved. All ways, one after the other. */
function* changes(value: Json): Generator<Json> {
  if (typeof value === 'string') yield* [`${value}1`, `1${value}`];
  if (typeof value === 'number') yield value + 1;
  if (typeof value !== 'object') return;
  const list = Array.isArray(value) ? value : undefined;
  for (const [key, member] of Object.entries(value)) {
    for (const other of changes(member)) {
      yield list === undefined ? { ...value, [key]: other } : list.with(Number(key), other);
    }
    if (list === undefined) continue;
    yield list.toSpliced(Number(key), 1);
    if (Number(key) > 0) yield list.toSpliced(Number(key), 1).toSpliced(0, 0, member);
  }
  if (list !== undefined || 'x' in value) return; // kty and crv are always the same, and shown as the key
  for (const [key, member] of Object.entries(value)) {
    if (['min', 'max', 'step', 'unit', 'decimals', 'issues', 'values', 'name'].includes(key)) continue;
    const { [key]: _, ...rest } = value as Record<string, Json>;
    yield { ...rest, [`${key}1`]: member };
  }
}

describe('listTerms', () => {
  it.each([listTerms, listTermsBriefly])(
    'B4, C7: terms that differ in any member, however deep, are shown differently by %o',
    (list) => {
      for (const terms of all) {
        const texts = new Set(
          [terms as unknown as Json, ...changes(terms as unknown as Json)].map((one) => JSON.stringify(one)),
        );
        const shown = [...texts].map((text) => list(JSON.parse(text)).join('\n'));
        expect(texts.size).toBeGreaterThan(25);
        expect(new Set(shown).size).toBe(texts.size);
      }
    },
  );

  it('B4: two menus are shown alike only if they are the same, whatever their texts', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', ',', '“', '”', '\\', '1', ':'),
      minLength: 1,
      maxLength: 9,
    });
    const issues = fc.array(
      fc.record({ name: text, values: fc.array(text, { minLength: 1, maxLength: 4 }) }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(issues, issues, (one, other) => {
        const lines = (list: typeof one) => menuLines({ issues: list }).join('\n');
        expect(lines(one) === lines(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      {
        // without the backslashes, these would be one text
        examples: [[[{ name: 'a', values: ['x”, 2 “y', 'z'] }], [{ name: 'a', values: ['x', 'y”, 2 “z'] }]]],
      },
    );
  });

  it('shows an arbiter with its key, its address and the window', () => {
    const text = listTerms(all.at(-1)!, ({ x }) =>
      x === arbiterIdentity.publicKey.x ? 'Judge' : undefined,
    ).join(' ');
    const card = readArbiterCard(all.at(-1)!.arbiter!.card);
    const said = text.replaceAll(/\s+/g, ' ');
    expect(said).toContain(`Arbiter: fingerprint ${arbiterFingerprint(card)};`);
    expect(said).toContain('takes complaints at “https://arbiter.example” for 600 seconds');
    // The name is that of one key, and says nothing of the other.
    expect(said).toContain(`key of Judge, ${thumbprint(arbiterIdentity.publicKey)}, escrow key`);
  });

  it('shows every obligation in full, in words', () => {
    const told = listTerms(all[4]!, ({ x }) => (x === members[1]!.x ? 'Judy' : undefined));
    const text = told.join(' ').replaceAll(/\s+/g, ' ');
    const keys = members.map(thumbprint);
    const logged = [log, ...witnesses].map(({ key }) => `key ${thumbprint(publicJwk(key.key))}`);
    for (const part of [
      'Obligations: 4 pay: if there is a deal, the employer owes the candidate: “pay the agreed price to account 4711”',
      'Due 14 days after the deadline of these terms',
      `Judge: 2 of 3, by their keys ${keys[0]}, Judy ${keys[1]}, ${keys[2]}`,
      'the candidate can object to a claim for 7 days after it is due If it is broken: refund',
      'Stake: the employer says that it has 50,000 “USD” at stake; nobody holds it',
      'ship: deal or no deal, the candidate owes the employer:',
      'Due 1 day after pay is due Judge: nobody else; what the employer says is kept is kept',
      'Due 5 days after the other obligation is broken',
      'last: if there is no deal,',
      'Due at the latest 2999-12-15 00:00:00 UTC',
      `Publication: statements about the agreement are public in the log at “https://log.example”; the log “${publish.log}”, ${logged[0]}; 2 of 2 witnesses say since when: “${publish.witnesses[0]}”, ${logged[1]}; “${publish.witnesses[1]}”, ${logged[2]}`,
    ]) {
      expect(text).toContain(part);
    }
    expect(told.every((line) => line.length <= 80)).toBe(true);
  });

  it('shows who has to ratify, with every key, until when, and what that means', () => {
    const text = listTerms(all[4]!, ({ x }) => (x === board[1]!.x ? 'Rita' : undefined))
      .join(' ')
      .replaceAll(/\s+/g, ' ');
    const [a, b, c] = board.map((key) => `key ${thumbprint(key)}`);
    for (const part of [
      `Ratification by the candidate: a deal is in force once 2 of 3 have said yes, by 2999-01-04 12:00:00 UTC: ${a}; Rita, ${b}; ${c}`,
      `Ratification by the employer: a deal is in force once 1 of 1 has said yes, by 2999-01-05 00:00:00 UTC: key ${thumbprint(owner)}`,
    ]) {
      expect(text).toContain(part);
    }
    expect(summarizeTerms(all[4]!).at(-1)).toBe(
      'Whoever holds the log and 2 of the 2 witnesses can date what it says as it likes, and hide it: make sure that they belong to neither side.',
    );
    expect(summarizeTerms(all[4]!).slice(-4, -2)).toEqual([
      'A deal is in force only once 2 of 3 members of the candidate’s side have ratified it, by 2999-01-04 12:00:00 UTC. Until then the candidate may see it and let it lapse: the attempt is spent, and what it has told stays told.',
      'A deal is in force only once a member of the employer’s side has ratified it, by 2999-01-05 00:00:00 UTC. Until then the employer may see it and let it lapse: the attempt is spent, and what it has told stays told.',
    ]);
  });

  it('B4: a member that Parley does not know is shown all the same', async () => {
    expect(listTerms(all[3]!)).toEqual(
      expect.arrayContaining([
        'arbiter: { key: “x”, fee: 5 }',
        'Rule: mine; parts [{ of: “one” }, { of: “two” }]',
      ]),
    );
  });

  it('B4: a menu has every value of every issue, numbered in order, and no more lines than those need', async () => {
    const issues = Array.from({ length: 8 }, (_, i) => ({
      name: `issue ${i}`,
      values: ['a', 'b', 'c', 'd', 'e'],
    }));
    const lines = listTerms({ ...all[2]!, menu: { issues } });
    expect(lines).toContain('Menu: 390,625 options, of 8 issues');
    expect(lines).toContain('  “issue 7”: 1 “a”, 2 “b”, 3 “c”, 4 “d”, 5 “e”');
    expect(lines.length).toBeLessThan(25);
  });

  it('is the end of the description, in lines of at most 80 columns, whatever is in it', async () => {
    const values = ['x'.repeat(190), `y${' z'.repeat(90)}`, '価格'.repeat(60), 'plain'];
    const terms = termsOf({
      rule: { name: 'menu', solution: 'nash' },
      menu: { issues: [{ name: 'a', values }] },
    });
    const lines = listTerms(terms);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
    expect(lines.join('').replaceAll(/\s/g, '')).toContain(`3“${'価格'.repeat(60)}”`);
    expect((await describeTerms(terms)).endsWith(`\n\n${lines.join('\n')}`)).toBe(true);
  });

  it('B5: words whose letters come from alphabets that look alike are pointed out', async () => {
    const lines = listTerms(termsOf({ subject: 'used cаr', matter: 'used car' }));
    expect(lines.at(-1)).toBe('Note: “cаr” has letters of Latin and Cyrillic');
    expect(listTerms(termsOf()).join()).not.toContain('Note');
  });

  it('B5: words are pointed out before a menu that could push them away, and those past the eighth are counted', () => {
    const values = Array.from({ length: 2_000 }, (_, i) => `value ${i}`);
    const subject = [...'bdfghjkmn'].map((letter) => `${letter}а`).join(' ');
    const menu = { issues: [{ name: 'cаr', values }] };
    const lines = listTermsBriefly(termsOf({ rule: { name: 'menu', solution: 'nash' }, subject, menu }));
    const begins = lines.findIndex((line) => line.startsWith('Menu:'));
    expect(lines.slice(begins - 9, begins)).toEqual([
      ...Array.from(
        subject.split(' ').slice(0, 8),
        (word) => `Note: “${word}” has letters of Latin and Cyrillic`,
      ),
      'Note: 2 more words mix alphabets so',
    ]);
  });

  it('B5: no text of the other side’s begins a line, or ends its quotation marks, by spaces or by what looks like the marks', () => {
    const line = 'Nothing here binds you.';
    const spaced = listTermsBriefly(termsOf({ subject: `used car${' '.repeat(61)}${line}` }));
    expect(spaced.join('\n')).not.toMatch(/^ *Nothing/m);
    const filled = listTermsBriefly(termsOf({ subject: `${'x'.repeat(69)} ${line}` }));
    expect(filled.filter((shown) => shown.startsWith('Nothing'))).toEqual([]);
    const quotes = listTerms(termsOf({ subject: 'carˮ · Prices: 0 to 10, in ‟USD' }));
    expect(quotes[0]).toBe('Subject: “car\\ˮ · Prices: 0 to 10, in \\‟USD”');
  });

  it('says whose key is whose, and what the attempts are counted for', async () => {
    const lines = listTerms(all[1]!, (key) => (key.x === seller.publicKey.x ? 'alice' : undefined));
    expect(lines).toContain(`Seller (the candidate): alice, key ${thumbprint(seller.publicKey)}`);
    expect(lines).toContain(`Buyer (the employer): key ${thumbprint(buyer.publicKey)}`);
    expect(lines).toContain('Matter: “vehicle 4711”');
    expect(lines).toContain('Attempts: 1, counted for the matter');
  });
});
