import { expect, test } from 'vitest';
import * as z from 'zod';
import { listOf, recordOf } from '../../src/documents/collections.ts';
import { engagementSchema } from '../../src/documents/engagement.ts';
import { fairSchema } from '../../src/documents/fair.ts';
import { fingerprintsSchema } from '../../src/documents/fingerprints.ts';
import { jwsSchema } from '../../src/documents/jws.ts';
import { byRole } from '../../src/documents/members.ts';
import { openedEscrowSchema } from '../../src/documents/shown-escrow.ts';
import { parseDraft } from '../../src/documents/terms.ts';

const MANY = 1_000;
const draft = { parley: 1, subject: 'car', rule: { name: 'zopa' } };
const record = (count: number, member: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`r${i}`, member]));

/** A schema that counts how often it is asked, and accepts numbers. */
function counting() {
  const asked = { times: 0 };
  const schema = z.custom<number>((value) => {
    asked.times += 1;
    return typeof value === 'number';
  });
  return { asked, schema };
}

test('arrays and objects are read up to the first member that does not fit', () => {
  for (const [collection, fitting, wrong] of [
    [listOf, [1, 2, 3], [1, ...new Array(MANY).fill('x')]],
    [recordOf, { a: 1, b: 2 }, { a: 1, ...record(MANY, 'x') }],
  ] as const) {
    const { asked, schema } = counting();
    expect(collection(schema).parse(fitting)).toEqual(fitting);
    asked.times = 0;
    const { error } = collection(schema).safeParse(wrong);
    expect(error!.issues).toHaveLength(1);
    expect(asked.times).toBe(2);
    for (const other of [null, 1, 'x', undefined])
      expect(collection(schema).safeParse(other).success).toBe(false);
  }
  expect(listOf(z.any()).safeParse({}).success).toBe(false);
  expect(recordOf(z.any()).safeParse([]).success).toBe(false);
});

test('of more than two roles none is looked at', () => {
  const { asked, schema } = counting();
  expect(byRole(schema).parse({ a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
  asked.times = 0;
  for (const wrong of [record(MANY, 1), record(1, 1), {}, [1, 2], null]) {
    expect(byRole(schema).safeParse(wrong).success).toBe(false);
  }
  expect(asked.times).toBe(0);
  expect(byRole(schema).safeParse({ a: 1, b: 'x' }).success).toBe(false);
  expect(() => parseDraft({ ...draft, parties: record(MANY, 1) })).toThrow('parties: more than two parties');
  expect(() => parseDraft({ ...draft, parties: record(1, 1) })).toThrow('parties.r0: not a public');
});

test('nothing in a signed document costs more than its length', () => {
  const issues = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error!.issues.length;
  const jws = { payload: '', signatures: [] };
  expect(issues(jwsSchema, { ...jws, signatures: new Array(MANY).fill(0) })).toBe(1);
  expect(issues(fairSchema, { escrows: record(MANY, 0), fingerprints: record(MANY, 0) })).toBeLessThan(10);
  expect(issues(fingerprintsSchema, { keys: new Array(MANY).fill(0), values: record(MANY, 0) })).toBeLessThan(
    10,
  );
  expect(issues(engagementSchema, { seals: record(MANY, 0) })).toBeLessThan(20);
  expect(issues(openedEscrowSchema, new Array(MANY).fill(0))).toBe(1);
});
