import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { loadSodium } from '../../src/crypto/sodium.ts';
import { defineDocument, statementDigest } from '../../src/documents/define.ts';
import { canonicalText, encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, SignableDocument, serializeJws, typeOf } from '../../src/documents/jws.ts';
import { inMembersOrder, type Members, membersSchema } from '../../src/documents/principal.ts';
import type { PublicJwk } from '../../src/documents/terms.ts';
import { documentTypes } from '../../src/documents/types.ts';
import { identity } from './support.ts';

const codes = {
  format: 'ERR_RECEIPT_FORMAT',
  signers: 'ERR_RECEIPT_SIGNERS',
  signature: 'ERR_RECEIPT_SIGNATURE',
} as const;
const promises = defineDocument({
  type: 'parley-promise+jws',
  what: 'a promise',
  limit: 20_000,
  codes,
  schema: z.strictObject({ by: membersSchema, text: z.string() }),
  signers: ({ by }) => by,
});
const word = defineDocument({
  type: 'parley-word+jws',
  what: 'a word',
  limit: 1_000,
  schema: z.strictObject({ text: z.string() }),
  signers: (_, key: PublicJwk) => [key],
});

const people = [11, 12, 13, 14].map(identity);
const members = (threshold: number, of = people): Members => ({
  members: of.map(({ publicKey }) => publicKey),
  threshold,
});
const stranger = identity(99);

/** A promise signed by people at these places, in this order. */
async function promise(by: Members, ...signers: typeof people): Promise<GeneralJws> {
  const payload = { by, text: 'hello' };
  return promises.assemble(
    payload,
    ...(await Promise.all(signers.map((one) => promises.sign(payload, one)))),
  );
}

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

beforeAll(() => loadSodium());

test('the types of documents are distinct, and say whose they are', () => {
  const types = Object.values(documentTypes);
  expect(new Set(types).size).toBe(types.length);
  for (const type of types) expect(type).toMatch(/^parley-[a-z]+(-[a-z]+)*\+jws$/);
});

describe('a document of several members', () => {
  const [a, b, c, d] = people as [
    (typeof people)[0],
    (typeof people)[0],
    (typeof people)[0],
    (typeof people)[0],
  ];

  it('is verified with the threshold, and with more', async () => {
    for (const signers of [
      [a, b],
      [a, d],
      [b, c, d],
      [a, b, c, d],
    ]) {
      const signed = await promise(members(2), ...signers);
      expect(promises.verify(serializeJws(signed)).text).toBe('hello');
      expect(promises.verify(signed).text).toBe('hello');
      expect(promises.signedBy(promises.read(signed))).toEqual(signers.map(({ publicKey }) => publicKey));
    }
  });

  it.each([
    ['one too few', 3, [a, b]],
    ['none', 1, []],
    ['one member twice', 2, [a, a]],
    ['one member twice, with enough others', 2, [a, b, b]],
    ['two out of order', 2, [b, a]],
    ['somebody else beside enough members', 2, [a, b, stranger]],
    ['somebody else in the place of a member', 2, [a, stranger]],
    ['somebody else first', 1, [stranger, a]],
  ])('is refused if signed by %s', async (_, threshold, signers) => {
    const signed = await promise(members(threshold), ...signers);
    expect(codeOf(() => promises.verify(signed))).toBe('ERR_RECEIPT_SIGNERS');
    expect(codeOf(() => promises.verify(serializeJws(signed)))).toBe('ERR_RECEIPT_SIGNERS');
  });

  it('says who has signed before there are enough', async () => {
    const partly = promises.read(await promise(members(3), a, c));
    expect(promises.signedBy(partly)).toEqual([a.publicKey, c.publicKey]);
    const wrong = promises.read(await promise(members(3), c, a));
    expect(codeOf(() => promises.signedBy(wrong))).toBe('ERR_RECEIPT_SIGNERS');
  });

  it('has no threshold of nobody, of more than there are, or between', () => {
    for (const threshold of [0, -1, 5, 1.5, 2 ** 31]) {
      expect(membersSchema.safeParse(members(threshold)).success, `${threshold}`).toBe(false);
    }
    for (const threshold of [1, 4]) expect(membersSchema.safeParse(members(threshold)).success).toBe(true);
    expect(membersSchema.safeParse({ members: [], threshold: 1 }).success).toBe(false);
    expect(membersSchema.safeParse(members(2, [a, b, a])).success).toBe(false);
    expect(membersSchema.safeParse({ ...members(1), more: 1 }).success).toBe(false);
  });

  it('has up to 32 members, who may all have to sign', async () => {
    const many = Array.from({ length: 33 }, (_, i) => identity(100 + i));
    expect(membersSchema.safeParse(members(1, many)).success).toBe(false);
    const all = many.slice(0, 32);
    const signed = await promise(members(32, all), ...all);
    expect(promises.verify(signed).text).toBe('hello');
    const missing = { ...signed, signatures: signed.signatures.toSpliced(16, 1) };
    expect(codeOf(() => promises.verify(missing))).toBe('ERR_RECEIPT_SIGNERS');
  });

  it('cannot have a list of members that its schema did not check', () => {
    const twice = defineDocument({
      type: 'parley-promise+jws',
      what: 'a promise',
      limit: 20_000,
      codes,
      schema: z.strictObject({ text: z.string() }),
      signers: () => members(2, [a, a]),
    });
    const payload = { text: 'hello' };
    return Promise.all([twice.sign(payload, a), twice.sign(payload, a)]).then((signed) =>
      expect(codeOf(() => twice.verify(twice.assemble(payload, ...signed)))).toBe('ERR_RECEIPT_FORMAT'),
    );
  });

  it('is put in order by `inMembersOrder`, whoever signs first', async () => {
    const payload = { by: members(3), text: 'hello' };
    const signed = await Promise.all(people.map((one) => promises.sign(payload, one)));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(signed, { minLength: 3 }), async (some) => {
        const document = promises.assemble(payload, ...inMembersOrder(payload.by, some));
        expect(promises.verify(document)).toEqual(payload);
      }),
      { numRuns: 20 },
    );
    const other = await promises.sign(payload, stranger);
    expect(codeOf(() => inMembersOrder(payload.by, [signed[0]!, other]))).toBe('ERR_USAGE');
    expect(codeOf(() => inMembersOrder(payload.by, [signed[0]!, signed[0]!]))).toBe('ERR_USAGE');
  });
});

describe('a signed document of any kind', () => {
  const [a, b] = people as [(typeof people)[0], (typeof people)[0]];

  it('is not verified under another type, even with the same payload', async () => {
    const payload = { by: members(1), text: 'hello' };
    const other = new SignableDocument('parley-threat+jws', payload);
    const signed = other.assemble({ key: a.publicKey, signature: await other.sign(a) });
    expect(codeOf(() => promises.verify(signed))).toBe('ERR_RECEIPT_SIGNERS');
  });

  it('is not verified if a signature is another one, or none', async () => {
    const signed = await promise(members(2), a, b);
    const [first, second] = signed.signatures;
    const bad = { ...first!, signature: second!.signature };
    expect(codeOf(() => promises.verify({ ...signed, signatures: [bad, second!] }))).toBe(
      'ERR_RECEIPT_SIGNATURE',
    );
    const short = { ...first!, signature: first!.signature.slice(0, 84) };
    expect(codeOf(() => promises.verify({ ...signed, signatures: [short, second!] }))).toBe(
      'ERR_RECEIPT_FORMAT',
    );
  });

  it('has one form: no other bytes, order of members, or further members', async () => {
    const signed = await promise(members(1), a);
    const text = new TextDecoder().decode(serializeJws(signed));
    expect(promises.verify(text).text).toBe('hello');
    const reordered = encodeBase64url(
      new TextEncoder().encode(JSON.stringify({ text: 'hello', by: members(1) })),
    );
    const others = [
      text.trimEnd(),
      ` ${text}`,
      text.replace('"payload":', '"payload" :'),
      `${canonicalText({ ...signed, more: 1 })}\n`,
      `${canonicalText({ ...signed, payload: reordered })}\n`,
    ];
    for (const other of others)
      expect(
        codeOf(() => promises.verify(other)),
        other,
      ).toBe('ERR_RECEIPT_FORMAT');
    const more = new SignableDocument('parley-promise+jws', { by: members(1), text: 'hello', more: 1 });
    const extended = more.assemble({ key: a.publicKey, signature: await more.sign(a) });
    expect(codeOf(() => promises.verify(extended))).toBe('ERR_RECEIPT_FORMAT');
  });

  it('is not read if it is longer than its kind may be', async () => {
    const payload = { text: 'x'.repeat(900) };
    const signed = word.assemble(payload, await word.sign(payload, a));
    expect(codeOf(() => word.verify(serializeJws(signed), a.publicKey))).toBe('ERR_AGREEMENT_FORMAT');
  });

  it('of one signer has exactly that one, whom the reader knows', async () => {
    const payload = { text: 'hello' };
    const signed = word.assemble(payload, await word.sign(payload, a));
    expect(word.verify(signed, a.publicKey)).toEqual(payload);
    expect(codeOf(() => word.verify(signed, b.publicKey))).toBe('ERR_AGREEMENT_PARTIES');
    const both = word.assemble(payload, await word.sign(payload, a), await word.sign(payload, b));
    expect(codeOf(() => word.verify(both, a.publicKey))).toBe('ERR_AGREEMENT_FORMAT');
    expect(codeOf(() => word.verify(word.assemble(payload), a.publicKey))).toBe('ERR_AGREEMENT_FORMAT');
  });

  it('says its type, unless its header says none', async () => {
    const signed = await promise(members(1), a);
    expect(typeOf(signed)).toBe('parley-promise+jws');
    const header = (text: string) => ({
      ...signed,
      signatures: [{ ...signed.signatures[0]!, protected: encodeBase64url(new TextEncoder().encode(text)) }],
    });
    for (const text of ['', '{', '[]', '{"typ":1}', '{"typ":"a","typ":"b"}', 'x'.repeat(2_000)]) {
      expect(typeOf(header(text)), text).toBeUndefined();
    }
    expect(typeOf({ ...signed, signatures: [] })).toBeUndefined();
  });

  it('has a digest that depends on its signatures', async () => {
    const digests = [
      await promise(members(1), a),
      await promise(members(1), b),
      await promise(members(1), a, b),
      await promise(members(2), a, b),
    ].map((one) => encodeBase64url(statementDigest(one)));
    expect(new Set(digests).size).toBe(4);
  });
});
