import type { SignedDelegations } from '../documents/bound-party.ts';
import { engagementDocument } from '../documents/engagement.ts';
import { caseOf, type Fair } from '../documents/fair.ts';
import { encodeBase64url } from '../documents/json.ts';
import type { GeneralJws, SignableDocument } from '../documents/jws.ts';
import { maskDocument } from '../documents/mask-opening.ts';
import { formatTime } from '../documents/terms.ts';
import type { Bits } from '../engine/engine.ts';
import { type AcceptedEscrows, commitMasked } from '../escrow/index.ts';
import type { Evidence } from './entered.ts';
import type { Side } from './preflight.ts';

export interface CaseFacts {
  readonly side: Side;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  readonly evidence: Evidence;
  readonly escrows: AcceptedEscrows;
  /** z. */
  readonly masked: Bits;
  readonly mandates: SignedDelegations | undefined;
  /** Seconds since 1970. */
  readonly complainBy: number;
}

/** What both sides sign under terms with an arbiter, once z is open and the deadline is known. Each side builds it by itself. */
export class FairCase {
  readonly facts: CaseFacts;
  /** What the arbiter decides about, 32 bytes. */
  readonly name: Uint8Array;
  private readonly fair: Fair;
  /** The engagements, once they are asked for. */
  private readonly documents: Record<string, SignableDocument> = {};

  constructor(facts: CaseFacts) {
    const { side, session, evidence, escrows, masked, complainBy } = facts;
    const { fingerprints } = evidence;
    this.facts = facts;
    this.fair = {
      escrows: {
        [side.role]: encodeBase64url(escrows.digests.own),
        [side.peerRole]: encodeBase64url(escrows.digests.peer),
      },
      ...(fingerprints !== undefined && {
        fingerprints: Object.fromEntries(
          Object.entries(fingerprints.values).map(([role, value]) => [role, encodeBase64url(value)]),
        ),
      }),
      masked: encodeBase64url(commitMasked(session, escrows.salt, masked)),
      complainBy: formatTime(1_000 * complainBy),
    };
    this.name = caseOf({ terms: side.digest, session, fair: this.fair });
  }

  /** The engagement of a role. */
  engagement(party: string): SignableDocument {
    const { side, session, evidence } = this.facts;
    this.documents[party] ??= engagementDocument({
      ...{ terms: side.terms, session, party, fair: this.fair },
      ...evidence,
    });
    return this.documents[party];
  }

  /** The statement of a role that it opens this mask. */
  opening(party: string, mask: Uint8Array): SignableDocument {
    return maskDocument({ case: this.name, party, mask });
  }

  /** What a dispute file holds at first, with the engagements that there are. */
  dispute(engagements: Readonly<Record<string, GeneralJws>>, opened: boolean) {
    const { side, evidence, escrows, masked, mandates } = this.facts;
    const { seals } = evidence;
    return {
      ...{ role: side.role, engagements, masked, opened, salt: escrows.salt },
      records: { [side.role]: escrows.own.record, [side.peerRole]: escrows.peer },
      own: escrows.own.open(),
      ...(seals !== undefined && {
        seals: Object.fromEntries(Object.entries(seals).map(([role, seal]) => [role, seal.toJSON()])),
      }),
      ...(mandates !== undefined && { mandates }),
    };
  }
}
