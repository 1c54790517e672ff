import type { Agreement } from '../documents/agreement.ts';
import { encodeBase64url } from '../documents/json.ts';
import { InputError, ParleyError } from '../errors.ts';
import { type Attempt, isUnfinished, type ReleasedAttempt } from './attempt.ts';
import { type AfterCheat, refuseCheater } from './conduct.ts';
import type { History } from './history.ts';
import type { PeerLog } from './peer-log.ts';
import { admitAttempt, type Limits, releaseOf } from './policy.ts';
import { type AttemptRecord, decodeRecord } from './record.ts';
import type { Hold } from './store.ts';
import { usable } from './usable.ts';

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The digests that identify a session and its attempt, 32 bytes each. */
export interface AttemptDigests {
  readonly question: Uint8Array;
  /** Digest of this side's seal, and of whatever else binds its input. */
  readonly own: Uint8Array;
  readonly peer: Uint8Array;
  /** The session's digest. */
  readonly session: Uint8Array;
}

/** This side's seal of an earlier session on the same question. */
export interface PreviousSeal {
  readonly seal: Json;
  /** Digest of the seal, base64url. */
  readonly own: string;
  /** Whether this seal must be used, because an outcome was released on it and is not agreed. */
  readonly required: boolean;
  /** Whether a void has given an attempt on it back. */
  readonly returned: boolean;
}

interface SessionContext {
  readonly log: PeerLog;
  readonly hold: Hold;
  readonly matter: string;
  readonly afterCheat: AfterCheat;
  readonly time: () => string;
}

/** An attempt that was admitted. */
interface Admitted {
  readonly attempt: Attempt;
  /** The session's digest, base64url. */
  readonly session: string;
  readonly limits: Limits;
  /** Whether this side's seal is on disk. */
  sealed: boolean;
}

/** One session's hold on the ledger, from `Ledger.begin` to `end`. */
export class LedgerSession {
  private readonly context: SessionContext;
  private admitted: Admitted | undefined;
  private ended = false;

  constructor(context: SessionContext) {
    this.context = context;
  }

  /** Bits disclosed to this peer so far, under any matter. */
  get disclosedBits(): number {
    return this.context.log.history.disclosedBits;
  }

  /** The attempts released on this matter, oldest first. */
  get attempts(): readonly ReleasedAttempt[] {
    return [...this.context.log.history.attemptsOn(this.context.matter).values()];
  }

  /**
   * This side's seals of earlier sessions on the same question, latest first. If an outcome waits for agreement, only the seal of
   * that outcome is returned, as required.
   */
  async previousSeals(question: Uint8Array): Promise<PreviousSeal[]> {
    const text = encodeBase64url(question);
    const { log, matter } = this.context;
    const attempts = this.attempts.filter(({ question: of }) => of === text);
    const unfinished = attempts.find(isUnfinished);
    const places = log.history
      .sealsOf(matter, text)
      .filter(({ own }) => unfinished === undefined || own === unfinished.own);
    const texts = await usable(() => log.pick(places.map(({ position }) => position)));
    return places.map(({ own }, index) => {
      const { seal } = decodeRecord(texts[index]!) as Extract<AttemptRecord, { type: 'sealed' }>;
      const returned = attempts.some((attempt) => attempt.own === own && attempt.returned);
      return { seal: seal as Json, own, required: unfinished !== undefined, returned };
    });
  }

  /**
   * Checks that this attempt may be made, once both seals are known. Throws LedgerError `ERR_SEAL_CHANGED`,
   * `ERR_ATTEMPTS_EXHAUSTED` or `ERR_DISCLOSURE_LIMIT`; the session must then go no further.
   */
  admit(digests: AttemptDigests, limits: Limits): void {
    this.requireOpen();
    const attempt = {
      question: encodeBase64url(digests.question),
      own: encodeBase64url(digests.own),
      peer: encodeBase64url(digests.peer),
    };
    admitAttempt(this.context.log.history, this.context.matter, attempt, limits);
    this.admitted = { attempt, session: encodeBase64url(digests.session), limits, sealed: false };
  }

  /** Records this side's seal, before this side signs its engagement. Resolves once the record is on disk. */
  async sealed(seal: Json): Promise<void> {
    const admitted = this.requireAdmitted();
    await this.append((common) => ({ type: 'sealed', ...common, seal }));
    admitted.sealed = true;
  }

  /**
   * Records the release, before this side releases its share of the outcome. Resolves once the record is on disk. First checks
   * again, against releases and cheats that other sessions with this peer have recorded meanwhile; throws what `begin` and `admit` throw.
   */
  async released(): Promise<void> {
    const { attempt, limits, sealed } = this.requireAdmitted();
    if (!sealed) throw new InputError('ERR_USAGE', 'a release comes after the seal is on disk');
    const { matter, afterCheat } = this.context;
    await this.append((common, history) => {
      if (afterCheat !== 'allow') refuseCheater(history);
      admitAttempt(history, matter, attempt, limits);
      return { type: 'released', ...common, ...releaseOf(history, matter, attempt, limits) };
    });
  }

  /** Records the complete agreement. Resolves once the record is on disk. `digest`: SHA-256 of the agreement's bytes, 32 bytes. */
  async agreed(digest: Uint8Array, document?: Agreement): Promise<void> {
    const agreement = encodeBase64url(digest);
    const kept = document === undefined ? {} : { document };
    await this.append((common) => ({ type: 'agreed', ...common, agreement, ...kept }));
  }

  /** Gives back the lock. May be called more than once. */
  async end(): Promise<void> {
    const { log, hold } = this.context;
    this.ended = true;
    await usable(() => hold.release());
    await log.settle();
  }

  private async append(
    make: (
      common: Omit<
        Extract<AttemptRecord, { type: 'released' }>,
        'type' | 'rule' | 'bits' | 'releases' | 'ratified'
      >,
      history: History,
    ) => AttemptRecord,
  ): Promise<void> {
    const { attempt, session } = this.requireAdmitted();
    const { log, matter, time } = this.context;
    await usable(() => log.append((history) => make({ matter, ...attempt, session, time: time() }, history)));
  }

  private requireAdmitted(): Admitted {
    this.requireOpen();
    if (this.admitted === undefined) throw new InputError('ERR_USAGE', 'the attempt has not been admitted');
    return this.admitted;
  }

  private requireOpen(): void {
    if (this.ended) throw new ParleyError('ERR_CLOSED', 'the session is closed');
  }
}
