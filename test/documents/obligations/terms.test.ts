import { describe, expect, test } from 'vitest';
import { fixedDues } from '../../../src/documents/obligations/due.ts';
import { obligationsFault } from '../../../src/documents/obligations/fault.ts';
import { type Obligation, obligationsSchema } from '../../../src/documents/obligations/terms.ts';
import { publishSchema } from '../../../src/documents/publish-terms.ts';
import { timeOf } from '../../../src/documents/time.ts';
import { formatVerifierKey } from '../../../src/documents/tlog/verifier-key.ts';
import { seller } from '../support.ts';
import { signer } from '../tlog/log.ts';
import { expires, members, obliging, pay, publish } from './support.ts';

type Given = Readonly<Record<string, unknown>>;
const fits = (change: Given) => obligationsSchema.safeParse([{ ...pay, ...change }]).success;
const without = (member: string) =>
  obligationsSchema.safeParse([Object.fromEntries(Object.entries(pay).filter(([name]) => name !== member))]);

describe('an obligation has exactly its members', () => {
  test.each<[string, Given]>([
    ['all that it may have', { remedy: 'refund', stake: { amount: '50000', unit: 'USD' } }],
    ['a UTC second', { due: '2027-02-01T00:00:00Z' }],
    ['no days', { due: { days: 0, after: 'expires' } }],
    ['the longest times', { due: { days: 3650, after: 'x' }, objection: 3650 }],
    ['`to` as judge', { judge: 'to' }],
    ['one judge', { judge: { members: members.slice(0, 1), threshold: 1 } }],
    ['the longest id', { id: `a${'-9'.repeat(14)}b` }],
  ])('%s', (_, change) => {
    expect(fits(change)).toBe(true);
  });

  test.each<[string, Given]>([
    ['a member more', { note: 'x' }],
    ['a capital in the id', { id: 'Pay' }],
    ['a digit first', { id: '1pay' }],
    ['a space in the id', { id: 'pay it' }],
    ['an id of 31 letters', { id: 'a'.repeat(31) }],
    ['an id with a meaning of its own', { id: 'expires' }],
    ['another one', { id: 'broken' }],
    ['no condition of these', { if: 'never' }],
    ['text that moves the cursor', { what: 'pay\u202e' }],
    ['no text', { what: '' }],
    ['a time without seconds', { due: '2027-02-01T00:00Z' }],
    ['a time with fractions', { due: '2027-02-01T00:00:00.5Z' }],
    ['a duration', { due: 'P14D' }],
    ['half a day', { due: { days: 0.5, after: 'expires' } }],
    ['less than no days', { due: { days: -1, after: 'expires' } }],
    ['more than ten years', { due: { days: 3651, after: 'expires' } }],
    ['days after nothing', { due: { days: 1 } }],
    ['a member more in due', { due: { days: 1, after: 'expires', hours: 2 } }],
    ['no time to object', { objection: 0 }],
    ['no judge of these', { judge: 'by' }],
    ['no judges', { judge: { members: [], threshold: 1 } }],
    ['a threshold above all judges', { judge: { members, threshold: 4 } }],
    ['no threshold', { judge: { members, threshold: 0 } }],
    ['a judge twice', { judge: { members: [...members, members[0]], threshold: 2 } }],
    ['33 judges', { judge: { members: Array.from({ length: 33 }, () => members[0]), threshold: 1 } }],
    ['a judge’s private key', { judge: { members: [{ ...members[0], d: 'x' }], threshold: 1 } }],
    ['a small-order key', { judge: { members: [{ ...members[0], x: `${'A'.repeat(43)}` }], threshold: 1 } }],
    ['a stake with a point', { stake: { amount: '5.5', unit: 'USD' } }],
    ['a stake of nothing', { stake: { amount: '0', unit: 'USD' } }],
    ['a stake without a unit', { stake: { amount: '5' } }],
    ['a remedy that is no id', { remedy: 'Re fund' }],
  ])('is refused: %s', (_, change) => {
    expect(fits(change)).toBe(false);
  });

  test.each(Object.keys(pay))('is refused: without %s', (member) => {
    expect(without(member).success).toBe(false);
  });

  test('there are 1 to 32 of them', () => {
    const many = (length: number) => Array.from({ length }, (_, i) => ({ ...pay, id: `pay-${i}` }));
    expect([0, 1, 32, 33].map((length) => obligationsSchema.safeParse(many(length)).success)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('obligations fit together, and the rest of the terms', () => {
  const refund: Obligation = {
    ...pay,
    id: 'refund',
    by: 'seller',
    to: 'buyer',
    due: { days: 5, after: 'broken' },
  };
  const main: Obligation = { ...pay, remedy: 'refund' };
  const ship: Obligation = { ...pay, id: 'ship', due: { days: 3, after: 'pay' } };
  const alone: Obligation = { ...pay, judge: 'to' };
  const sided: Obligation = { ...pay, judge: { members: [...members, seller.publicKey], threshold: 2 } };
  const dueOf = (due: Obligation['due'], more: Partial<Obligation> = {}): Obligation => ({
    ...pay,
    ...more,
    due,
  });
  const fault = (...terms: Parameters<typeof obliging>) => obligationsFault(obliging(...terms));

  test.each<[string, readonly Obligation[]]>([
    ['one', [pay]],
    ['in any order', [ship, refund, main]],
    ['without judges', [alone]],
    ['a remedy of a remedy', [main, { ...refund, remedy: 'fine' }, { ...refund, id: 'fine' }]],
    ['a remedy for every outcome', [main, { ...refund, if: 'always' }]],
  ])('%s', (_, obligations) => {
    expect(fault(obligations)).toBeUndefined();
  });

  test('judges and no remedy need no place of publication', () => {
    expect(fault([pay], { publish: undefined })).toBeUndefined();
  });

  test.each<[string, string, Parameters<typeof obliging>]>([
    ['two of one name', 'two of them are called pay', [[pay, { ...ship, id: 'pay' }]]],
    ['no role', 'by and to must be seller and buyer', [[{ ...pay, by: 'lender' }]]],
    ['a role of Object’s', 'by and to must be seller and buyer', [[{ ...pay, by: 'constructor' }]]],
    ['one side', 'by and to are one side', [[{ ...pay, by: 'seller' }]]],
    ['a side among the judges', 'a side of the terms is among the judges', [[sided]]],
    ['nobody else to see', 'without judges the terms need publish', [[alone], { publish: undefined }]],
    [
      'a remedy and no publication',
      'with a remedy the terms need publish',
      [[main, refund], { publish: undefined }],
    ],
    ['a remedy that is not there', 'its remedy refund is not there', [[main]]],
    ['one remedy of two', 'that of another obligation, too', [[main, { ...ship, remedy: 'refund' }, refund]]],
    ['its own remedy', 'remedies go in a circle', [[{ ...refund, remedy: 'refund' }]]],
    [
      'a circle of remedies',
      'remedies go in a circle',
      [[dueOf({ days: 1, after: 'broken' }, { remedy: 'refund' }), { ...refund, remedy: 'pay' }]],
    ],
    ['a remedy that can never be', 'can never take effect', [[main, { ...refund, if: 'no-deal' }]]],
    ['a remedy with a date', 'so many days after', [[main, dueOf('2027-06-01T00:00:00Z', { id: 'refund' })]]],
    [
      'a remedy after the deadline',
      'so many days after',
      [[main, dueOf({ days: 3, after: 'expires' }, { id: 'refund' })]],
    ],
    ['after broken, and no remedy', 'is no remedy', [[dueOf({ days: 3, after: 'broken' })]]],
    [
      'after a remedy',
      'which may never be due',
      [[main, refund, { ...ship, due: { days: 3, after: 'refund' } }]],
    ],
    ['after what is not there', 'which is not there', [[ship]]],
    ['after itself', 'times go in a circle', [[dueOf({ days: 1, after: 'pay' })]]],
    ['a circle of times', 'times go in a circle', [[dueOf({ days: 1, after: 'ship' }), ship]]],
    ['a time after a circle', 'times go in a circle', [[dueOf({ days: 1, after: 'pay' }), ship]]],
    ['before the deadline', 'before there is an agreement', [[dueOf('2026-12-31T23:59:59Z')]]],
    [
      'before the time of complaints is over',
      'before there is an agreement',
      [[dueOf('2027-01-01T00:09:59Z')], { arbiter: { window: 600 } }],
    ],
    [
      'before a ratification can come',
      'before there is an agreement',
      [[dueOf('2027-01-09T23:59:59Z')], { ratify: { seller: { by: '2027-01-10T00:00:00Z' } } }],
    ],
    ['in the year 9000', 'after the year 8999', [[dueOf('9000-01-01T00:00:00Z')]]],
  ])('is refused: %s', (_, text, given) => {
    expect(fault(...given)).toContain(text);
  });

  test('due at the deadline itself, or when complaints end, is late enough', () => {
    expect(fault([dueOf('2027-01-01T00:00:00Z')])).toBeUndefined();
    expect(fault([dueOf('2027-01-01T00:10:00Z')], { arbiter: { window: 600 } })).toBeUndefined();
    const ratify = { buyer: { by: '2027-01-10T00:00:00Z' } };
    expect(fault([dueOf('2027-01-10T00:00:00Z')], { ratify })).toBeUndefined();
    expect(fault([dueOf('2027-01-01T00:00:00Z', { if: 'no-deal' })], { ratify })).toBeUndefined();
  });

  test('dues are reckoned through one another, whatever their order', () => {
    const chain = Array.from({ length: 32 }, (_, i) =>
      dueOf(i === 0 ? '2027-02-01T00:00:00Z' : { days: 1, after: `o${i - 1}` }, { id: `o${i}` }),
    );
    const dues = fixedDues({ obligations: chain.toReversed(), expires });
    expect(timeOf(dues.get('o31')!)).toBe('2027-03-04T00:00:00Z');
  });
});

describe('a place of publication', () => {
  const place = (change: Given) => publishSchema.safeParse({ ...publish, ...change }).success;
  const [first] = publish.witnesses;
  const log = signer('log.example/parley', 'log', 1);
  const many = Array.from({ length: 17 }, (_, i) => signer(`w${i}`, 'witness', 20 + i).text);

  test.each<[string, Given, boolean]>([
    ['as it is', {}, true],
    ['one witness', { witnesses: [first], quorum: 1 }, true],
    ['an address without TLS', { at: 'http://log.example' }, false],
    ['an address with a name in it', { at: 'https://me@log.example' }, false],
    ['a member more', { policy: 'x' }, false],
    ['a witness’s key as the log’s', { log: first }, false],
    ['the log’s key as a witness’s', { witnesses: [publish.log], quorum: 1 }, false],
    ['no witness', { witnesses: [], quorum: 1 }, false],
    ['a witness twice', { witnesses: [first, first] }, false],
    ['one key under two names', { witnesses: [first, signer('other.example', 'witness', 2).text] }, false],
    ['one name with two keys', { witnesses: [first, signer('witness.example/2', 'witness', 9).text] }, false],
    ['a quorum above all', { quorum: 3 }, false],
    ['a quorum of none', { quorum: 0 }, false],
    ['16 witnesses', { witnesses: many.slice(1) }, true],
    ['17 witnesses', { witnesses: many }, false],
    ['the log as its own witness', { witnesses: [first, signer('w', 'witness', 1).text] }, false],
    ['a key that is none', { log: formatVerifierKey({ ...log.key, id: '00000000' }) }, false],
  ])('%s', (_, change, expected) => {
    expect(place(change)).toBe(expected);
  });
});
