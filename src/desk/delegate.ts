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
  /** The mandate, or a function that gives it. Used once the policy has allowed the negotiation. */
  readonly mandate: Mandate | ((request: MandateRequest) => Promise<Mandate> | Mandate);
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly Rule[];
  /**
   * Counts negotiations, and the bits that they may have told. Delegates that share a log share a budget. Default: in memory, so the count starts
   * from zero with the program; a log on disk keeps it.
   */
  readonly sessions?: SessionLog;
}

/** A mandate source that keeps to a policy: `negotiate({ …, mandate: delegate })`. */
export interface Delegate extends MandateGiver {
  (request: MandateRequest): Promise<Mandate>;
  readonly afterCheat: AfterCheat;
  /** Whether its mandate is a value, so that nothing is prepared while it is asked. */
  readonly atHand?: boolean;
  /**
   * Throws PolicyError if the policy does not allow these terms with this peer, or if what is left of the day's negotiations or of the budget is too
   * little. Counts nothing, and never looks at a mandate. Call it before offered terms are accepted; a session calls it before it sends anything.
   */
  admit(request: AdmissionRequest): Promise<void>;
  /** Counts a negotiation for which nobody is asked as if a mandate had been asked for. Throws PolicyError. */
  again(request: AdmissionRequest): Promise<void>;
}

const DAY = 86_400_000;

/** Whether a mandate comes from a delegate. */
export function isDelegate(mandate: unknown): mandate is Delegate {
  return typeof mandate === 'function' && 'admit' in mandate;
}

/**
 * A delegate that cannot exceed its policy. First the policy is checked, and what is left. Once the terms are agreed, one of the day's negotiations, and the bits that its outcome may tell,
 * are counted. Then the mandate is asked for, and checked against the policy too. The delegate throws PolicyError before anything private is sent; for
 * `ERR_POLICY_MANDATE` a session enters abstention. Throws InputError `ERR_USAGE` for a policy that says too little, or would never allow anything.
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
  const admit = async (request: AdmissionRequest): Promise<void> => {
    const bound = under(request);
    await admitUnder(policy, bound, request);
    if (request.repeated === true) return;
    if (!(await sessions.canTake(sessionsPerDay, Date.now() - DAY))) throw noneLeft(sessionsPerDay);
    if (!(await sessions.canSpend(outcomeBits(bound, request.terms), budget))) throw tooLittleLeft(budget);
  };
  const count = async (bound: BoundRule, request: AdmissionRequest): Promise<void> => {
    await admitUnder(policy, bound, request);
    if (!(await sessions.take(sessionsPerDay, Date.now() - DAY))) throw noneLeft(sessionsPerDay);
    if (!(await sessions.spend(outcomeBits(bound, request.terms), budget))) throw tooLittleLeft(budget);
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
    atHand: typeof mandate !== 'function',
    admit,
    again: async (request: AdmissionRequest) => count(under(request), request),
  });
}

function noneLeft(sessionsPerDay: number): PolicyError {
  return new PolicyError(
    'ERR_POLICY_SESSIONS',
    `the policy allows ${sessionsPerDay} negotiations a day, and they are used up`,
  );
}

function tooLittleLeft(budget: number): PolicyError {
  return new PolicyError(
    'ERR_POLICY_BUDGET',
    `all outcomes together may tell ${budget} bits, and what is left is too little for this one`,
  );
}

/**
 * A copy of a mandate that keeps to the bounds; its source cannot change the copy after the check. Undefined for any other mandate, also for one that cannot be
 * copied or read: all such mandates must look alike from outside.
 */
function heldCopy(part: PolicyBounds, bounds: Bounds, given: Mandate): Mandate | undefined {
  try {
    const copy = structuredClone(given);
    return part.holds(bounds, copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}
