import { platform } from '#platform';
import { outcomeBits } from '../../protocols/outcome-bits.ts';
import { type Agreement, serializeAgreement } from '../documents/agreement.ts';
import type { Terms } from '../documents/terms.ts';
import { ParleyError } from '../errors.ts';
import {
  type AfterCheat,
  type CountedPeer,
  type CountedSession,
  type Json,
  type PreviousSeal,
  questionDigest,
} from '../ledger/index.ts';
import type { Side } from './preflight.ts';

export interface RecordedAttemptOptions {
  readonly terms: Terms;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** The most bits that the outcome can disclose to the peer. */
  readonly bits: number;
  readonly maxDisclosure: number | undefined;
  /** Whether the seals prove, in every session, that the same mandate was entered. */
  readonly shown: boolean;
}

/** One negotiation in this party's ledger (src/ledger/README.md says when what is written). */
export class RecordedAttempt {
  private readonly session: CountedSession;
  private readonly options: RecordedAttemptOptions;
  private readonly earlier: PreviousSeal[];
  private seal: Json = null;
  private recorded: Promise<void> | undefined;

  private constructor(session: CountedSession, options: RecordedAttemptOptions, earlier: PreviousSeal[]) {
    this.session = session;
    this.options = options;
    this.earlier = earlier;
  }

  /**
   * This negotiation's place in the ledger, counted on this matter. Throws LedgerError `ERR_SESSION_BUSY`, `ERR_PEER_BARRED`,
   * `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  static async begin(
    { peer, matter }: { readonly peer: CountedPeer; readonly matter: string },
    { bound, terms }: Side,
    options: Pick<RecordedAttemptOptions, 'session' | 'maxDisclosure'>,
    afterCheat: AfterCheat,
  ): Promise<RecordedAttempt> {
    const session = await peer.begin(matter, afterCheat);
    try {
      const bits = outcomeBits(bound, terms);
      const seals = await session.previousSeals(questionDigest(terms));
      // If each share of the randomness is counted as used once, one that a void has made room to use again stays unused.
      const once = bits < (bound.repeatedBits ?? bits);
      const earlier = seals.filter(({ required, returned }) => required || !(once && returned));
      const shown = bound.seal?.committed === undefined;
      return new RecordedAttempt(session, { ...options, terms, bits, shown }, earlier);
    } catch (error) {
      await session.end().catch(() => undefined);
      throw error;
    }
  }

  /** This side's earlier seals for the same question. */
  previousSeals(): PreviousSeal[] {
    return this.earlier;
  }

  /** Throws if this attempt may not be made with these seals: `own` and `peer` are their digests, `seal` is this side's in the form to be recorded. */
  admitSealed(seal: Json, own: Uint8Array, peer: Uint8Array): void {
    this.seal = seal;
    this.admit(own, peer);
  }

  /** Like `admitSealed`, for terms without seals: every negotiation is an attempt of its own. */
  admitUnsealed(): void {
    this.admit(this.options.session, this.options.session);
  }

  /** Records the seal, before this side signs its engagement or releases anything. Written only once. */
  sealed(): Promise<void> {
    this.recorded ??= this.session.sealed(this.seal);
    return this.recorded;
  }

  /** Records the release, before this side releases its share of the outcome. */
  async released(): Promise<void> {
    await this.sealed();
    await this.session.released();
  }

  /**
   * Records the complete agreement. If the ledger cannot be written, the agreement is valid all the same: the error is returned, and the
   * attempt counts as unfinished, so that it can only be repeated.
   */
  async agreed(agreement: Agreement): Promise<ParleyError | undefined> {
    const digest = platform.sha256(serializeAgreement(agreement));
    try {
      await this.session.agreed(digest, agreement);
      return undefined;
    } catch (error) {
      if (error instanceof ParleyError) return error;
      throw error;
    }
  }

  /** Gives back the lock. If the system refuses, nothing is lost: the lock of an ended session blocks nobody. */
  async end(): Promise<void> {
    await this.session.end().catch(() => undefined);
  }

  private admit(own: Uint8Array, peer: Uint8Array): void {
    const { terms, session, bits, maxDisclosure, shown } = this.options;
    this.session.admit(
      { question: questionDigest(terms), own, peer, session },
      {
        ...{ rule: terms.rule.name, attempts: terms.attempts, bits, maxDisclosure, shown },
        ratified: terms.ratify !== undefined,
      },
    );
  }
}
