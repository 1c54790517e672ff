import { signComplaint } from '../documents/complaint.ts';
import { type Identity, sameKey } from '../documents/identity.ts';
import { serializeJws } from '../documents/jws.ts';
import { InputError, isParleyError } from '../errors.ts';
import { shownOf } from '../escrow/index.ts';
import type { ReadDispute } from './dispute.ts';
import { type Proved, proveOpened, proveResolved, type Side } from './prove.ts';
import { type Pending, settle, type Voided } from './settle.ts';

/** What a side sends to the arbiter: a complaint, or its own engagement as a question. */
export interface ArbiterRequest {
  readonly kind: 'complaint' | 'question';
  readonly document: Uint8Array;
}

/** Takes a request to the arbiter. Undefined: the arbiter cannot say yet. Throws ArbiterError for a refusal. */
export type ArbiterSend = (request: ArbiterRequest) => Promise<Uint8Array | undefined>;

/** What became of a dispute. */
export type DisputeEnd = Proved | Voided | Pending;

export interface ComplainOptions extends Side {
  readonly send: ArbiterSend;
}

/**
 * Ends a dispute as far as it can be ended now. If the peer has opened its mask, the proof is complete without the arbiter. Otherwise this side complains if it
 * has both engagements, and asks if it has not. Throws ArbiterError for a refusal, and VerificationError `ERR_RESOLUTION_INVALID` for an answer that does not hold.
 */
export async function complain({ send, ...side }: ComplainOptions): Promise<DisputeEnd> {
  const { dispute, identity } = side;
  const opened = await proveOpened(side);
  if (opened !== undefined) return opened;
  const request = await requestOf(dispute, identity);
  try {
    return await conclude(side, await send(request));
  } catch (error) {
    if (request.kind === 'question' || !isParleyError(error) || error.code !== 'ERR_COMPLAINT_LATE')
      throw error;
    return conclude(side, await send(questionOf(dispute)));
  }
}

/** What an answer of the arbiter means for this side; undefined: it cannot say yet. It is not looked at if the peer has opened its mask. Throws VerificationError `ERR_RESOLUTION_INVALID` unless the answer holds. */
export async function conclude(side: Side, answer: Uint8Array | undefined): Promise<DisputeEnd> {
  const opened = await proveOpened(side);
  if (opened !== undefined) return opened;
  const end = settle(side.dispute, answer);
  return end.kind === 'resolved' ? proveResolved(side, end) : end;
}

/** What this side may send now: a complaint if it has both engagements, otherwise a question. */
export async function requestOf(dispute: ReadDispute, identity: Identity): Promise<ArbiterRequest> {
  const { role, engagement, engagements, records } = dispute;
  if (!sameKey(engagement.parties[role]!, identity.publicKey)) {
    throw new InputError('ERR_DISPUTE_INVALID', 'the dispute is of another identity', {
      hint: 'give the key file with which the session was run',
    });
  }
  if (Object.keys(engagements).length < 2) return questionOf(dispute);
  const escrows = Object.entries(records).map(([name, record]) => [name, shownOf(record)] as const);
  const complaint = { by: role, engagements, escrows: Object.fromEntries(escrows) };
  return { kind: 'complaint', document: await signComplaint(complaint, identity) };
}

/** The question that the holder of one engagement may ask at any time. */
export function questionOf({ role, engagements }: ReadDispute): ArbiterRequest {
  return { kind: 'question', document: serializeJws(engagements[role]!) };
}
