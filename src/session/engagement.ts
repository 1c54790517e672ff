import type { SealsByRole } from '../documents/agreement.ts';
import { engagementDocument, serializeEngagement } from '../documents/engagement.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import type { Identity } from '../documents/identity.ts';
import type { Release } from '../engine/engine.ts';
import { PeerCheatedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { Attempt } from './attempt.ts';
import { engagementSignature } from './messages.ts';
import { type Plan, requireTime } from './preflight.ts';

export interface EngagementOptions {
  readonly link: Link;
  readonly identity: Identity;
  readonly plan: Plan;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** Both seals, where the terms have them. */
  readonly seals: (() => Promise<SealsByRole>) | undefined;
  /** Where seals have commitments: by the time a party's engagement is sent or received, with that party's fingerprint. */
  readonly fingerprints: (() => Fingerprints | undefined) | undefined;
  /** This negotiation in the ledger, where there is one. */
  readonly attempt: Attempt | undefined;
  /** Called once this side's engagement has been handed to the link. */
  readonly onSent: () => void;
}

/**
 * Step 4, between an engine's last check and the release of the outcome: each side's signature that it will be bound.
 * Neither signs after the terms' deadline, and neither releases before it holds the other's, and has it on record.
 */
export class EngagementExchange implements Release {
  /** Whether this side's engagement may have reached the peer. */
  sent = false;
  /** The peer's engagement, once verified, in its one byte form. */
  held: string | undefined;
  private readonly options: EngagementOptions;

  constructor(options: EngagementOptions) {
    this.options = options;
  }

  async send(): Promise<void> {
    const { link, identity, plan, attempt, onSent } = this.options;
    requireTime(plan.terms);
    await attempt?.sealed();
    const document = await this.document(plan.role);
    const signature = await document.sign(identity);
    requireTime(plan.terms);
    this.sent = true;
    await link.send(engagementSignature, undefined, { signature });
    onSent();
  }

  async receive(): Promise<void> {
    const { link, plan, attempt } = this.options;
    const document = await this.document(plan.peerRole); // while the peer works
    const { signature } = await link.receive(engagementSignature, undefined);
    const key = plan.terms.parties[plan.peerRole]!;
    if (!document.check(key, signature)) throw new PeerCheatedError('engagement signature');
    this.held = new TextDecoder().decode(serializeEngagement(document.assemble({ key, signature })));
    await attempt?.released();
  }

  private async document(party: string) {
    const { plan, session, seals, fingerprints } = this.options;
    return engagementDocument({
      terms: plan.terms,
      session,
      party,
      seals: await seals?.(),
      fingerprints: fingerprints?.(),
    });
  }
}
