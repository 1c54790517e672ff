import { equalBytes } from '../crypto/bytes.ts';
import { TermsError } from '../errors.ts';
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
} as const;

export interface TermsExchangeOptions {
  readonly link: SecureLink;
  readonly digest: Uint8Array;
  readonly mode: (typeof mode)[keyof typeof mode];
  readonly speaksFirst: boolean;
  /** Whether the side that speaks first may begin the computation before the other's hello: its first messages are random. */
  readonly deferred: boolean;
}

/**
 * Steps 1 and 2: both sides show that they have the same terms. The engine speaks through this link, which accepts no other message
 * of the peer before it has checked the peer's hello, and sends no other message before this side's own hello.
 */
export class TermsExchange implements Link {
  private readonly options: TermsExchangeOptions;
  private said = false;
  private confirming: Promise<void> | undefined;

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

  /** Whether this side can go on to the computation at once. */
  get mayGoOn(): boolean {
    const { deferred, speaksFirst } = this.options;
    return deferred && speaksFirst && this.options.mode === mode.negotiate;
  }

  /** Receives and checks the peer's hello. Throws TermsError `ERR_TERMS_MISMATCH`. */
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

  private say(): Promise<void> {
    const { link, digest, mode: own } = this.options;
    this.said = true;
    return link.send(hello, undefined, { termsDigest: digest, mode: Uint8Array.of(own) });
  }

  private async check(): Promise<void> {
    const { link, digest, deferred, mode: own } = this.options;
    const theirs = await link.receive(hello, undefined);
    const same = equalBytes(theirs.termsDigest, digest);
    const theirMode = theirs.mode[0]!;
    const together = theirMode <= mode.ask && (theirMode === mode.prepare) === (own === mode.prepare);
    // The answer can go out with the computation's first message, unless a side waits for it. It goes out even if the terms differ.
    const waitedFor = !deferred || own !== mode.negotiate || theirMode !== mode.negotiate || !same;
    if (!this.said && waitedFor) {
      await this.say();
      link.flush();
    }
    if (!same) {
      throw new TermsError('ERR_TERMS_MISMATCH', 'the two sides do not have the same terms', {
        hint: 'compare the terms files; both sides need the same one',
      });
    }
    if (!together) {
      throw new TermsError('ERR_TERMS_MISMATCH', 'one side prepares ahead and the other does not', {
        hint: 'call prepare on both sides or on neither',
      });
    }
  }
}
