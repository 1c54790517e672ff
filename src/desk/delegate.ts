import { outcomeBits } from '../../protocols/outcome-bits.ts';
import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, Bounds, Mandate, PolicyBounds, Rule } from '../../protocols/rule.ts';
import { PolicyError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';
import type { AdmissionRequest, MandateGiver, MandateRequest } from '../session/mandate.ts';
import { admitUnder, boundedBy } from './admission.ts';
import { boundsOf, type Policy, requireSense } from './policy.ts';
import { memorySessionLog, type SessionLog } from './session-log.ts';

export interface DelegateOptions {
  readonly policy: Policy;
  /** Gives the mandate, once the policy allows the negotiation: a value, or who to ask. */
  readonly mandate: Mandate | ((request: MandateRequest) => Promise<Mandate> | Mandate);
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly Rule[];
  /**
   * Where negotiations, and what they may have told, are counted: delegates that share it share a budget. Default: in memory, so from zero when the
   * program starts; one on disk outlives it.
   */
  readonly sessions?: SessionLog;
}

/** A mandate source that keeps to a policy: `negotiate({ …, mandate: delegate })`. */
export interface Delegate extends MandateGiver {
  (request: MandateRequest): Promise<Mandate>;
  readonly afterCheat: AfterCheat;
  /**
   * Whether the policy allows these terms with this peer; takes nothing of the day's negotiations, or of the budget. Throws PolicyError. It never looks
   * at a mandate. For terms that somebody offers, before they are accepted; a session asks before it sends anything.
   */
  admit(request: AdmissionRequest): Promise<void>;
  /** Counts a negotiation for which nobody is asked, as if its mandate were asked for. Throws PolicyError. */
  again(request: AdmissionRequest): Promise<void>;
}

const DAY = 86_400_000;

/**
 * A delegate that cannot exceed its policy. The policy is checked first, then one of the day's negotiations and the bits that its outcome may tell
 * are taken, then the mandate is asked for, and what it gives is held against the policy too. Throws PolicyError before anything private is sent; a
 * session enters abstention for `ERR_POLICY_MANDATE`. InputError `ERR_USAGE` for a policy that says too little, or would never allow anything.
 */
export function defineDelegate({
  policy,
  mandate,
  rules = [],
  sessions = memorySessionLog(),
}: DelegateOptions): Delegate {
  requireSense(policy);
  const { maxBits, budget = maxBits, sessionsPerDay } = policy;
  const under = ({ terms }: AdmissionRequest): BoundRule => ruleOf(terms, rules).under(terms);
  const count = async (bound: BoundRule, request: AdmissionRequest): Promise<void> => {
    await admitUnder(policy, bound, request);
    if (!(await sessions.take(sessionsPerDay, Date.now() - DAY))) {
      throw new PolicyError(
        'ERR_POLICY_SESSIONS',
        `the policy allows ${sessionsPerDay} negotiations a day, and they are used up`,
      );
    }
    if (!(await sessions.spend(outcomeBits(bound, request.terms), budget))) {
      throw new PolicyError(
        'ERR_POLICY_BUDGET',
        `all outcomes together may tell ${budget} bits, and what is left is too little for this one`,
      );
    }
  };
  const delegate = async (request: MandateRequest): Promise<Mandate> => {
    const bound = under(request);
    await count(bound, request);
    const given = typeof mandate === 'function' ? await mandate(request) : mandate;
    const held = heldCopy(boundedBy(bound), boundsOf(policy, request.terms.rule), given);
    if (held === undefined) {
      throw new PolicyError('ERR_POLICY_MANDATE', 'the mandate is outside the policy');
    }
    return held;
  };
  return Object.assign(delegate, {
    afterCheat: policy.afterCheat ?? 'refuse',
    admit: (request: AdmissionRequest) => admitUnder(policy, under(request), request),
    again: async (request: AdmissionRequest) => count(under(request), request),
  });
}

/**
 * A copy of a mandate that keeps to the bounds, which whoever gave it cannot change after the check; undefined for any other, such as one that cannot be copied or
 * read: what is wrong with a mandate must look alike from outside.
 */
function heldCopy(part: PolicyBounds, bounds: Bounds, given: Mandate): Mandate | undefined {
  try {
    const copy = structuredClone(given);
    return part.holds(bounds, copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}
