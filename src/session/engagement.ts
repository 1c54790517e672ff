import { engagementDocument, serializeEngagement } from '../agreement/engagement.ts';
import type { Identity } from '../agreement/identity.ts';
import type { Link } from '../channel/link.ts';
import type { Release } from '../engine/engine.ts';
import { PeerCheatedError } from '../errors.ts';
import { engagementSignature } from './messages.ts';
import { type Plan, requireTime } from './preflight.ts';

/**
 * Step 4, between an engine's last check and the release of the outcome: each side's signature that it will be bound.
 * Neither signs after the terms' deadline, and neither releases before it holds the other's.
 */
export class EngagementExchange implements Release {
  /** Whether this side's engagement may have reached the peer. */
  sent = false;
  /** The peer's engagement, once verified, in its one byte form. */
  held: string | undefined;
  private readonly link: Link;
  private readonly identity: Identity;
  private readonly plan: Plan;
  private readonly session: Uint8Array;
  private readonly onSent: () => void;

  constructor(link: Link, identity: Identity, plan: Plan, session: Uint8Array, onSent: () => void) {
    this.link = link;
    this.identity = identity;
    this.plan = plan;
    this.session = session;
    this.onSent = onSent;
  }

  async send(): Promise<void> {
    const { terms, role } = this.plan;
    requireTime(terms);
    const signature = await engagementDocument({ terms, session: this.session, party: role }).sign(
      this.identity,
    );
    requireTime(terms);
    this.sent = true;
    await this.link.send(engagementSignature, undefined, { signature });
    this.onSent();
  }

  async receive(): Promise<void> {
    const { terms, peerRole } = this.plan;
    const { signature } = await this.link.receive(engagementSignature, undefined);
    const document = engagementDocument({ terms, session: this.session, party: peerRole });
    const key = terms.parties[peerRole]!;
    if (!document.check(key, signature)) throw new PeerCheatedError('engagement signature');
    this.held = new TextDecoder().decode(serializeEngagement(document.assemble({ key, signature })));
  }
}
