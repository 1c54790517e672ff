import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { encodeBase64url } from '../documents/json.ts';
import { InputError, LedgerError, ParleyError } from '../errors.ts';
import {
  type AfterCheat,
  type CheatReport,
  type Conduct,
  conductOf,
  type DepartureReport,
  refuseCheater,
} from './conduct.ts';
import { acquireLock, type Lock } from './lock.ts';
import { appendToLog, readLog } from './log.ts';
import {
  type Attempt,
  admitAttempt,
  disclosedBits,
  type Limits,
  type ReleasedAttempt,
  releasedAttempts,
  releaseOf,
  sameAttempt,
} from './policy.ts';
import { type AttemptRecord, isAttempt, type PeerRecord } from './record.ts';

/** Milliseconds that an append waits for other appends. */
const APPEND_PATIENCE = 10_000;
/** Milliseconds that a session waits for the one before to end. */
const SESSION_PATIENCE = 250;
const LOG_NAME = /^([0-9a-f]{64})\.log$/;

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A session's own numbers: its attempt, digests of 32 bytes. */
export interface AttemptDigests {
  readonly question: Uint8Array;
  /** Digest of this side's seal, and whatever else binds its input. */
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
  /** Whether no other seal will do: its outcome has been released, and is not agreed. */
  readonly required: boolean;
}

/** What is known of one peer. */
export interface PeerSummary extends Conduct {
  /** Ed25519 public key, 32 bytes. */
  readonly peer: Uint8Array;
  readonly attempts: readonly ReleasedAttempt[];
  readonly disclosedBits: number;
}

/** A party's ledger of attempts: see README.md. One directory, shared by all its processes. */
export class Ledger {
  private readonly directory: string;
  private readonly now: () => Date;

  private constructor(directory: string, now: () => Date) {
    this.directory = directory;
    this.now = now;
  }

  /** Opens a directory, made with mode 0700 if there is none. Throws LedgerError `ERR_LEDGER_UNUSABLE`. */
  static async open(directory: string, now: () => Date = () => new Date()): Promise<Ledger> {
    await usable(() => mkdir(directory, { recursive: true, mode: 0o700 }));
    return new Ledger(directory, now);
  }

  /**
   * Starts a session with a peer (Ed25519 public key, 32 bytes) on a matter. Throws LedgerError `ERR_SESSION_BUSY` while
   * another one is under way in any process, `ERR_PEER_BARRED`, `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  async begin(peer: Uint8Array, matter: string, afterCheat: AfterCheat = 'refuse'): Promise<LedgerSession> {
    const { directory } = this;
    const name = Buffer.from(hash(tags.ledgerLock, peer, matter)).toString('hex');
    const lock = await usable(() => acquireLock(directory, name, SESSION_PATIENCE));
    if (lock === undefined) {
      throw new LedgerError(
        'ERR_SESSION_BUSY',
        'another session with this peer on this matter is under way',
        {
          hint: 'wait until it ends',
        },
      );
    }
    try {
      const records = await usable(() => readLog(this.logOf(peer), peer));
      if (afterCheat !== 'allow') refuseCheater(records);
      return new LedgerSession({ ...this.fileOf(peer), matter, lock, afterCheat }, records);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Throws LedgerError `ERR_PEER_BARRED` if this peer was caught cheating and not forgiven; `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`. */
  async refuseCheater(peer: Uint8Array): Promise<void> {
    refuseCheater(await usable(() => readLog(this.logOf(peer), peer)));
  }

  /** Resolves once it is on disk that this peer was caught cheating. From then on it is barred. */
  async cheated(peer: Uint8Array, report: CheatReport): Promise<void> {
    await appendRecord(this.fileOf(peer), (time) => ({ type: 'cheated', ...report, time }));
  }

  /** Resolves once it is on disk that this peer left after its engagement had arrived. */
  async left(peer: Uint8Array, report: DepartureReport): Promise<void> {
    await appendRecord(this.fileOf(peer), (time) => ({ type: 'left', ...report, time }));
  }

  /** Forgives what this peer was caught at so far, so that it may negotiate again. Whether there was anything to forgive. */
  async forgive(peer: Uint8Array): Promise<boolean> {
    const { cheats } = conductOf(await usable(() => readLog(this.logOf(peer), peer)));
    if (cheats.every(({ forgiven }) => forgiven)) return false;
    await appendRecord(this.fileOf(peer), (time) => ({ type: 'forgiven', time }));
    return true;
  }

  /** What is known of every peer. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`. */
  async list(): Promise<PeerSummary[]> {
    const files = await usable(() => readdir(this.directory));
    const summaries: PeerSummary[] = [];
    for (const file of files.sort()) {
      const match = LOG_NAME.exec(file);
      if (match === null) continue;
      const peer = new Uint8Array(Buffer.from(match[1]!, 'hex'));
      const records = await usable(() => readLog(join(this.directory, file), peer));
      summaries.push({
        peer,
        attempts: releasedAttempts(records),
        disclosedBits: disclosedBits(records),
        ...conductOf(records),
      });
    }
    return summaries;
  }

  private fileOf(peer: Uint8Array): LogFile {
    return { directory: this.directory, path: this.logOf(peer), peer, now: this.now };
  }

  private logOf(peer: Uint8Array): string {
    if (peer.length !== 32) throw new RangeError('an identity has 32 bytes');
    return join(this.directory, `${Buffer.from(peer).toString('hex')}.log`);
  }
}

/** Where records of a peer go, and the clock for them. */
interface LogFile {
  readonly directory: string;
  readonly path: string;
  readonly peer: Uint8Array;
  readonly now: () => Date;
}

interface SessionContext extends LogFile {
  readonly matter: string;
  readonly lock: Lock;
  readonly afterCheat: AfterCheat;
}

/** One session's hold on the ledger, from `Ledger.begin` to `end`. */
export class LedgerSession {
  private readonly context: SessionContext;
  private records: readonly PeerRecord[];
  private admitted:
    | { readonly attempt: Attempt; readonly session: string; readonly limits: Limits }
    | undefined;
  private ended = false;

  constructor(context: SessionContext, records: readonly PeerRecord[]) {
    this.context = context;
    this.records = records;
  }

  /** Bits disclosed to this peer so far, under any matter. */
  get disclosedBits(): number {
    return disclosedBits(this.records);
  }

  /**
   * This side's seals of earlier sessions on the same question, latest first. If an outcome waits for agreement, its seal alone,
   * and required.
   */
  previousSeals(question: Uint8Array): PreviousSeal[] {
    const text = encodeBase64url(question);
    const { matter } = this.context;
    const unfinished = releasedAttempts(this.records).find(
      (attempt) => attempt.matter === matter && attempt.question === text && attempt.agreement === undefined,
    );
    const seals = new Map<string, PreviousSeal>();
    for (const record of this.records.filter(isAttempt).reverse()) {
      if (record.type !== 'sealed' || record.matter !== matter || record.question !== text) continue;
      if (unfinished !== undefined && record.own !== unfinished.own) continue;
      if (seals.has(record.own)) continue;
      seals.set(record.own, {
        seal: record.seal as Json,
        own: record.own,
        required: unfinished !== undefined,
      });
    }
    return [...seals.values()];
  }

  /**
   * Whether this attempt may be made, once both seals are known. Throws LedgerError `ERR_SEAL_CHANGED`,
   * `ERR_ATTEMPTS_EXHAUSTED` or `ERR_DISCLOSURE_LIMIT`; then the session goes no further.
   */
  admit(digests: AttemptDigests, limits: Limits): void {
    this.requireOpen();
    const attempt = {
      question: encodeBase64url(digests.question),
      own: encodeBase64url(digests.own),
      peer: encodeBase64url(digests.peer),
    };
    admitAttempt(this.records, this.context.matter, attempt, limits);
    this.admitted = { attempt, session: encodeBase64url(digests.session), limits };
  }

  /** Resolves once this side's seal is on disk: before it signs its engagement. */
  async sealed(seal: Json): Promise<void> {
    await this.append((common) => ({ type: 'sealed', ...common, seal }));
  }

  /**
   * Resolves once it is on disk that this side releases its share of the outcome: before it does. Checks again, against what
   * other sessions with this peer have released meanwhile, and caught; throws as `begin` and `admit` do.
   */
  async released(): Promise<void> {
    const { attempt, limits } = this.requireAdmitted();
    await this.append((common, records) => {
      if (this.context.afterCheat !== 'allow') refuseCheater(records);
      const known = records.some((record) => record.type === 'sealed' && isOf(record, this.context, attempt));
      if (!known) throw new InputError('ERR_USAGE', 'a release comes after the seal is on disk');
      admitAttempt(records, this.context.matter, attempt, limits);
      return { type: 'released', ...common, ...releaseOf(records, this.context.matter, attempt, limits) };
    });
  }

  /** Resolves once it is on disk that the agreement (SHA-256 of its bytes, 32 bytes) is complete. */
  async agreed(agreement: Uint8Array): Promise<void> {
    await this.append((common) => ({ type: 'agreed', ...common, agreement: encodeBase64url(agreement) }));
  }

  /** Gives back the lock. Safe to call again. */
  async end(): Promise<void> {
    this.ended = true;
    await usable(() => this.context.lock.release());
  }

  private async append(
    make: (
      common: Omit<Extract<AttemptRecord, { type: 'released' }>, 'type' | 'bits' | 'releases'>,
      records: PeerRecord[],
    ) => AttemptRecord,
  ): Promise<void> {
    const { attempt, session } = this.requireAdmitted();
    const { matter } = this.context;
    this.records = await appendRecord(this.context, (time, records) =>
      make({ matter, ...attempt, session, time }, records),
    );
  }

  private requireAdmitted(): NonNullable<LedgerSession['admitted']> {
    this.requireOpen();
    if (this.admitted === undefined) throw new InputError('ERR_USAGE', 'the attempt has not been admitted');
    return this.admitted;
  }

  private requireOpen(): void {
    if (this.ended) throw new ParleyError('ERR_CLOSED', 'the session is closed');
  }
}

/** Appends what `make` makes of the time and all records so far; resolves with all of them once it is on disk. */
async function appendRecord(
  { directory, path, peer, now }: LogFile,
  make: (time: string, records: PeerRecord[]) => PeerRecord,
): Promise<PeerRecord[]> {
  const time = now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const name = Buffer.from(hash(tags.ledgerLock, peer)).toString('hex');
  return usable(async () => {
    const lock = await acquireLock(directory, name, APPEND_PATIENCE);
    if (lock === undefined) throw new Error('the log is being written by another process');
    try {
      return await appendToLog(path, peer, (records) => make(time, records));
    } finally {
      await lock.release();
    }
  });
}

function isOf(record: AttemptRecord, { matter }: SessionContext, attempt: Attempt): boolean {
  return record.matter === matter && sameAttempt(record, attempt);
}

/** Runs file operations; what the system refuses becomes LedgerError `ERR_LEDGER_UNUSABLE`. */
async function usable<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ParleyError || cause instanceof RangeError) throw cause;
    throw new LedgerError('ERR_LEDGER_UNUSABLE', 'the ledger of attempts cannot be read or written', {
      hint: 'check the directory, its permissions and free space',
      cause,
    });
  }
}
