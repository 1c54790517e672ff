import type { Dispute } from '../arbiter/index.ts';
import { check } from '../crypto/check.ts';
import { bytesToInteger, integerToBytes } from '../crypto/integers.ts';
import type { SignedDelegations } from '../documents/bound-party.ts';
import { serializeEngagement } from '../documents/engagement.ts';
import type { Identity } from '../documents/identity.ts';
import type { GeneralJws } from '../documents/jws.ts';
import type { Bits } from '../engine/engine.ts';
import { TermsError, TimeoutError } from '../errors.ts';
import { type AcceptedEscrows, maskOpening, unmask, verifyMask } from '../escrow/index.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { after } from '../link/timer.ts';
import type { DisputeFile } from './dispute-file.ts';
import type { EngagementProgress } from './engagement.ts';
import type { Evidence } from './entered.ts';
import { FairCase } from './fair-case.ts';
import { engagementSignature, fairEngagement } from './messages.ts';
import { noRoom, requireTime, type Side } from './preflight.ts';

/** Seconds by which the clocks of the two sides may differ. */
const CLOCK_TOLERANCE = 120;

export interface FairExchangeOptions {
  readonly link: SecureLink;
  readonly identity: Identity;
  readonly side: Side;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  readonly evidence: () => Promise<Evidence>;
  /** Both escrows, accepted. Asked for once z is open. */
  readonly escrows: () => AcceptedEscrows;
  /** The mandate certificates that the terms name. */
  readonly mandates: () => SignedDelegations | undefined;
  /** Where this side keeps its dispute. */
  readonly dispute: DisputeFile;
  readonly progress: EngagementProgress;
  /** Milliseconds that the caller waits for a silent peer. */
  readonly timeout: number;
  /** Called once this side's engagement has been handed to the link. */
  readonly onSent: () => void;
}

/** F6 and F7 (src/escrow/README.md): engagements, then masks. `open` gives the outcome for z. */
export abstract class FairExchange {
  protected readonly options: FairExchangeOptions;

  constructor(options: FairExchangeOptions) {
    this.options = options;
  }

  abstract open(masked: Bits): Promise<Bits>;

  /** Runs what waits for the peer after this side's engagement has left. The peer's heartbeats buy it no time: this side has to be able to complain. */
  async soon<Value>(work: () => Promise<Value>): Promise<Value> {
    const { link, timeout, side } = this.options;
    const quarter = (1_000 * side.terms.arbiter!.window) / 4;
    const limit = after(Math.min(timeout, quarter), () =>
      link.abort(new TimeoutError('the other side did not go on in time, after this side had engaged')),
    );
    try {
      return await work();
    } finally {
      limit.cancel();
    }
  }

  protected async caseOf(masked: Bits, complainBy: number): Promise<FairCase> {
    const { side, session, evidence, escrows, mandates } = this.options;
    return new FairCase({
      ...{ side, session, masked, complainBy },
      evidence: await evidence(),
      escrows: escrows(),
      mandates: mandates(),
    });
  }

  /** This side's engagement, signed before the deadline of the terms. */
  protected async engage(
    fair: FairCase,
  ): Promise<{ readonly jws: GeneralJws; readonly signature: Uint8Array }> {
    const { identity, side } = this.options;
    requireTime(side.terms);
    const document = fair.engagement(side.role);
    const signature = await document.sign(identity);
    requireTime(side.terms);
    return { jws: document.assemble({ key: identity.publicKey, signature }), signature };
  }

  /**
   * Keeps this side's dispute before anything leaves. Signing and writing may have taken long: throws TermsError `ERR_CLOCK`, and keeps nothing, if less than half of the
   * window is left by this clock. The side then waits for a quarter of the window at most, and has to be in time with its complaint afterwards.
   */
  protected async keepInTime(kept: Dispute, complainBy: number): Promise<void> {
    const { side, dispute } = this.options;
    await dispute.keep(kept);
    if (Date.now() <= 1_000 * (complainBy - side.terms.arbiter!.window / 2)) return;
    await dispute.remove();
    throw new TermsError('ERR_CLOCK', 'this side took so long to engage that it might complain too late', {
      hint: 'negotiate again, and sign sooner',
    });
  }

  /** The peer's engagement, verified. */
  protected engaged(fair: FairCase, signature: Uint8Array): GeneralJws {
    const { side, progress } = this.options;
    const key = side.terms.parties[side.peerRole]!;
    const document = fair.engagement(side.peerRole);
    check('engagement signature', document.check(key, signature));
    const jws = document.assemble({ key, signature: signature.slice() });
    progress.held = new TextDecoder().decode(serializeEngagement(jws));
    return jws;
  }

  /** F7: this side's mask, signed. */
  protected async signedMask(fair: FairCase) {
    const { identity, side } = this.options;
    const { mask, index, seed } = fair.facts.escrows.own.open();
    const signature = await fair.opening(side.role, mask).sign(identity);
    return { mask, index: Uint8Array.of(index), seed, signature };
  }

  /** F7: opens this side's mask. From here the peer can have the outcome. */
  protected async openMask(
    fair: FairCase,
    opening: Awaited<ReturnType<FairExchange['signedMask']>>,
  ): Promise<void> {
    await this.options.link.send(maskOpening, fair.facts.masked.length, opening);
  }

  /** F7: the peer's mask, verified: in the form of a dispute file, and as o. */
  protected async receiveMask(fair: FairCase) {
    const { link, side } = this.options;
    const { escrows, masked } = fair.facts;
    const fields = await link.receive(maskOpening, masked.length);
    const opening = {
      mask: fields.mask.slice(),
      index: fields.index[0]!,
      seed: fields.seed.slice(),
      signature: fields.signature.slice(),
    };
    const bits = verifyMask(escrows.peer, opening);
    const document = fair.opening(side.peerRole, opening.mask);
    check('mask signature', document.check(side.terms.parties[side.peerRole]!, opening.signature));
    return { opening, bits };
  }

  /** y. */
  protected unmasked(fair: FairCase, theirs: Bits): Bits {
    const { escrows, masked } = fair.facts;
    const own = escrows.own.mask();
    const outcome = unmask(masked, own, theirs);
    for (const secret of [own, theirs]) secret.fill(0);
    return outcome;
  }
}

/** At E, which evaluates: it engages first, and picks the deadline. */
export class FirstToEngage extends FairExchange {
  async open(masked: Bits): Promise<Bits> {
    const { link, side, dispute, progress, onSent } = this.options;
    const complainBy = Math.floor(Date.now() / 1_000) + side.terms.arbiter!.window;
    if (1_000 * complainBy > Date.parse(side.terms.expires)) throw noRoom(side.terms);
    const fair = await this.caseOf(masked, complainBy);
    const own = await this.engage(fair);
    await this.keepInTime(fair.dispute({ [side.role]: own.jws }, false), complainBy);
    progress.sent = true;
    const deadline = integerToBytes(BigInt(complainBy), 8);
    await link.send(fairEngagement, undefined, { complainBy: deadline, signature: own.signature });
    onSent();
    link.flush();
    fair.engagement(side.peerRole); // while the peer works, as with the next
    const mask = this.signedMask(fair);
    mask.catch(() => undefined); // reported once this side holds all that it can complain with
    const theirs = await this.soon(async () => {
      const { signature } = await link.receive(engagementSignature, undefined);
      return this.engaged(fair, signature);
    });
    const engagements = { [side.role]: own.jws, [side.peerRole]: theirs };
    const { opening, bits } = await this.soon(() => this.receiveMask(fair)).catch(async (error: unknown) => {
      await dispute.add({ engagements }); // with it this side can complain
      throw error;
    });
    await dispute.add({ engagements, peer: opening, opened: true });
    await this.openMask(fair, await mask);
    return this.unmasked(fair, bits);
  }
}

/** At G, which garbles: it engages second, and opens its mask at the same time. */
export class SecondToEngage extends FairExchange {
  async open(masked: Bits): Promise<Bits> {
    const { link, side, dispute, progress, onSent } = this.options;
    const received = await link.receive(fairEngagement, undefined);
    const complainBy = requireDeadline(side, bytesToInteger(received.complainBy));
    const fair = await this.caseOf(masked, complainBy);
    const theirs = this.engaged(fair, received.signature);
    const own = await this.engage(fair);
    const mask = await this.signedMask(fair);
    await this.keepInTime(fair.dispute({ [side.role]: own.jws, [side.peerRole]: theirs }, true), complainBy);
    progress.sent = true;
    await link.send(engagementSignature, undefined, { signature: own.signature });
    await this.openMask(fair, mask);
    onSent();
    const { opening, bits } = await this.soon(() => this.receiveMask(fair));
    await dispute.add({ peer: opening });
    return this.unmasked(fair, bits);
  }
}

/** The deadline that E has picked, in seconds. Throws TermsError `ERR_CLOCK` if it is not a window from now, by this clock. */
function requireDeadline({ terms }: Side, seconds: bigint): number {
  const complainBy = Number(seconds);
  const off = complainBy - terms.arbiter!.window - Date.now() / 1_000;
  if (Math.abs(off) > CLOCK_TOLERANCE) {
    const much = Math.abs(off) > 86_400 ? 'more than a day' : `${Math.abs(Math.round(off))} seconds`;
    throw new TermsError(
      'ERR_CLOCK',
      `the other side's clock is ${much} ${off > 0 ? 'ahead of' : 'behind'} this one`,
    );
  }
  check('deadline for complaints', 1_000 * complainBy <= Date.parse(terms.expires));
  return complainBy;
}
