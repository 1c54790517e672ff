import type { OptionBounds } from '../../protocols/option-bounds.ts';
import type { Bounds, Rule } from '../../protocols/rule.ts';
import type { OptionalMembers } from '../documents/optional-members.ts';
import { parseInteger } from '../documents/range.ts';
import type { PublicJwk, RoleNames, Security } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';

/**
 * What a delegate may do, whatever it is asked and whatever its mandate says. A member that is missing means that nothing of its kind is allowed, or
 * has the default named with it.
 */
export interface Policy {
  /**
   * Whom it may negotiate with, by keys or fingerprints of 43 characters (RFC 7638 thumbprints, `principalFingerprint`): whom the peer binds, which is itself or, where it acts under a mandate certificate, its
   * principal; or explicitly anyone.
   */
  readonly peers: readonly (PublicJwk | string)[] | 'anyone';
  /** Whether a peer may act for one of `peers` under a mandate certificate. Its own key then counts for nothing. Default: each peer has to act for itself. */
  readonly represented?: boolean;
  /** Whether a peer that acts under a mandate certificate must show a fresh list of revocations. Default: only where the certificate asks for one. */
  readonly revocations?: boolean;
  /** The subject that terms must have, letter by letter, or one of several; or explicitly any. */
  readonly subject: string | readonly string[] | 'any';
  /** Likewise for the matter that terms may name. Default: only the subject. */
  readonly matter?: string | readonly string[] | 'any';
  /** Roles that it may take, by the rule's names for them; or explicitly any. */
  readonly roles: readonly string[] | 'any';
  /** What terms may call the two sides; or explicitly anything. Default: only the rule's own names. */
  readonly called?: RoleNames | 'any';
  /** Names of the rules that it may use. */
  readonly rules: readonly string[];
  /** What the options of a rule may be, by the rule's name. Default: only the values that apply where terms do not set them. */
  readonly options?: Readonly<Record<string, OptionBounds>>;
  /** Most attempts that terms may allow. Default: 1. */
  readonly attempts?: number;
  /** Most days until the terms' deadline. Default: 31. */
  readonly maxDays?: number;
  /** The least security. Default: malicious. */
  readonly security?: Security;
  /**
   * Fingerprints (`arbiterFingerprint`) of the arbiters that terms may name. An arbiter that is in league with the peer reads every outcome, so list only those that belong to neither side.
   * Default: none.
   */
  readonly arbiters?: readonly string[];
  /**
   * What each of the other members that terms need not have must be: one of these values, member by member the same, where `undefined` stands for terms without it; or explicitly anything,
   * or nothing. Default: the terms may not have it.
   */
  readonly members?: { readonly [Member in OtherMember]?: readonly unknown[] | 'any' };
  /** Whether bids must be sealed under malicious security; semi-honest security has no seals. Default: yes. */
  readonly sealed?: boolean;
  /** Limits for price rules, which are refused without it. Figures are in the range's smallest unit. */
  readonly price?: PricePolicy;
  /** Limits for menus, which are refused without it: the lowest reservation, from 0 to 1, and the menu that terms must have, as in terms, or explicitly any. */
  readonly utility?: { readonly min: number; readonly menu: unknown };
  /** Bounds for rules of one's own, by the names that those rules give them. */
  readonly bounds?: Bounds;
  /** The most bits that one outcome may tell the peer about the mandate: log₂ of the number of outcomes that the terms can have. */
  readonly maxBits: number;
  /**
   * The most bits that all outcomes together may tell about the mandate, over all peers, as counted in `sessions`. A negotiation counts from the moment
   * when its mandate is asked for, so one that breaks off counts too. Default: `maxBits`.
   */
  readonly budget?: number;
  /** The most negotiations in any 24 hours in which the delegate is asked for a mandate. */
  readonly sessionsPerDay: number;
  /** Whether the delegate deals with a peer whose cheat is in the session's ledger and has not been forgiven. Default: refuse. */
  readonly afterCheat?: AfterCheat;
}

/** The optional members of terms that have no part of their own in a policy. */
export type OtherMember = Exclude<keyof OptionalMembers, 'arbiter' | 'mandates'>;

/** The part of a policy for price rules. */
export interface PricePolicy {
  /** The unit that terms must have, and below the number of decimals. */
  readonly unit: string;
  readonly decimals: number;
  /** The lowest and the highest reservation. */
  readonly min: bigint | string;
  readonly max: bigint | string;
  /** What the terms' range must hold. Default: from the lowest reservation to the highest. */
  readonly range?: { readonly min: bigint | string; readonly max: bigint | string };
  /** How far apart the prices of the terms may be. Default: 1. */
  readonly step?: bigint | string;
}

/** A fingerprint of a peer or an arbiter. */
const FINGERPRINT = /^[\w-]{43}$/;
const DEFAULT_DAYS = 31;
const DAY = 86_400_000;

/** The latest deadline that terms may have, in milliseconds since 1970. */
export function latestDeadline({ maxDays = DEFAULT_DAYS }: Policy, now = Date.now()): number {
  return now + maxDays * DAY;
}

/** What a policy says about mandates and options under a rule. */
export function boundsOf({ price, utility, bounds, options }: Policy, { name }: Pick<Rule, 'name'>): Bounds {
  const own = options !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;
  return { ...bounds, price, utility, options: own };
}

/** Throws InputError `ERR_USAGE` for a policy that says too little, or that would never allow anything. */
export function requireSense(policy: Policy): void {
  const { peers, subject, roles, utility, price } = policy;
  if (peers === undefined || subject === undefined || roles === undefined || policy.rules === undefined) {
    throw usage(
      'the policy is incomplete',
      'add what is missing; a policy needs peers, subject, roles and rules',
    );
  }
  const named = peers === 'anyone' || peers.every((one) => typeof one !== 'string' || FINGERPRINT.test(one));
  const counts = [policy.sessionsPerDay, policy.attempts ?? 1].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  const amounts = [policy.maxBits, policy.budget ?? 0, policy.maxDays ?? 0, utility?.min ?? 0];
  const finite = Number.isFinite(policy.maxBits) && Number.isFinite(policy.budget ?? 0);
  const arbiters = (policy.arbiters ?? []).every((one) => FINGERPRINT.test(one));
  if (named && arbiters && counts && finite && amounts.every((amount) => amount >= 0) && inOrder(price))
    return;
  throw usage('the policy would never allow anything', 'check its peers, bounds and counts');
}

function inOrder(price: PricePolicy | undefined): boolean {
  if (price === undefined) return true;
  const { min, max, range = price, step = 1n } = price;
  return integer(min) <= integer(max) && integer(range.min) <= integer(range.max) && integer(step) >= 1n;
}

function integer(value: bigint | string): bigint {
  const parsed = typeof value === 'bigint' ? value : parseInteger(value);
  if (parsed === undefined)
    throw usage("the policy's price is not an integer", 'write it in the smallest unit, like 450000n');
  return parsed;
}

function usage(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
