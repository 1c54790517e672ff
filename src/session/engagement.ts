import { engagementDocument, serializeEngagement } from '../documents/engagement.ts';
import type { Identity } from '../documents/identity.ts';
import type { Release } from '../engine/engine.ts';
import { PeerCheatedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { Evidence } from './entered.ts';
import { engagementSignature } from './messages.ts';
import { requireTime, type Side } from './preflight.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';

/** How far the exchange of engagements has come. It decides what an error reports, and whether the deadline still applies. */
export interface EngagementProgress {
  /** Whether this side's engagement may have reached the peer. */
  sent: boolean;
  /** The peer's engagement in its canonical form, once it is verified. */
  held: string | undefined;
}

export interface EngagementOptions {
  readonly link: Link;
  readonly identity: Identity;
  readonly side: Side;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** The evidence in an engagement. When a party's engagement is sent or received, it includes that party's fingerprint where seals have commitments. */
  readonly evidence: () => Promise<Evidence>;
  /** This negotiation in the ledger, where there is one. */
  readonly attempt: RecordedAttempt | undefined;
  readonly progress: EngagementProgress;
  /** Called once this side's engagement has been handed to the link. */
  readonly onSent: () => void;
}

/**
 * Step 4, between an engine's last check and the release of the outcome: each side's signature that it will be bound.
 * Neither side signs after the terms' deadline. Neither side releases its share before it holds the other's engagement and has recorded that.
 */
export class EngagementExchange implements Release {
  private readonly options: EngagementOptions;

  constructor(options: EngagementOptions) {
    this.options = options;
  }

  async send(): Promise<void> {
    const { link, identity, side, attempt, progress, onSent } = this.options;
    requireTime(side.terms);
    await attempt?.sealed();
    const document = await this.document(side.role);
    const signature = await document.sign(identity);
    requireTime(side.terms);
    progress.sent = true;
    await link.send(engagementSignature, undefined, { signature });
    onSent();
  }

  async receive(): Promise<void> {
    const { link, side, attempt, progress } = this.options;
    const document = await this.document(side.peerRole); // while the peer works
    const { signature } = await link.receive(engagementSignature, undefined);
    const key = side.terms.parties[side.peerRole]!;
    if (!document.check(key, signature)) throw new PeerCheatedError('engagement signature');
    progress.held = new TextDecoder().decode(serializeEngagement(document.assemble({ key, signature })));
    await attempt?.released();
  }

  private async document(party: string) {
    const { side, session, evidence } = this.options;
    return engagementDocument({ terms: side.terms, session, party, ...(await evidence()) });
  }
}
