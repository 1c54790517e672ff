import { type Bits, unpackBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { readFairEngagement } from '../documents/fair-engagement.ts';
import type { GeneralJws } from '../documents/jws.ts';
import { type Resolution, readResolution } from '../documents/resolution.ts';
import { formatTime, type PublicJwk } from '../documents/terms.ts';
import { isVoid, readVoid } from '../documents/void.ts';
import { isParleyError, VerificationError } from '../errors.ts';
import { arbiterOf, type FoundMask, maskFromOpened, unmask } from '../escrow/index.ts';
import { GRACE } from './arbiter.ts';
import type { ReadDispute } from './dispute.ts';
import { belongTogether } from './engagements.ts';

/** The arbiter has opened both escrows: both sides can have the outcome. */
export interface Resolved {
  readonly kind: 'resolved';
  /** In its one byte form. */
  readonly resolution: Uint8Array;
  /** Both engagements by role. */
  readonly engagements: Readonly<Record<string, GeneralJws>>;
  /** What the arbiter's answer gives, by role: always the peer's mask. */
  readonly masks: Readonly<Record<string, FoundMask>>;
  /** y, the bits of the outcome, which the rule of the terms reads. */
  readonly outcome: Bits;
}

/** The arbiter has opened nothing, and never will. */
export interface Voided {
  readonly kind: 'void';
  /** In its one byte form. */
  readonly document: Uint8Array;
  /** Whether this side had opened its own mask to the peer, who may therefore hold the outcome and a proof. */
  readonly mayBeBound: boolean;
}

/** Nothing can be said before this time, UTC. */
export interface Pending {
  readonly kind: 'pending';
  readonly until: string;
}

/** Checks an answer of the arbiter. Throws VerificationError `ERR_RESOLUTION_INVALID` unless it holds. */
export function settle(dispute: ReadDispute, answer: Uint8Array | undefined): Resolved | Voided | Pending {
  const { fair, arbiter } = dispute.engagement;
  if (answer === undefined) {
    return { kind: 'pending', until: formatTime(Date.parse(fair.complainBy) + GRACE + 1_000) };
  }
  const { key } = arbiterOf(arbiter);
  try {
    return isVoid(answer) ? settleVoid(dispute, answer, key) : settleResolution(dispute, answer, key);
  } catch (cause) {
    if (!isParleyError(cause) || cause.code === 'ERR_RESOLUTION_INVALID') throw cause;
    throw new VerificationError(
      'ERR_RESOLUTION_INVALID',
      `the arbiter's answer does not hold: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

function settleVoid(dispute: ReadDispute, document: Uint8Array, key: PublicJwk): Voided {
  const { engagement, opened } = dispute;
  const statement = readVoid(document, key);
  insist('is of another case', equalBytes(statement.case, engagement.case));
  insist('is of another session', equalBytes(statement.session, engagement.session));
  const over = Date.parse(statement.asOf) >= Date.parse(engagement.fair.complainBy) + GRACE;
  insist('was made before the case was over', over);
  return { kind: 'void', document, mayBeBound: opened };
}

function settleResolution(dispute: ReadDispute, document: Uint8Array, key: PublicJwk): Resolved {
  const { role, records, masked, own } = dispute;
  const resolution = readResolution(document, key);
  requireCase(dispute, resolution);
  const masks: Record<string, FoundMask> = {};
  for (const [name, record] of Object.entries(records)) {
    const found = maskFromOpened(record, resolution.opened[name] ?? []);
    if (found !== undefined) masks[name] = found;
    else insist("does not open the other side's escrow", name === role);
  }
  const peer = masks[peerOf(dispute)]!;
  const width = masked.length;
  const outcome = unmask(masked, unpackBits(own.mask, width), unpackBits(peer.mask, width));
  return { kind: 'resolved', resolution: document, engagements: resolution.engagements, masks, outcome };
}

/** Requires that a resolution is about this dispute's case, with both engagements of it. */
function requireCase({ engagement }: ReadDispute, resolution: Resolution): void {
  const { case: name, session, terms, fair } = engagement;
  insist('is of another case', equalBytes(resolution.case, name));
  insist('is of another session', equalBytes(resolution.session, session));
  insist('is under other terms', equalBytes(resolution.terms, terms));
  insist('has another deadline', resolution.complainBy === fair.complainBy);
  for (const [role, jws] of Object.entries(resolution.engagements)) {
    const one = readFairEngagement(jws);
    insist('has an engagement of another case', one.role === role && belongTogether(one, engagement));
  }
}

function peerOf({ role, engagement }: ReadDispute): string {
  return Object.keys(engagement.parties).find((name) => name !== role)!;
}

function insist(reason: string, holds: boolean): void {
  if (!holds) throw new VerificationError('ERR_RESOLUTION_INVALID', `the arbiter's answer ${reason}`);
}
