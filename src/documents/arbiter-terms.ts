import * as z from 'zod';
import { canonicalText } from './json.ts';
import { type GeneralJws, jwsSchema } from './jws.ts';

/** Who opens the outcome for a side that the other one has left (src/escrow). */
export interface ArbiterTerms {
  /** The arbiter's card, whole and as it signed it: `readArbiterCard` reads it. */
  readonly card: GeneralJws;
  /** Seconds after an engagement in which a side may complain. */
  readonly window: number;
}

/** The longest card of an arbiter, in its RFC 8785 form. */
const MAX_CARD_LENGTH = 8_192;
/** The longest window that any terms can have, thirty days in seconds. */
const MAX_WINDOW = 2_592_000;
const BASE64URL = /^[\w-]*$/;

const card = jwsSchema.refine(isCardShaped, 'not a signed card of an arbiter');
/** The member `arbiter` of terms. */
export const arbiterSchema: z.ZodType<ArbiterTerms> = z.strictObject({
  card,
  window: z.int().min(1).max(MAX_WINDOW),
});

/**
 * Terms, or what should be terms, without the arbiter's card: its strings are longer than text in documents may be. They are base64url, which the schema checks.
 */
export function withoutCard(terms: unknown): unknown {
  if (typeof terms !== 'object' || terms === null || !('arbiter' in terms)) return terms;
  const { arbiter } = terms;
  if (typeof arbiter !== 'object' || arbiter === null || !('card' in arbiter)) return terms;
  return { ...terms, arbiter: { ...arbiter, card: null } };
}

function isCardShaped(card: GeneralJws): boolean {
  const [only, ...more] = card.signatures;
  return (
    only !== undefined &&
    more.length === 0 &&
    [card.payload, only.protected, only.signature].every((text) => BASE64URL.test(text)) &&
    canonicalText(card).length <= MAX_CARD_LENGTH
  );
}
