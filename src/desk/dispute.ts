import { platform } from '#platform';
import { type ArbiterSend, complain, type Proved, type ReadDispute, readDispute } from '../arbiter/index.ts';
import { readArbiterCard } from '../documents/arbiter-card.ts';
import { type Identity, rawPublicKey } from '../documents/identity.ts';
import { ConnectionError } from '../errors.ts';
import { type Ledger, questionDigest } from '../ledger/index.ts';
import type { Desk, DeskOptions } from './desk.ts';
import type { PeerRecords } from './home.ts';

export interface DisputingSide {
  readonly options: Pick<DeskOptions, 'home' | 'network' | 'rules'>;
  readonly identity: Identity;
  readonly records: Pick<PeerRecords, 'disputes' | 'ledger'>;
  readonly tell: Desk['tell'];
}

/**
 * After a session has failed in which this side had engaged: if it has the peer's engagement too, complains to the arbiter at once, whatever stopped the session, and
 * keeps the proof. Otherwise the dispute stays, for its person to ask about. Never rejects: what becomes of it is told.
 */
export async function turnToArbiter(side: DisputingSide, document: Uint8Array): Promise<void> {
  const { options, identity, records, tell } = side;
  try {
    const dispute = readDispute(document);
    const { session, fair } = dispute.engagement;
    const place = records.disputes?.place(session) ?? '';
    const complains = Object.keys(dispute.engagements).length > 1;
    tell({ kind: 'disputeOpen', place, complainBy: fair.complainBy, complains });
    if (!complains) return;
    const send = sendTo(dispute, options);
    const end = await complain({ dispute, identity, rules: options.rules, send });
    if (end.kind !== 'proved') {
      tell({ kind: 'disputeStays', place, error: undefined });
      return;
    }
    const kept = await options.home.keepOutcome(end.proof);
    await settleInLedger(records.ledger, dispute, end);
    await records.disputes?.remove(session);
    const { outcome, terms } = end.agreement;
    tell({ kind: 'outcomeProved', place: kept, outcome, terms });
  } catch (error) {
    tell({ kind: 'disputeStays', place: undefined, error });
  }
}

/** Records in the ledger that the outcome which had been released is proved: it then stands like an agreement. */
export async function settleInLedger(
  ledger: Ledger | undefined,
  { engagement, role }: Pick<ReadDispute, 'engagement' | 'role'>,
  { proof, agreement: { terms } }: Pick<Proved, 'proof' | 'agreement'>,
): Promise<void> {
  const [, peer] = Object.entries(engagement.parties).find(([name]) => name !== role)!;
  await ledger?.settled(rawPublicKey(peer), terms.matter ?? terms.subject, {
    question: questionDigest(terms),
    session: engagement.session,
    digest: platform.sha256(proof),
  });
}

/** How the arbiter of a dispute is reached: under the address in its card. */
function sendTo({ engagement }: ReadDispute, { network }: DisputingSide['options']): ArbiterSend {
  const { at } = readArbiterCard(engagement.arbiter.card);
  if (at !== undefined && network.arbiter !== undefined) return network.arbiter(at);
  return async () => {
    throw new ConnectionError('ERR_CONNECT', 'the arbiter cannot be reached from here', {
      hint: 'bring it the complaint as a file',
    });
  };
}
