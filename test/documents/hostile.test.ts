import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAgreementUnder } from '../../src/documents/agreement.ts';
import { isEngagement, verifyEngagementUnder } from '../../src/documents/engagement.ts';
import { canonicalText, encodeBase64url } from '../../src/documents/json.ts';
import { openJws, SignableDocument, serializeJws } from '../../src/documents/jws.ts';
import { completeTerms, parseDraft, parseTerms } from '../../src/documents/terms.ts';
import { ParleyError, VerificationError } from '../../src/errors.ts';
import { verifyOpenings } from '../../src/verify/openings.ts';
import { anyPrice, buyer, completion, draft, seller, session, terms } from './support.ts';

const options = { parties: 'unpinned' as const, rules: [anyPrice] };
const malformed = expect.objectContaining({ code: 'ERR_AGREEMENT_FORMAT' });
const invalid = expect.objectContaining({ code: 'ERR_TERMS_INVALID' });

/** A document around a payload of any bytes; its signatures are none. */
const around = (payload: string | Uint8Array) =>
  `${canonicalText({ payload: encodeBase64url(Buffer.from(payload)), signatures: [] })}\n`;

async function refuseEverywhere(document: string | Uint8Array) {
  expect(() => openJws(document)).toThrowError(malformed);
  expect(() => isEngagement(document)).toThrowError(malformed);
  for (const verified of [
    verifyAgreementUnder(document, options),
    verifyEngagementUnder(document, options),
    verifyOpenings(document as never, [], options as never),
  ]) {
    await expect(verified).rejects.toThrowError(VerificationError);
    await expect(verified).rejects.toThrowError(malformed);
  }
}

describe('documents that crash a reader', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  it.each([65, 1000, 3000, 6000, 200_000])(
    '%i levels are refused, as document and as payload',
    async (levels) => {
      await refuseEverywhere(deep(levels));
      await refuseEverywhere(around(deep(levels)));
    },
  );

  it.each([
    ['an infinite number', '[1e400]'],
    ['a rounded number', '[9007199254740993]'],
    ['half of a surrogate pair', '["\\ud800"]'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a byte-order mark', '\uFEFF[]'],
  ])('%s is refused, as document and as payload', async (_, text) => {
    await refuseEverywhere(text);
    await refuseEverywhere(around(text));
  });

  it('another encoding is refused, as document and as payload', async () => {
    const document = around('[]');
    const utf16 = Buffer.from(`\uFEFF${document}`, 'utf16le');
    await refuseEverywhere(new Uint8Array(utf16));
    await refuseEverywhere(around(Buffer.from('\uFEFF[]', 'utf16le')));
    await refuseEverywhere(around(Buffer.from('["é"]', 'latin1')));
  });

  it.each([65, 3000, 200_000])('terms with %i levels are refused, in each way they come', (levels) => {
    const nested = Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);
    const rule = { name: 'any-price', more: nested };
    expect(() => parseDraft({ ...draft, rule })).toThrowError(invalid);
    expect(() => completeTerms({ ...draft, rule }, completion, anyPrice)).toThrowError(invalid);
    expect(() => parseTerms({ ...terms, rule }, anyPrice)).toThrowError(invalid);
    const circle: Record<string, unknown> = { name: 'any-price' };
    circle.more = circle;
    expect(() => parseDraft({ ...draft, rule: circle })).toThrowError(invalid);
  });
});

describe('__proto__', () => {
  const smuggled = '"__proto__":{"smuggled":"anything"},';
  const places: [string, string][] = [
    ['the terms', '{'],
    ['the parties', '"parties":{'],
    ['the rule', '"rule":{'],
    ['the range', '"range":{'],
    ['a key', `{"crv"`],
  ];
  const withProto = (before: string): unknown => {
    const text = canonicalText(terms);
    const place = text.indexOf(before) + before.indexOf('{') + 1;
    return JSON.parse(text.slice(0, place) + smuggled + text.slice(place));
  };

  it.each(places)('in %s does not survive verification', async (_, before) => {
    const raw = withProto(before);
    expect(canonicalText(raw)).toContain('smuggled');
    expect(() => parseTerms(raw, anyPrice)).toThrowError(invalid);
    expect(() => parseDraft(raw)).toThrowError(invalid);

    const common = { parley: 1, terms: raw, session: encodeBase64url(session) };
    const agreement = new SignableDocument('parley-agreement+jws', { ...common, outcome: { deal: false } });
    const signed = agreement.assemble(
      { key: seller.publicKey, signature: await agreement.sign(seller) },
      { key: buyer.publicKey, signature: await agreement.sign(buyer) },
    );
    const statement = 'bound by the outcome of this session';
    const engagement = new SignableDocument('parley-engagement+jws', {
      ...common,
      party: 'buyer',
      statement,
    });
    const engaged = engagement.assemble({ key: buyer.publicKey, signature: await engagement.sign(buyer) });
    for (const form of [signed, serializeJws(signed)]) {
      await expect(verifyAgreementUnder(form, options)).rejects.toThrowError(malformed);
    }
    for (const form of [engaged, serializeJws(engaged)]) {
      await expect(verifyEngagementUnder(form, options)).rejects.toThrowError(malformed);
    }
  });
});

describe('any bytes', () => {
  /** What a verifier throws, if it does. */
  const outcomeOf = (run: Promise<unknown>) =>
    run.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('end in a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.uint8Array(), async (bytes, payload) => {
        for (const document of [bytes, around(payload), { payload, signatures: bytes } as never]) {
          expect(await outcomeOf(verifyAgreementUnder(document, options))).toBeInstanceOf(VerificationError);
          expect(await outcomeOf(verifyEngagementUnder(document, options))).toBeInstanceOf(VerificationError);
        }
      }),
    );
  });

  it('as a payload in canonical form do, too, whatever they say', async () => {
    const json = fc.json({ stringUnit: 'binary' }).map((text) => JSON.parse(text) as unknown);
    const payload = fc.oneof(
      json,
      fc.record({ parley: fc.constant(1), terms: json, outcome: json, session: json, seals: json }),
      json.map((more) => ({ parley: 1, terms: { ...terms, more }, outcome: { deal: false }, session: '' })),
      json.map((rule) => ({ parley: 1, terms: { ...terms, rule }, outcome: { deal: false } })),
    );
    await fc.assert(
      fc.asyncProperty(payload, async (value) => {
        const text = JSON.stringify(value);
        const errors = await Promise.all([
          outcomeOf(verifyAgreementUnder(around(text), options)),
          outcomeOf(verifyEngagementUnder(around(text), options)),
        ]);
        for (const error of errors) expect(error).toBeInstanceOf(VerificationError);
      }),
    );
  });

  it('as terms do, too', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (any) => {
          for (const read of [
            () => parseDraft(any),
            () => parseDraft({ ...draft, rule: any }),
            () => parseTerms(any, anyPrice),
          ]) {
            try {
              read();
            } catch (error) {
              expect(error).toBeInstanceOf(ParleyError);
            }
          }
        },
      ),
    );
  });
});
