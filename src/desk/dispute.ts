import { platform } from '#platform';
import { ruleOf } from '../../protocols/registry.ts';
import type { Rule } from '../../protocols/rule.ts';
import {
  type ArbiterSend,
  complain,
  type DisputeEnd,
  type Proved,
  type ReadDispute,
  readDispute,
  type Voided,
} from '../arbiter/index.ts';
import { readArbiterCard } from '../documents/arbiter-card.ts';
import { findDelegations } from '../documents/bound-party.ts';
import { ledgerName } from '../documents/delegation.ts';
import { type Identity, rawPublicKey } from '../documents/identity.ts';
import type { Terms } from '../documents/terms.ts';
import { ConnectionError } from '../errors.ts';
import { type Ledger, matterFor, namesOf, questionDigest } from '../ledger/index.ts';
import { verifyEngagement } from '../verify/verify.ts';
import type { Desk, DeskOptions } from './desk.ts';
import type { PeerRecords } from './home.ts';
import { type Clock, retrying, systemClock } from './retrying.ts';

export interface DisputingSide {
  readonly options: Pick<DeskOptions, 'home' | 'network' | 'rules'>;
  readonly identity: Identity;
  readonly records: Pick<PeerRecords, 'disputes' | 'ledger'>;
  /** Ends the tries to reach the arbiter. If it has aborted before, there is one. */
  readonly signal: AbortSignal;
  readonly tell: Desk['tell'];
  readonly clock?: Clock;
}

/**
 * After a session has failed in which this side had engaged: if it has the peer's engagement too, complains to the arbiter at once, whatever stopped the session, and
 * keeps the proof. Tries again until the deadline for complaints. Otherwise the dispute stays, for its person to ask about. Never rejects: what becomes of it is told.
 */
export async function turnToArbiter(side: DisputingSide, document: Uint8Array): Promise<void> {
  const { options, records, signal, tell } = side;
  let place: string | undefined;
  try {
    const dispute = readDispute(document);
    const { session, fair } = dispute.engagement;
    place = records.disputes?.place(session);
    const complains = Object.keys(dispute.engagements).length > 1;
    tell({ kind: 'disputeOpen', place: place ?? '', complainBy: fair.complainBy, complains });
    if (!complains) return;
    const end = await complainInTime(side, dispute, place ?? '');
    if (end.kind !== 'proved') {
      tell({ kind: 'disputeStays', place, error: undefined });
      return;
    }
    const kept = await options.home.keepOutcome(end.proof);
    await settleInLedger(records.ledger, dispute, end, options.rules);
    await records.disputes?.remove(session);
    const { outcome, terms, proof } = end.agreement;
    tell({
      kind: 'outcomeProved',
      ...{ place: kept, outcome, terms, role: dispute.role, proof: proof === 'opened' ? proof : 'resolved' },
    });
  } catch (error) {
    tell({ kind: 'disputeStays', place, error: signal.aborted ? undefined : error });
  }
}

/** Complains until the arbiter answers, the deadline has come, or the signal aborts. */
async function complainInTime(
  { options: { rules, network }, identity, signal, tell, clock = systemClock }: DisputingSide,
  dispute: ReadDispute,
  place: string,
): Promise<DisputeEnd> {
  const stopped = signal.aborted;
  const send = sendTo(network, dispute, stopped ? undefined : signal);
  const once = () => complain({ dispute, identity, rules, send });
  if (stopped) return once();
  const { complainBy } = dispute.engagement.fair;
  return retrying(once, {
    ...{ signal, clock, until: Date.parse(complainBy) },
    onFailed: (error, again) => tell({ kind: 'complaintFailed', error, again, complainBy, place }),
  });
}

/**
 * Records in the ledger how a dispute has ended: a proved outcome stands like an agreement, and a void gives the attempt back where seals show what both had entered. If
 * this side had opened its mask before the void, the other side may hold outcome and proof: then the release still waits for its agreement.
 */
export async function settleInLedger(
  ledger: Ledger | undefined,
  dispute: ReadDispute,
  end: Proved | Voided,
  rules?: readonly Rule[],
): Promise<void> {
  if (ledger === undefined || (end.kind === 'void' && end.mayBeBound)) return;
  const terms = await termsOf(dispute, rules);
  const { names, matter, ...of } = releaseOf(dispute, terms);
  for (const name of names) {
    if (end.kind === 'proved')
      await ledger.settled(name, matter, { ...of, digest: platform.sha256(end.proof) });
    else await ledger.ended(name, matter, { ...of, end: 'void', shown: showsEntries(terms, rules) });
  }
}

/** Records in the ledger that nobody will say how a dispute has ended. Attempt and bits stay counted. */
export async function giveUpInLedger(
  ledger: Ledger | undefined,
  dispute: ReadDispute,
  rules?: readonly Rule[],
): Promise<void> {
  if (ledger === undefined) return;
  const { names, matter, ...of } = releaseOf(dispute, await termsOf(dispute, rules));
  for (const name of names) await ledger.ended(name, matter, { ...of, end: 'unknown', shown: false });
}

async function termsOf(
  { role, engagements }: ReadDispute,
  rules: readonly Rule[] | undefined,
): Promise<Terms> {
  const { terms } = await verifyEngagement(engagements[role]!, { parties: 'unpinned', rules });
  return terms;
}

/** The release of a dispute's session, as the ledger knows it under each name of the peer. */
function releaseOf({ engagement, role, mandates }: ReadDispute, terms: Terms) {
  const [peerRole, peer] = Object.entries(engagement.parties).find(([name]) => name !== role)!;
  const delegations = findDelegations(terms, Object.values(mandates ?? {}));
  const delegation = delegations.get(peerRole);
  const own = rawPublicKey(peer);
  return {
    names: delegation === undefined ? [own] : namesOf(ledgerName(delegation.certificate.principal), own),
    matter: matterFor(terms, delegations.get(role)?.certificate.principal),
    question: questionDigest(terms),
    session: engagement.session,
  };
}

/** Whether seals show, in every session, that a party has entered the same as before. */
function showsEntries(terms: Terms, rules: readonly Rule[] | undefined): boolean {
  return terms.seals !== 'none' && ruleOf(terms, rules).under(terms).seal?.committed === undefined;
}

/** How the arbiter of a dispute is reached. Throws ConnectionError `ERR_CONNECT` if it cannot be reached from here. */
function sendTo(
  network: DeskOptions['network'],
  { engagement }: ReadDispute,
  signal: AbortSignal | undefined,
): ArbiterSend {
  const { at } = readArbiterCard(engagement.arbiter.card);
  const send = network.arbiter?.(at, signal && { signal });
  if (send !== undefined) return send;
  throw new ConnectionError('ERR_CONNECT', 'the arbiter cannot be reached from here', {
    hint: 'bring it the complaint as a file',
  });
}
