import { outcomeBits } from '../../protocols/outcome-bits.ts';
import type { BoundRule, PolicyBounds } from '../../protocols/rule.ts';
import { arbiterFingerprint, readArbiterCard } from '../documents/arbiter-card.ts';
import type { ArbiterTerms } from '../documents/arbiter-terms.ts';
import { principalFingerprint } from '../documents/delegation.ts';
import { thumbprint } from '../documents/identity.ts';
import { canonicalText } from '../documents/json.ts';
import { optionalIn } from '../documents/optional-members.ts';
import type { PublicJwk, Terms } from '../documents/terms.ts';
import { isParleyError, PolicyError } from '../errors.ts';
import type { AdmissionRequest } from '../session/mandate.ts';
import { boundsOf, latestDeadline, type OtherMember, type Policy } from './policy.ts';

/**
 * Throws PolicyError if the policy does not allow these terms with this peer. `bound` is the rule under these terms. The decision depends on terms, peer
 * and policy alone, so a refusal tells nothing about a mandate.
 */
export async function admitUnder(
  policy: Policy,
  bound: BoundRule,
  { terms, peer, role, delegation }: AdmissionRequest,
): Promise<void> {
  requirePeer(policy, { terms, peer, role, delegation });
  requireRole(policy, terms, role);
  requireSubject(policy, terms);
  if (!policy.rules.includes(terms.rule.name))
    throw new PolicyError('ERR_POLICY_RULE', `the policy does not allow the rule ${terms.rule.name}`);
  requireSecurity(policy, terms);
  requireArbiter(policy, terms);
  requireMembers(policy, terms);
  requireAttempts(policy, terms);
  const refusal = boundedBy(bound).refusal(boundsOf(policy, terms.rule));
  if (refusal !== undefined) throw new PolicyError('ERR_POLICY_RANGE', refusal);
  const bits = outcomeBits(bound, terms);
  if (!(bits >= 0 && bits <= policy.maxBits)) {
    throw new PolicyError(
      'ERR_POLICY_DISCLOSURE',
      `an outcome could tell the other side more than ${policy.maxBits} bits`,
    );
  }
}

/** The rule's part of a policy. Throws PolicyError for a rule without one: no policy could bound its mandates. */
export function boundedBy({ policy }: BoundRule): PolicyBounds {
  if (policy === undefined)
    throw new PolicyError('ERR_POLICY_RULE', 'the rule does not let a policy bound its mandates');
  return policy;
}

/**
 * Whom the peer binds has to be among `peers`. As long as the certificate of a peer that may be represented can still come, nobody is refused: the policy is asked again before a mandate is
 * given.
 */
function requirePeer(
  { peers, represented = false, revocations = false }: Policy,
  { terms, peer, role, delegation }: AdmissionRequest,
): void {
  const acts = Object.keys(terms.mandates ?? {}).some((name) => name !== role);
  if (acts && (!represented || delegation === undefined)) throw refused('a peer that acts for somebody else');
  const awaited = delegation === 'awaited';
  if (awaited && represented) return;
  const principal = awaited ? undefined : delegation?.certificate.principal;
  const bound = principal === undefined ? thumbprint(peer) : principalFingerprint(principal);
  if (peers !== 'anyone' && !peers.map(nameOfKey).includes(bound)) {
    throw refused(principal === undefined ? 'this peer' : 'the principal whom the peer binds');
  }
  if (!awaited && revocations && delegation !== undefined && delegation.revocations === undefined)
    throw new PolicyError(
      'ERR_POLICY_PEER',
      'the policy asks for a list of revocations of the peer’s principal',
    );
}

function refused(whom: string): PolicyError {
  return new PolicyError('ERR_POLICY_PEER', `the policy does not allow ${whom}`);
}

function nameOfKey(one: PublicJwk | string): string {
  return typeof one === 'string' ? one : thumbprint(one);
}

function requireRole({ roles, called }: Policy, terms: Terms, role: string): void {
  if (roles !== 'any' && !roles.includes(role))
    throw new PolicyError('ERR_POLICY_ROLE', `the policy does not allow the role ${role}`);
  if (terms.roles === undefined || called === 'any') return;
  if (called === undefined || called.a !== terms.roles.a || called.b !== terms.roles.b)
    throw new PolicyError('ERR_POLICY_ROLE', 'the policy does not allow what the terms call the two sides');
}

function requireSubject({ subject, matter }: Policy, terms: Terms): void {
  if (!isOneOf(subject, terms.subject))
    throw new PolicyError('ERR_POLICY_SUBJECT', 'the policy does not allow this subject');
  if (terms.matter !== undefined && !isOneOf(matter ?? [terms.subject], terms.matter))
    throw new PolicyError('ERR_POLICY_SUBJECT', 'the policy does not allow this matter');
}

function isOneOf(allowed: string | readonly string[], text: string): boolean {
  if (allowed === 'any') return true;
  return typeof allowed === 'string' ? allowed === text : allowed.includes(text);
}

function requireSecurity({ security = 'malicious', sealed = true }: Policy, terms: Terms): void {
  if (terms.security === 'semi-honest') {
    if (security === 'semi-honest') return;
    throw new PolicyError('ERR_POLICY_SECURITY', 'the policy asks for malicious security');
  }
  if (sealed && terms.seals === 'none')
    throw new PolicyError('ERR_POLICY_SECURITY', 'the policy asks for seals');
}

/** With an arbiter in its pocket, a side can read every outcome. */
function requireArbiter({ arbiters = [] }: Policy, { arbiter }: Terms): void {
  if (arbiter === undefined) return;
  const name = nameOf(arbiter);
  if (name !== undefined && arbiters.includes(name)) return;
  throw new PolicyError(
    'ERR_POLICY_ARBITER',
    `the policy does not allow the arbiter ${name ?? 'of this card'}`,
  );
}

/** What binds a side beyond the outcome, its policy names. What it names has to be there: an obligation of the other side that is left out is as bad as one that is put in. */
function requireMembers({ members = {} }: Policy, terms: Terms): void {
  const { arbiter: _arbiter, mandates: _mandates, ...others } = optionalIn(terms);
  for (const member of new Set([...Object.keys(others), ...Object.keys(members)]) as Set<OtherMember>) {
    const allowed = Object.hasOwn(members, member) ? members[member] : undefined;
    const value = others[member];
    if (allowed === 'any' || isOne(allowed ?? [undefined], value)) continue;
    throw new PolicyError(
      'ERR_POLICY_MEMBER',
      `the policy does not allow what the terms say under ${member}`,
    );
  }
}

function isOne(allowed: readonly unknown[], value: unknown): boolean {
  if (value === undefined) return allowed.includes(undefined);
  const text = canonicalText(value);
  return allowed.some((one) => one !== undefined && canonicalText(one) === text);
}

/** An arbiter's fingerprint; undefined for a card that is none. */
function nameOf({ card }: ArbiterTerms): string | undefined {
  try {
    return arbiterFingerprint(readArbiterCard(card));
  } catch (error) {
    if (!isParleyError(error)) throw error;
    return undefined;
  }
}

function requireAttempts(policy: Policy, terms: Terms): void {
  const { attempts = 1 } = policy;
  if (terms.attempts > attempts)
    throw new PolicyError('ERR_POLICY_ATTEMPTS', `the terms allow more than ${attempts} attempts`);
  if (Date.parse(terms.expires) > latestDeadline(policy))
    throw new PolicyError(
      'ERR_POLICY_DEADLINE',
      'the deadline of the terms is further off than the policy allows',
    );
}
