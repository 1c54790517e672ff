import { z } from 'zod';
import { seededRandom } from '../../src/crypto/random.ts';
import { generateIdentity, type LocalIdentity } from '../../src/documents/identity.ts';
import { gridIndex, parseInteger, parseRange, rangeSchema } from '../../src/documents/range.ts';
import {
  checkRulePart,
  completeTerms,
  type RuleForTerms,
  type Terms,
  type TermsDraft,
} from '../../src/documents/terms.ts';

const anyPriceTerms = z.strictObject({
  rule: z.strictObject({ name: z.literal('any-price'), share: z.string().default('1/2') }),
  range: rangeSchema,
});

/** A rule that gives any price on the grid: enough of one for documents. */
export const anyPrice: RuleForTerms = {
  name: 'any-price',
  roles: ['seller', 'buyer'],
  under(given) {
    const terms = checkRulePart(anyPriceTerms, given);
    return {
      terms,
      permits({ deal, price, ...more }) {
        if (Object.keys(more).length > 0) return false;
        if (!deal) return price === undefined;
        const value = typeof price === 'string' ? parseInteger(price) : undefined;
        return value !== undefined && gridIndex(parseRange(terms.range), value) !== undefined;
      },
    };
  },
};

export function identity(seed: number): LocalIdentity {
  return generateIdentity(seededRandom(new Uint8Array(16).fill(seed)));
}

export const seller = identity(1);
export const buyer = identity(2);

export const draft: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'any-price' },
  range: { min: '0', max: '1000', step: '5', unit: 'USD' },
  security: 'semi-honest',
};

export const completion = {
  parties: { seller: seller.publicKey, buyer: buyer.publicKey },
  expires: '2027-01-01T00:00:00Z',
  nonce: 'AAECAwQFBgcICQoLDA0ODw',
};

export const terms: Terms = completeTerms(draft, completion, anyPrice);
export const session = new Uint8Array(32).map((_, index) => index);

/** Whether a block of 1,024 code points is looked at: of planes 4 to 13, which are empty, and 15 and 16, for private use, the first and the last. */
function isLookedAt(block: number): boolean {
  const [plane, place] = [block >> 6, block & 63];
  const isUniform = (plane >= 4 && plane <= 13) || plane >= 15;
  return !isUniform || place === 0 || place === 63;
}

/** Every code point but surrogates, as strings, a thousand at a time; of planes in which all are alike only some. */
export function everyCharacter(): string[][] {
  const blocks = Array.from({ length: 0x110000 / 1024 }, (_, block) => block);
  return blocks.filter(isLookedAt).map((block) =>
    Array.from({ length: 1024 }, (_, place) => 1024 * block + place)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code)),
  );
}
