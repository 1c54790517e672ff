import * as z from 'zod';
import { arbiterFingerprint, readArbiterCard } from './arbiter-card.ts';
import { foldText } from './fold.ts';
import { canonicalText } from './json.ts';
import { integerString } from './range.ts';
import type { Security, Terms } from './terms.ts';
import { isPlainText, quoted } from './text.ts';

/**
 * What a delegate may agree on for its principal: bounds on terms, which are public, and never the limit. It is closed: whatever it does not name is
 * refused, with the few exceptions that a member's comment names.
 */
export interface MandateScope {
  /** Rules by name, with whatever options they have; or a rule as terms write it, with exactly these options. */
  readonly rules: readonly (string | { readonly name: string; readonly [option: string]: unknown })[];
  /** Roles that the delegate may take, by the rule's names for them. */
  readonly roles: readonly string[];
  readonly minimumSecurity: Security;
  /** Says that bids need not be sealed under malicious security either. Without it they must be. */
  readonly seals?: 'none';
  /** The most attempts that terms may allow. Default: 1. */
  readonly attempts?: number;
  /** What terms may be about: both their subject and the matter that they name must be among these, in any spelling of the same name. Without it any subject is allowed, and no other matter. */
  readonly matters?: readonly string[];
  /** Unit and decimals that a range must have, and the prices that it must not leave. All four, or none: then no range is allowed. */
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: string;
  readonly max?: string;
  /** Fingerprints of the arbiters that terms may name. Without it terms may name none. */
  readonly arbiters?: readonly string[];
  /** Fingerprints of the other side: of its key, or of the principal for whom it acts. Without it the other side may be anyone. */
  readonly peers?: readonly string[];
  /** Further members that terms may have, whatever is in them: `menu`, `roles`, `obligations`, `ratify`, … */
  readonly further?: readonly string[];
  /** The delegate binds its principal only where a witness shows that it has signed before the certificate expired or was revoked. */
  readonly witnessed?: true;
}

/** Members of terms that a scope bounds by members of its own, or that say nothing about what is agreed. */
const BOUNDED: readonly string[] = [
  'parley',
  'subject',
  'matter',
  'rule',
  'range',
  'parties',
  'security',
  'seals',
  'attempts',
  'arbiter',
  'mandates',
  'expires',
  'nonce',
];

const MAX_ATTEMPTS = 1_000;
const FINGERPRINT = /^[\w-]{43}$/;
const MEMBER = /^[a-z][A-Za-z]{0,39}$/;

const text = z.string().min(1).refine(isPlainText);
const fingerprints = z.array(z.string().regex(FINGERPRINT)).min(1).max(256);

export const scopeSchema: z.ZodType<MandateScope> = z
  .strictObject({
    rules: z
      .array(z.union([text, z.looseObject({ name: text })]))
      .min(1)
      .max(32),
    roles: z.array(text).min(1).max(32),
    minimumSecurity: z.enum(['malicious', 'semi-honest']),
    seals: z.literal('none').exactOptional(),
    attempts: z.int().min(1).max(MAX_ATTEMPTS).exactOptional(),
    matters: z.array(text).min(1).max(256).exactOptional(),
    unit: z.string().refine(isPlainText).exactOptional(),
    decimals: z.int().min(0).max(18).exactOptional(),
    min: integerString.exactOptional(),
    max: integerString.exactOptional(),
    arbiters: fingerprints.exactOptional(),
    peers: fingerprints.exactOptional(),
    further: z
      .array(
        z
          .string()
          .regex(MEMBER)
          .refine((name) => !BOUNDED.includes(name)),
      )
      .max(32)
      .exactOptional(),
    witnessed: z.literal(true).exactOptional(),
  })
  .refine(({ unit, decimals, min, max }) => {
    const named = [unit, decimals, min, max].filter((one) => one !== undefined).length;
    return named === 0 || (named === 4 && BigInt(min!) <= BigInt(max!));
  });

/** What a scope is compared with. */
export interface Covered {
  readonly terms: Terms;
  /** The delegate's role. */
  readonly role: string;
  /** Fingerprint of the other side: of the principal for whom it acts, or else of its key. Undefined while that is unknown; then it is not compared. */
  readonly peer: string | undefined;
}

/** What a scope does not allow in these terms, in words; undefined if it covers them. Needs `loadSodium` for terms with an arbiter. */
export function notCovered(scope: MandateScope, { terms, role, peer }: Covered): string | undefined {
  if (!scope.roles.includes(role)) return 'its role';
  if (peer !== undefined && scope.peers?.includes(peer) === false) return 'the other side';
  const stray = Object.keys(terms).find(
    (member) => !BOUNDED.includes(member) && !scope.further?.includes(member),
  );
  if (stray !== undefined) return `the member ${quoted(stray)} of the terms`;
  return (
    ruleFault(scope, terms) ??
    matterFault(scope, terms) ??
    rangeFault(scope, terms) ??
    securityFault(scope, terms) ??
    arbiterFault(scope, terms)
  );
}

function ruleFault({ rules }: MandateScope, { rule }: Terms): string | undefined {
  const own = canonicalText(rule);
  const named = rules.some((one) =>
    typeof one === 'string' ? one === rule.name : canonicalText(one) === own,
  );
  return named ? undefined : 'the rule, or an option of it';
}

function matterFault({ matters }: MandateScope, { subject, matter }: Terms): string | undefined {
  const folded = foldText(subject);
  if (matters === undefined) {
    return matter === undefined || foldText(matter) === folded ? undefined : 'the matter';
  }
  const allowed = new Set(matters.map(foldText));
  if (!allowed.has(folded)) return 'the subject';
  return matter === undefined || allowed.has(foldText(matter)) ? undefined : 'the matter';
}

function rangeFault({ unit, decimals, min, max }: MandateScope, { range }: Terms): string | undefined {
  if (range === undefined) return undefined;
  if (min === undefined || max === undefined) return 'a range';
  if (range.unit !== unit || range.decimals !== decimals) return 'the unit of the range';
  const inside = BigInt(min) <= BigInt(range.min) && BigInt(range.max) <= BigInt(max);
  return inside ? undefined : 'the bounds of the range';
}

function securityFault(scope: MandateScope, { security, seals, attempts }: Terms): string | undefined {
  if (scope.minimumSecurity === 'malicious' && security !== 'malicious') return 'the kind of security';
  if (security === 'malicious' && seals === 'none' && scope.seals === undefined) return 'bids without seals';
  return attempts <= (scope.attempts ?? 1) ? undefined : 'the number of attempts';
}

function arbiterFault({ arbiters = [] }: MandateScope, { arbiter }: Terms): string | undefined {
  if (arbiter === undefined) return undefined;
  return arbiters.includes(arbiterFingerprint(readArbiterCard(arbiter.card))) ? undefined : 'the arbiter';
}
