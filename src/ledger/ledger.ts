import { fromHex, toHex } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import type { Agreement } from '../documents/agreement.ts';
import { looksOf } from '../documents/confusable.ts';
import { encodeBase64url } from '../documents/json.ts';
import { LedgerError } from '../errors.ts';
import { readAgreements } from './agreements.ts';
import type { ReleasedAttempt } from './attempt.ts';
import {
  type AfterCheat,
  type CheatReport,
  type Conduct,
  type DepartureReport,
  refuseCheater,
} from './conduct.ts';
import { LedgerSession } from './ledger-session.ts';
import { normaliseMatter } from './matter.ts';
import { PeerLog, readHistory } from './peer-log.ts';
import { foreseeAttempt, type Limits, type Standing } from './policy.ts';
import { type ReleasedSession, recordSettlement, type Settlement } from './settling.ts';
import type { Hold, Store } from './store.ts';
import { usable } from './usable.ts';

/** Milliseconds that a session waits for the previous one to end. */
const SESSION_PATIENCE = 250;
/** The most peers whose logs are kept in memory. The logs of other peers are read again when they are needed. */
const MEMORY = 64;

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
   * Records that a session whose release waits for agreement has an outcome that is proved otherwise: `digest` is SHA-256 of the proof's bytes. Resolves once
   * that is on disk, and with whether there was such a release. Throws LedgerError `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
   */
  settled(
    peer: Uint8Array,
    about: string,
    { digest, ...of }: ReleasedSession & { readonly digest: Uint8Array },
  ): Promise<boolean> {
    return this.settle(peer, about, of, { type: 'agreed', agreement: encodeBase64url(digest) });
  }

  /**
   * Records that a session whose release waits for agreement has ended without a proved outcome: an arbiter has opened nothing (`void`), or this side's owner has
   * given up (`unknown`). `shown`: whether seals show what both had entered. If so, a void gives the attempt back. Otherwise like `settled`.
   */
  ended(
    peer: Uint8Array,
    about: string,
    { end, shown, ...of }: ReleasedSession & { readonly end: 'void' | 'unknown'; readonly shown: boolean },
  ): Promise<boolean> {
    return this.settle(peer, about, of, end === 'void' ? { type: end, returned: shown } : { type: end });
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

  private async settle(
    peer: Uint8Array,
    about: string,
    of: ReleasedSession,
    settlement: Settlement,
  ): Promise<boolean> {
    const log = this.logOf(peer);
    return usable(() =>
      recordSettlement(log, { matter: normaliseMatter(about), ...of }, settlement, this.time()),
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
