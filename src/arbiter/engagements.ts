import { equalBytes } from '../crypto/bytes.ts';
import type { FairEngagement } from '../documents/fair-engagement.ts';
import { canonicalText } from '../documents/json.ts';
import { openJws } from '../documents/jws.ts';

/** What an engagement holds that its terms, session and `fair` do not fix. */
interface Further {
  readonly seals?: unknown;
  readonly fingerprints?: { readonly keys: unknown; readonly values: object };
}

/**
 * Whether two engagements are of one case, and say the same in all that both must say: otherwise they prove no outcome. A party that could make its
 * engagement only for the arbiter, with other seals, would have the outcome, and with its true engagement a proof; the other side would have neither.
 */
export function belongTogether(one: FairEngagement, other: FairEngagement): boolean {
  const [left, right] = [sharedPart(one), sharedPart(other)];
  return equalBytes(one.case, other.case) && left !== undefined && left === right;
}

/** Seals, and keys of fingerprints, in one text. Undefined if it has fingerprints of another role than its own. */
function sharedPart({ engagement, role }: FairEngagement): string | undefined {
  const { seals, fingerprints } = openJws(engagement).payload as Further;
  if (fingerprints !== undefined) {
    const [named, ...more] = Object.keys(fingerprints.values);
    if (named !== role || more.length > 0) return undefined;
  }
  return canonicalText({ seals: seals ?? null, keys: fingerprints?.keys ?? null });
}
