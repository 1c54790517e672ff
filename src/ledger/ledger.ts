import { fromHex, toHex } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { Agreement } from '../documents/agreement.ts';
import { looksOf } from '../documents/confusable.ts';
import { encodeBase64url } from '../documents/json.ts';
import { InputError, LedgerError, ParleyError } from '../errors.ts';
import { readAgreements } from './agreements.ts';
import { type Attempt, type ReleasedAttempt, unfinishedAttempt } from './attempt.ts';
import {
  type AfterCheat,
  type CheatReport,
  type Conduct,
  type DepartureReport,
  refuseCheater,
} from './conduct.ts';
import type { History } from './history.ts';
import { normaliseMatter } from './matter.ts';
import { PeerLog, readHistory } from './peer-log.ts';
import { admitAttempt, foreseeAttempt, type Limits, releaseOf, type Standing } from './policy.ts';
import { type AttemptRecord, decodeRecord } from './record.ts';
import type { Hold, Store } from './store.ts';
import { usable } from './usable.ts';

/** Milliseconds that a session waits for the previous one to end. */
const SESSION_PATIENCE = 250;
/** The most peers whose logs are kept in memory. The logs of other peers are read again when they are needed. */
const MEMORY = 64;

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
}

/** What is known of one peer. */
export interface PeerSummary extends Conduct {
  /** Ed25519 public key, 32 bytes. */
  readonly peer: Uint8Array;
  readonly attempts: readonly ReleasedAttempt[];
  readonly disclosedBits: number;
}

/** The earlier dealings with one peer. */
export interface Dealings {
  /** The matter's name in the ledger's form. */
  readonly matter: string;
  /** The attempts that have been released on the matter, oldest first. */
  readonly attempts: readonly ReleasedAttempt[];
  /** Bits disclosed to the peer under any matter. */
  readonly disclosedBits: number;
  /** Other matters with this peer whose names look like this one. They are counted separately. */
  readonly alike: readonly string[];
}

/** A complete agreement, as it was signed. */
export interface KeptAgreement {
  /** Ed25519 public key, 32 bytes. */
  readonly peer: Uint8Array;
  readonly matter: string;
  readonly time: string;
  readonly agreement: Agreement;
}

/** A party's ledger of attempts: see README.md. All its processes share one store. */
export class Ledger {
  private readonly store: Store;
  private readonly now: () => Date;
  /** The one used last is at the end. */
  private readonly logs = new Map<string, PeerLog>();

  constructor(store: Store, now: () => Date = () => new Date()) {
    this.store = store;
    this.now = now;
  }

  /** Shows other processes that a session is under way while it has no matter's lock yet, so that its home is neither backed up nor removed. `session`: its id. */
  async underWay(session: Uint8Array): Promise<Hold> {
    const hold = await usable(() => this.store.hold(toHex(hash(tags.ledgerLock, session)), SESSION_PATIENCE));
    if (hold === undefined) throw new LedgerError('ERR_SESSION_BUSY', 'this session is under way already');
    return hold;
  }

  /**
   * Starts a session with a peer (Ed25519 public key, 32 bytes) on a matter, however that is spelt (`normaliseMatter`). Throws LedgerError `ERR_SESSION_BUSY` while
   * another one is under way in any process, `ERR_PEER_BARRED`, `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  async begin(peer: Uint8Array, about: string, afterCheat: AfterCheat = 'refuse'): Promise<LedgerSession> {
    const log = this.logOf(peer);
    const matter = normaliseMatter(about);
    const name = toHex(hash(tags.ledgerLock, peer, matter));
    const hold = await usable(() => this.store.hold(name, SESSION_PATIENCE));
    if (hold === undefined) {
      throw new LedgerError(
        'ERR_SESSION_BUSY',
        'another session with this peer on this matter is under way',
        {
          hint: 'wait until it ends',
        },
      );
    }
    try {
      const history = await usable(() => log.refresh());
      if (afterCheat !== 'allow') refuseCheater(history);
      return new LedgerSession({ log, hold, matter, afterCheat, time: () => this.time() });
    } catch (error) {
      await hold.release().catch(() => undefined);
      throw error;
    }
  }

  /** Throws LedgerError `ERR_PEER_BARRED` if this peer was caught cheating and has not been forgiven; `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`. */
  async refuseCheater(peer: Uint8Array): Promise<void> {
    const log = this.logOf(peer);
    refuseCheater(await usable(() => log.refresh()));
  }

  /** Records that this peer was caught cheating. Resolves once that is on disk; from then on the peer is barred. */
  async cheated(peer: Uint8Array, report: CheatReport): Promise<void> {
    const log = this.logOf(peer);
    await usable(() => log.append(() => ({ type: 'cheated', ...report, time: this.time() })));
  }

  /** Records that this peer left after both sides' mandates were in. Resolves once that is on disk. */
  async left(peer: Uint8Array, report: DepartureReport): Promise<void> {
    const log = this.logOf(peer);
    await usable(() => log.append(() => ({ type: 'left', ...report, time: this.time() })));
  }

  /**
   * Forgives the cheats that this peer was caught at so far, so that it may negotiate again. Returns whether there was anything to forgive. Throws
   * LedgerError `ERR_PEER_BARRED`, and forgives nothing, if the peer is caught again meanwhile.
   */
  async forgive(peer: Uint8Array): Promise<boolean> {
    const log = this.logOf(peer);
    let meant: number | undefined;
    let forgiven = false;
    await usable(() =>
      log.append(({ cheats }) => {
        meant ??= cheats.length;
        if (cheats.length > meant) refuseCheater({ cheats: cheats.slice(meant) });
        forgiven = cheats.some((cheat) => !cheat.forgiven);
        return forgiven ? { type: 'forgiven', time: this.time() } : undefined;
      }),
    );
    return forgiven;
  }

  /**
   * Records that a session (32 bytes) whose release waits for agreement has an outcome that is proved otherwise: `digest` is SHA-256 of the proof's bytes. Resolves once
   * that is on disk, and with whether there was such a release. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  async settled(
    peer: Uint8Array,
    about: string,
    { question, session, digest }: Readonly<Record<'question' | 'session' | 'digest', Uint8Array>>,
  ): Promise<boolean> {
    const log = this.logOf(peer);
    const matter = normaliseMatter(about);
    const [asked, of, agreement] = [question, session, digest].map(encodeBase64url) as [
      string,
      string,
      string,
    ];
    let found = false;
    await usable(() =>
      log.append((history) => {
        const attempt = unfinishedAttempt([...history.attemptsOn(matter).values()], asked, of);
        found = attempt !== undefined;
        if (attempt === undefined) return undefined;
        const { own, peer: theirs } = attempt;
        const time = this.time();
        return { type: 'agreed', matter, question: asked, own, peer: theirs, session: of, time, agreement };
      }),
    );
    return found;
  }

  /** What is known about every peer, from logs that are read and checked whole. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`. */
  async list(): Promise<PeerSummary[]> {
    const names = await usable(() => this.store.list());
    const summaries: PeerSummary[] = [];
    for (const name of names.sort()) {
      const { attempts, disclosedBits, cheats, departures } = await usable(() =>
        readHistory(this.store, name),
      );
      summaries.push({ peer: fromHex(name), attempts, disclosedBits, cheats, departures });
    }
    return summaries;
  }

  /** This side's earlier dealings with a peer, on a matter in any spelling and in total. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`. */
  async dealings(peer: Uint8Array, about: string): Promise<Dealings> {
    const log = this.logOf(peer);
    const history = await usable(() => log.refresh());
    const matter = normaliseMatter(about);
    const looks = looksOf(matter);
    return {
      matter,
      attempts: [...history.attemptsOn(matter).values()],
      disclosedBits: history.disclosedBits,
      alike: history.matterNames().filter((name) => name !== matter && looksOf(name) === looks),
    };
  }

  /** The agreements with every peer, those with one peer oldest first. Earlier versions kept none. Throws what `list` throws. */
  async agreements(): Promise<KeptAgreement[]> {
    const kept: KeptAgreement[] = [];
    for (const name of await usable(() => this.store.list())) {
      for (const found of await usable(() => readAgreements(this.store, name))) {
        kept.push({ peer: fromHex(name), ...found });
      }
    }
    return kept;
  }

  /**
   * How an attempt stands before both bids are known. Throws what `LedgerSession.admit` throws if it would refuse every two bids, and LedgerError
   * `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  async foresee(
    peer: Uint8Array,
    about: string,
    { question, sealed }: { readonly question: Uint8Array; readonly sealed: boolean },
    limits: Limits,
  ): Promise<Standing> {
    const log = this.logOf(peer);
    const history = await usable(() => log.refresh());
    return foreseeAttempt(
      history,
      normaliseMatter(about),
      { question: encodeBase64url(question), sealed },
      limits,
    );
  }

  private logOf(peer: Uint8Array): PeerLog {
    if (peer.length !== 32) throw new RangeError('an identity has 32 bytes');
    const name = toHex(peer);
    const log = this.logs.get(name) ?? new PeerLog(this.store, name);
    this.logs.delete(name);
    this.logs.set(name, log);
    for (const oldest of this.logs.keys()) {
      if (this.logs.size <= MEMORY) break;
      this.logs.delete(oldest);
    }
    return log;
  }

  private time(): string {
    return this.now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }
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

  /**
   * This side's seals of earlier sessions on the same question, latest first. If an outcome waits for agreement, only the seal of
   * that outcome is returned, as required.
   */
  async previousSeals(question: Uint8Array): Promise<PreviousSeal[]> {
    const text = encodeBase64url(question);
    const { log, matter } = this.context;
    const unfinished = [...log.history.attemptsOn(matter).values()].find(
      (attempt) => attempt.question === text && attempt.agreement === undefined,
    );
    const places = log.history
      .sealsOf(matter, text)
      .filter(({ own }) => unfinished === undefined || own === unfinished.own);
    const texts = await usable(() => log.pick(places.map(({ position }) => position)));
    return places.map(({ own }, index) => {
      const { seal } = decodeRecord(texts[index]!) as Extract<AttemptRecord, { type: 'sealed' }>;
      return { seal: seal as Json, own, required: unfinished !== undefined };
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
      common: Omit<Extract<AttemptRecord, { type: 'released' }>, 'type' | 'rule' | 'bits' | 'releases'>,
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
