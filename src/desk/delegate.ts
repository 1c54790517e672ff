import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, Bounds, Mandate, PolicyBounds, Rule } from '../../protocols/rule.ts';
import { fingerprint, sameKey } from '../documents/identity.ts';
import { parseInteger } from '../documents/range.ts';
import type { PublicJwk, Security } from '../documents/terms.ts';
import { InputError, PolicyError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';
import type { MandateGiver, MandateRequest } from '../session/mandate.ts';
import { memorySessionLog, type SessionLog } from './session-log.ts';

/** What a delegate may do, whatever it is asked and whatever its mandate says. Everything that is named is needed; nothing is guessed. */
export interface Policy {
  /** Keys, or their RFC 7638 thumbprints (43 characters), of those it may negotiate with; or explicitly anyone. */
  readonly peers: readonly (PublicJwk | string)[] | 'anyone';
  /** Names of the rules. */
  readonly rules: readonly string[];
  /** Roles it may take. Default: any. */
  readonly roles?: readonly string[];
  /** The least security. Default: malicious. */
  readonly security?: Security;
  /** Whether bids must be sealed. Default: no. */
  readonly sealed?: boolean;
  /**
   * Price rules: the unit and decimals that terms must have, and the lowest and highest reservation, in the range's smallest unit. Without it price
   * rules are refused.
   */
  readonly price?: {
    readonly unit: string;
    readonly decimals: number;
    readonly min: bigint | string;
    readonly max: bigint | string;
  };
  /** Menus: the lowest reservation, from 0 to 1. Without it menus are refused. */
  readonly utility?: { readonly min: number };
  /** Bounds for rules of one's own, by the names that those rules give them. */
  readonly bounds?: Bounds;
  /** Most bits that the outcome may tell the peer about the mandate, on a deal or over all outcomes, whichever is more. */
  readonly maxBits: number;
  /** Most negotiations in any 24 hours for which it is asked for a mandate. */
  readonly sessionsPerDay: number;
  /** Whether it deals with a peer that the session's ledger has caught cheating, and nobody has forgiven. Default: refuse. */
  readonly afterCheat?: AfterCheat;
}

export interface DelegateOptions {
  readonly policy: Policy;
  /** Gives the mandate, once the policy allows the negotiation: a value, or who to ask. */
  readonly mandate: Mandate | ((request: MandateRequest) => Promise<Mandate> | Mandate);
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly Rule[];
  /** Where negotiations are counted. Default: in memory, so from zero when the program starts; one on disk outlives it. */
  readonly sessions?: SessionLog;
}

/** A mandate source that keeps to a policy: `negotiate({ …, mandate: delegate })`. */
export interface Delegate extends MandateGiver {
  (request: MandateRequest): Promise<Mandate>;
  readonly afterCheat: AfterCheat;
  /**
   * Whether the policy allows these terms with this peer; takes none of the day's negotiations. Throws PolicyError. For terms that somebody
   * offers, before they are accepted.
   */
  admit(request: Omit<MandateRequest, 'signal'>): Promise<void>;
}

const DAY = 86_400_000;

/**
 * A delegate that cannot exceed its policy. The policy is checked first, then one of the day's negotiations is taken, then the mandate is asked for, and
 * what it gives is held against the policy too. Throws PolicyError before anything private is sent; a session enters abstention for `ERR_POLICY_MANDATE`. InputError `ERR_USAGE` for a policy that
 * would never allow anything.
 */
export function defineDelegate({
  policy,
  mandate,
  rules = [],
  sessions = memorySessionLog(),
}: DelegateOptions): Delegate {
  const price = policy.price && { min: limit(policy.price.min), max: limit(policy.price.max) };
  requireSense(policy, price);
  const part = ({ terms }: Pick<MandateRequest, 'terms'>) => policyOf(ruleOf(terms, rules).under(terms));
  const delegate = async (request: MandateRequest): Promise<Mandate> => {
    await admit(policy, part, request);
    if (!(await sessions.take(policy.sessionsPerDay, Date.now() - DAY))) {
      throw new PolicyError(
        'ERR_POLICY_SESSIONS',
        `the policy allows ${policy.sessionsPerDay} negotiations a day, and they are used up`,
      );
    }
    const given = typeof mandate === 'function' ? await mandate(request) : mandate;
    const held = heldCopy(part(request), boundsOf(policy), given);
    if (held === undefined) {
      throw new PolicyError('ERR_POLICY_MANDATE', 'the mandate is outside the policy');
    }
    return held;
  };
  return Object.assign(delegate, {
    afterCheat: policy.afterCheat ?? 'refuse',
    admit: (request: Omit<MandateRequest, 'signal'>) => admit(policy, part, request),
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

async function admit(
  policy: Policy,
  part: (request: Pick<MandateRequest, 'terms'>) => PolicyBounds,
  request: Omit<MandateRequest, 'signal'>,
): Promise<void> {
  const { terms, role } = request;
  if (!(await allowsPeer(policy.peers, request.peer)))
    throw new PolicyError('ERR_POLICY_PEER', 'the policy does not allow this peer');
  if (policy.roles !== undefined && !policy.roles.includes(role)) {
    throw new PolicyError('ERR_POLICY_ROLE', `the policy does not allow the role ${role}`);
  }
  if (!policy.rules.includes(terms.rule.name)) {
    throw new PolicyError('ERR_POLICY_RULE', `the policy does not allow the rule ${terms.rule.name}`);
  }
  if (terms.security === 'semi-honest' && policy.security !== 'semi-honest') {
    throw new PolicyError('ERR_POLICY_SECURITY', 'the policy asks for malicious security');
  }
  if (policy.sealed === true && terms.seals === 'none')
    throw new PolicyError('ERR_POLICY_SECURITY', 'the policy asks for seals');
  const refusal = part(request).refusal(boundsOf(policy));
  if (refusal !== undefined) throw new PolicyError('ERR_POLICY_RANGE', refusal);
  const peerRole = Object.keys(terms.parties).find((name) => name !== role)!;
  const figure = request.leakage?.[peerRole];
  if (figure === undefined)
    throw new PolicyError('ERR_POLICY_DISCLOSURE', 'nobody can say what the outcome would disclose');
  const bits = Number.isNaN(figure.bitsGivenDeal) ? figure.bits : Math.max(figure.bits, figure.bitsGivenDeal);
  if (!(bits <= policy.maxBits)) {
    throw new PolicyError(
      'ERR_POLICY_DISCLOSURE',
      `the outcome would tell the ${peerRole} more than ${policy.maxBits} bits`,
    );
  }
}

async function allowsPeer(peers: Policy['peers'], peer: PublicJwk): Promise<boolean> {
  if (peers === 'anyone') return true;
  const thumbprint = await fingerprint(peer);
  return peers.some((one) => (typeof one === 'string' ? one === thumbprint : sameKey(one, peer)));
}

/** The rule's part of a policy. Throws PolicyError for a rule that has none: nobody could bound its mandates. */
function policyOf({ policy }: BoundRule): PolicyBounds {
  if (policy === undefined)
    throw new PolicyError('ERR_POLICY_RULE', 'the rule does not let a policy bound its mandates');
  return policy;
}

function boundsOf({ price, utility, bounds }: Policy): Bounds {
  return { ...bounds, price, utility };
}

type PriceBounds = { readonly min: bigint; readonly max: bigint };

function requireSense(
  { maxBits, sessionsPerDay, utility, peers }: Policy,
  price: PriceBounds | undefined,
): void {
  const count = Number.isSafeInteger(sessionsPerDay) && sessionsPerDay >= 0;
  const named =
    peers === 'anyone' || peers.every((one) => typeof one !== 'string' || /^[\w-]{43}$/.test(one));
  const bounds =
    (price === undefined || price.min <= price.max) && !(utility !== undefined && !(utility.min >= 0));
  if (count && named && bounds && maxBits >= 0) return;
  throw usage('the policy would never allow anything', 'check its peers, bounds and counts');
}

function limit(value: bigint | string): bigint {
  const parsed = typeof value === 'bigint' ? value : parseInteger(value);
  if (parsed === undefined)
    throw usage("the policy's price is not an integer", 'write it in the smallest unit, like 450000n');
  return parsed;
}

function usage(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
