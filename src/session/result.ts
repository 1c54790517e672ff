import type { BoundRule, Mandate, Outcome } from '../../protocols/rule.ts';
import { type Agreement, type AgreementBody, agreementDocument } from '../documents/agreement.ts';
import type { Identity } from '../documents/identity.ts';
import type { OutcomeJson } from '../documents/rule.ts';
import type { Terms } from '../documents/terms.ts';
import { type ParleyError, PeerCheatedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { agreementSignature } from './messages.ts';
import type { Side } from './preflight.ts';

/** What one negotiation cost. */
export interface NegotiationStats {
  /** AND gates of the computation. */
  readonly ands: number;
  /** Bytes of its messages over the channel, with their encryption but without heartbeats. The handshake counts towards the session's first negotiation. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** Length of the longest chain of messages, each sent after receiving the one before. The handshake counts as it does for bytes. */
  readonly flights: number;
  /** Milliseconds from the call to the result, and the part of it before the mandate was asked for. */
  readonly ms: { readonly total: number; readonly setup: number };
}

export type Result = Outcome & {
  /** The outcome as documents write it. */
  readonly outcome: OutcomeJson;
  /** Signed by both sides, also for no deal. `serializeAgreement` gives its canonical bytes. */
  readonly agreement: Agreement;
  /** The completed terms that were agreed. */
  readonly terms: Terms;
  /** This side's role in them. */
  readonly role: string;
  /**
   * The mandate that was entered for this side, reservations as numbers on the terms' grid (one step outside it for a round in which nothing is accepted),
   * utilities as they were rounded. No message and no document contains it.
   */
  readonly entered: Mandate;
  /** Why `entered` differs from the mandate that was given, in words without a figure. */
  readonly adjusted?: string;
  readonly stats: NegotiationStats;
  /** Why this side's ledger could not record the agreement. In the ledger, the attempt still counts as unfinished. */
  readonly unrecorded?: ParleyError;
};

export interface SigningOptions {
  readonly link: Link;
  readonly identity: Identity;
  readonly side: Side;
  /** What this side signs, built from its own view. */
  readonly body: AgreementBody;
  readonly signsFirst: boolean;
}

/**
 * Step 5: both sign the agreement, which each builds by itself. The side that knows the outcome first signs first.
 * Throws `ERR_PEER_CHEATED` if the peer's signature is not on the same agreement.
 */
export async function exchangeSignatures(options: SigningOptions): Promise<Agreement> {
  const { link, identity, side, body, signsFirst } = options;
  const { terms, rule, role, peerRole } = side;
  const document = agreementDocument(body);
  const own = await document.sign(identity);
  const give = () => link.send(agreementSignature, undefined, { signature: own });
  if (signsFirst) await give();
  const { signature: theirs } = await link.receive(agreementSignature, undefined);
  if (!document.check(terms.parties[peerRole]!, theirs)) throw new PeerCheatedError('agreement signature');
  if (!signsFirst) await give();
  return document.assemble(
    ...rule.roles.map((name) => ({ key: terms.parties[name]!, signature: name === role ? own : theirs })),
  );
}

/** Counts what a negotiation costs from here on. The handshake counts towards the session's first negotiation. */
export function countCost(
  link: SecureLink,
  first: boolean,
): () => Pick<NegotiationStats, 'bytes' | 'flights'> {
  const before = first ? { sent: 0, received: 0 } : link.settle();
  if (!first) link.restartFlights();
  return () => {
    const { sent, received, flights } = link.settle();
    return { bytes: { sent: sent - before.sent, received: received - before.received }, flights };
  };
}

/** The outcome in the form that a caller works with. */
export function toOutcome({ result }: Pick<BoundRule, 'result'>, json: OutcomeJson): Outcome {
  if (result !== undefined) return result(json);
  return json.deal ? { deal: true } : { deal: false };
}
