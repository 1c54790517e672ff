import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import { gridIndex, gridPrice, parseInteger, parseRange, rangeSchema } from '../../src/documents/range.ts';
import {
  completeTerms,
  formatTime,
  isExpired,
  parseDraft,
  parseTerms,
  randomNonce,
  requireSupported,
  supportedSecurities,
  termsDigest,
} from '../../src/documents/terms.ts';
import { isPlainText, toPlainText } from '../../src/documents/text.ts';
import { anyPrice, buyer, completion, draft, seller, terms } from './support.ts';

const invalid = expect.objectContaining({ code: 'ERR_TERMS_INVALID' });

describe('completeTerms', () => {
  it('writes every default out', () => {
    expect(terms).toEqual({
      parley: 1,
      subject: 'used car',
      rule: { name: 'any-price', share: '1/2' },
      range: { min: '0', max: '1000', step: '5', unit: 'USD', decimals: 0 },
      parties: { seller: seller.publicKey, buyer: buyer.publicKey },
      security: 'semi-honest',
      seals: 'none',
      attempts: 1,
      expires: '2027-01-01T00:00:00Z',
      nonce: 'AAECAwQFBgcICQoLDA0ODw',
    });
    expect(parseTerms(JSON.parse(JSON.stringify(terms)), anyPrice)).toEqual(terms);
  });

  it('gives the same digest whichever way the same draft is written, another for any other terms', () => {
    const explicit = {
      ...draft,
      rule: { share: '1/2', name: 'any-price' },
      range: { decimals: 0, unit: 'USD', step: '5', max: '1000', min: '0' },
      seals: 'none' as const,
      attempts: 1,
      nonce: completion.nonce,
      parties: { buyer: buyer.publicKey },
    };
    const digest = termsDigest(terms);
    expect(digest).toHaveLength(32);
    expect(termsDigest(completeTerms(explicit, completion, anyPrice))).toEqual(digest);
    expect(Buffer.from(digest).toString('hex')).toBe(
      '76acce8e2e0e198286cbf8b6fc713149e94af4680b0af0d4f4887dfd58bdc6f4',
    );
    for (const other of [
      { ...draft, subject: 'used bar' },
      { ...draft, rule: { name: 'any-price', share: '1/3' } },
      { ...draft, range: { min: '0', max: '1000', step: '5', unit: 'EUR' } },
    ]) {
      expect(termsDigest(completeTerms(other, completion, anyPrice))).not.toEqual(digest);
    }
  });

  it('refuses a completion that contradicts the draft, or leaves something open', () => {
    const named = { ...draft, parties: { seller: buyer.publicKey } };
    expect(() => completeTerms(named, completion, anyPrice)).toThrowError(invalid);
    expect(() =>
      completeTerms({ ...draft, expires: '2026-01-01T00:00:00Z' }, completion, anyPrice),
    ).toThrowError(invalid);
    for (const missing of ['parties', 'expires', 'nonce'] as const) {
      const { [missing]: _, ...rest } = completion;
      expect(() => completeTerms(draft, rest, anyPrice)).toThrowError(invalid);
    }
    const { seller: __, ...one } = completion.parties;
    expect(() => completeTerms(draft, { ...completion, parties: one }, anyPrice)).toThrowError(invalid);
  });

  it('never defaults to semi-honest, and refuses what this version does not have', () => {
    const { security: _, ...silent } = draft;
    if (supportedSecurities[0] === 'malicious') {
      expect(completeTerms(silent, completion, anyPrice).security).toBe('malicious');
    } else {
      expect(() => completeTerms(silent, completion, anyPrice)).toThrowError(invalid);
      const malicious = { ...draft, security: 'malicious' as const };
      expect(() => completeTerms(malicious, completion, anyPrice)).toThrowError(invalid);
    }
    expect(completeTerms(silent, { ...completion, security: 'semi-honest' }, anyPrice).security).toBe(
      'semi-honest',
    );
    expect(() => completeTerms({ ...draft, seals: 'paillier' }, completion, anyPrice)).toThrowError(invalid);
    expect(() => requireSupported({ ...terms, security: 'semi-honest', seals: 'paillier' }, {})).toThrowError(
      invalid,
    );
  });

  it('refuses one key for both parties', () => {
    const parties = { seller: seller.publicKey, buyer: seller.publicKey };
    expect(() => completeTerms(draft, { ...completion, parties }, anyPrice)).toThrowError(invalid);
  });
});

describe('parseTerms and parseDraft', () => {
  it.each([
    ['another version', { parley: 2 }],
    ['an unknown member', { colour: 'red' }],
    ['an unknown member of the rule', { rule: { name: 'any-price', share: '1/2', extra: 1 } }],
    ['an unknown member of the range', { range: { ...terms.range, extra: 1 } }],
    ['another rule', { rule: { name: 'split', share: '1/2' } }],
    ['a menu', { menu: { issues: [] } }],
    ['an empty subject', { subject: '' }],
    ['a long subject', { subject: 'x'.repeat(201) }],
    ['an escape sequence', { subject: 'car\u001b[31m' }],
    ['a new line', { subject: 'car\nseller signed' }],
    ['a right-to-left override', { subject: 'car \u202e00.5' }],
    ['a decomposed letter', { subject: 'cafe\u0301' }],
    ['a lone surrogate', { subject: 'car \ud800' }],
    ['an unknown security', { security: 'perfect' }],
    ['no attempts', { attempts: 0 }],
    ['a date alone', { expires: '2027-01-01' }],
    ['no such day', { expires: '2027-02-30T00:00:00Z' }],
    ['an offset', { expires: '2027-01-01T00:00:00+01:00' }],
    ['a short nonce', { nonce: 'AAECAwQFBgcICQoLDA0O' }],
    ['a long nonce', { nonce: 'A'.repeat(44) }],
    ['a nonce with stray bits', { nonce: 'AAECAwQFBgcICQoLDA0ODx' }],
    ['a number as min', { range: { ...terms.range, min: 0 } }],
    ['min above max', { range: { ...terms.range, min: '1001' } }],
    ['a step of zero', { range: { ...terms.range, step: '0' } }],
    ['a negative step', { range: { ...terms.range, step: '-5' } }],
    ['a leading zero', { range: { ...terms.range, max: '01000' } }],
    ['a plus sign', { range: { ...terms.range, max: '+1000' } }],
    ['negative zero', { range: { ...terms.range, min: '-0' } }],
    ['a fraction', { range: { ...terms.range, max: '1000.0' } }],
    ['an exponent', { range: { ...terms.range, max: '1e3' } }],
    ['a range past 64 bits', { range: { ...terms.range, step: '1', max: `${2n ** 64n}` } }],
    ['fractional decimals', { range: { ...terms.range, decimals: 0.5 } }],
    ['negative decimals', { range: { ...terms.range, decimals: -1 } }],
    ['a unit with a control character', { range: { ...terms.range, unit: '\u0007' } }],
    ['one party', { parties: { seller: seller.publicKey } }],
    ['three parties', { parties: { ...terms.parties, broker: buyer.publicKey } }],
    ['other roles', { parties: { a: seller.publicKey, b: buyer.publicKey } }],
    ['a party with a private key', { parties: { ...terms.parties, seller: seller.exportPrivate() } }],
    [
      'a small-order key',
      { parties: { ...terms.parties, buyer: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } } },
    ],
  ])('refuses %s', (_, change) => {
    expect(() => parseTerms({ ...terms, ...change }, anyPrice)).toThrowError(invalid);
    expect(() => completeTerms(parseDraft({ ...terms, ...change }), {}, anyPrice)).toThrowError(invalid);
  });

  it.each([
    'parley',
    'subject',
    'rule',
    'range',
    'parties',
    'security',
    'seals',
    'expires',
    'nonce',
  ] as const)('refuses completed terms without %s', (member) => {
    const { [member]: _, ...rest } = terms;
    expect(() => parseTerms(rest, anyPrice)).toThrowError(invalid);
  });

  it('refuses completed terms that leave a default out', () => {
    expect(() => parseTerms({ ...terms, rule: { name: 'any-price' } }, anyPrice)).toThrowError(invalid);
    const { decimals: _, ...range } = terms.range!;
    expect(() => parseTerms({ ...terms, range }, anyPrice)).toThrowError(invalid);
  });

  it('never puts unsafe characters into an error', () => {
    for (const change of [
      { '\u001b[2J': 1 },
      { rule: { name: '\u202eevil' } },
      { parties: { '\u0007': 1 } },
    ]) {
      try {
        parseDraft({ ...draft, ...change });
        expect.unreachable();
      } catch (error) {
        expect(isPlainText((error as Error).message)).toBe(true);
      }
    }
    expect(isPlainText(toPlainText(`a\u001b\ud800${'e\u0301'.repeat(500)}`))).toBe(true);
  });

  it('reads and writes times', () => {
    expect(formatTime(Date.UTC(2027, 0, 2, 3, 4, 5, 678))).toBe('2027-01-02T03:04:05Z');
    expect(isExpired(terms, Date.parse(terms.expires) - 1)).toBe(false);
    expect(isExpired(terms, Date.parse(terms.expires))).toBe(true);
    expect(randomNonce(systemRandom)).toHaveLength(22);
  });
});

describe('range', () => {
  it('maps prices to positions and back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.bigInt({ min: 1n, max: 2n ** 40n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (min, span, step, pick) => {
          const range = rangeSchema.parse({ min: `${min}`, max: `${min + span}`, step: `${step}` });
          const grid = parseRange(range);
          expect(grid.max <= min + span && grid.max + step > min + span).toBe(true);
          const index = pick % grid.count;
          const price = gridPrice(grid, index);
          expect(gridIndex(grid, price)).toBe(index);
          if (step > 1n) expect(gridIndex(grid, price + 1n)).toBeUndefined();
          expect(gridIndex(grid, grid.max + step)).toBeUndefined();
          expect(gridIndex(grid, min - step)).toBeUndefined();
          expect(gridIndex(grid, gridPrice(grid, grid.count))).toBeUndefined();
        },
      ),
    );
  });

  it('takes the full 64 bits, and no more', () => {
    const full = rangeSchema.parse({ min: '0', max: `${2n ** 64n - 1n}` });
    expect(parseRange(full).count).toBe(2n ** 64n);
    expect(rangeSchema.safeParse({ min: '-1', max: `${2n ** 64n - 1n}` }).success).toBe(false);
  });

  it('reads integers only as they are written', () => {
    expect(parseInteger('-12')).toBe(-12n);
    for (const text of ['', '-', '-0', '00', '1.0', ' 1', '1 ', '0x1', '１', '1'.repeat(41)]) {
      expect(parseInteger(text)).toBeUndefined();
    }
  });
});
