import { equalBytes } from '../crypto/bytes.ts';
import { PeerCheatedError, TermsError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { Fields, MessageType } from '../link/message.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { hello } from './messages.ts';

/** What a side is about to do with the terms, as its hello says. */
export const mode = {
  /** It negotiates, and goes on without waiting. */
  negotiate: 0,
  /** It prepares ahead. */
  prepare: 1,
  /** It negotiates, and waits for the other's hello, because it asks for its mandate only then. */
  ask: 2,
  /** It has its mandate, and prepares ahead only if the other side asks for that. */
  agree: 3,
} as const;

export type Mode = (typeof mode)[keyof typeof mode];

/** What the two modes decide. */
export interface Plan {
  /** Whether both sides prepare ahead. They do if either mode is `prepare`. */
  readonly ahead: boolean;
  /** Whether the peer pauses until its `negotiate` is called. */
  readonly peerPauses: boolean;
}

export interface TermsExchangeOptions {
  readonly link: SecureLink;
  readonly digest: Uint8Array;
  readonly mode: Mode;
  readonly speaksFirst: boolean;
  /** Whether the side that speaks first may begin the computation before the other's hello: its first messages are random. */
  readonly deferred: boolean;
  /** The mandate certificates that travel with the hellos; undefined where none does. */
  readonly certificates?: TravellingCertificates | undefined;
}

/** Mandate certificates that the terms name and that have not travelled yet. */
export interface TravellingCertificates {
  /** Sends this side's own; undefined if it has nothing to send. */
  readonly send: (() => Promise<void>) | undefined;
  /** Receives and checks the peer's; undefined if none has to come. */
  readonly receive: (() => Promise<void>) | undefined;
}

/**
 * Steps 1 and 2: both sides show that they have the same terms. The engine speaks through this link, which accepts no other message
 * of the peer before it has checked the peer's hello, and sends no other message before this side's own hello.
 */
export class TermsExchange implements Link {
  private readonly options: TermsExchangeOptions;
  private said = false;
  private confirming: Promise<void> | undefined;
  private theirs: number | undefined;

  constructor(options: TermsExchangeOptions) {
    this.options = options;
  }

  /** Says hello, at the side that speaks first. */
  async begin(): Promise<void> {
    const { link, speaksFirst } = this.options;
    if (!speaksFirst) return;
    await this.say();
    link.flush();
  }

  /** Whether this side can go on to the computation at once. It waits for a mandate certificate of the peer. */
  get mayGoOn(): boolean {
    const { deferred, speaksFirst, certificates } = this.options;
    const waits = certificates?.receive !== undefined;
    return deferred && speaksFirst && this.options.mode === mode.negotiate && !waits;
  }

  /** What both sides do next. It is known after `confirm`; a side that goes on before that does not prepare. */
  get plan(): Plan {
    const { theirs } = this;
    const ahead = theirs !== undefined && [theirs, this.options.mode].includes(mode.prepare);
    return { ahead, peerPauses: theirs === mode.prepare || theirs === mode.agree };
  }

  /** Receives and checks the peer's hello, and the mandate certificate that comes with it. Throws TermsError `ERR_TERMS_MISMATCH`, VerificationError `ERR_DELEGATION_…`. */
  confirm(): Promise<void> {
    this.confirming ??= this.check();
    return this.confirming;
  }

  async send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const { link } = this.options;
    const first = this.said ? undefined : this.say();
    try {
      await Promise.all([first, link.send(type, shape, fields)]);
    } catch (error) {
      await this.confirm(); // a peer with other terms says so before it leaves
      throw error;
    }
  }

  async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    await this.confirm();
    return this.options.link.receive(type, shape);
  }

  private async say(): Promise<void> {
    const { link, digest, mode: own, certificates } = this.options;
    this.said = true;
    await Promise.all([
      link.send(hello, undefined, { termsDigest: digest, mode: Uint8Array.of(own) }),
      certificates?.send?.(),
    ]);
  }

  private async check(): Promise<void> {
    const { link, digest, deferred, speaksFirst, mode: own, certificates } = this.options;
    const received = await link.receive(hello, undefined);
    const same = equalBytes(received.termsDigest, digest);
    const theirs = received.mode[0]!;
    if (theirs > mode.agree) throw new PeerCheatedError('mode of hello');
    // The answer can go out with the computation's first message, unless a side waits for it. It goes out even if the terms differ.
    const waitedFor =
      !deferred ||
      own !== mode.negotiate ||
      theirs !== mode.negotiate ||
      certificates?.send !== undefined ||
      !same;
    if (!this.said && waitedFor) {
      await this.say();
      link.flush();
    }
    if (!same) {
      throw new TermsError('ERR_TERMS_MISMATCH', 'the two sides do not have the same terms', {
        hint: 'compare the terms files; both sides need the same one',
      });
    }
    await certificates?.receive?.();
    this.theirs = theirs;
    const wentOn = deferred && (speaksFirst ? own : theirs) === mode.negotiate;
    if (wentOn && this.plan.ahead) {
      throw new TermsError(
        'ERR_TERMS_MISMATCH',
        'one side prepares ahead, and the other had begun to compute',
        {
          hint: 'after the first negotiation of a session, call prepare on both sides or on neither',
        },
      );
    }
  }
}
