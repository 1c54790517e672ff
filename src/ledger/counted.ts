import { toHex } from '../crypto/encoding.ts';
import type { Agreement } from '../documents/agreement.ts';
import { LedgerError } from '../errors.ts';
import { isUnfinished, keyOf, type ReleasedAttempt } from './attempt.ts';
import type { AfterCheat } from './conduct.ts';
import type { Dealings, Ledger } from './ledger.ts';
import type { AttemptDigests, Json, LedgerSession, PreviousSeal } from './ledger-session.ts';
import type { Limits, Standing } from './policy.ts';

/** Names of a peer, 32 bytes each: that of whom it binds, and that of its own key where this is another one. */
export type Names = readonly [Uint8Array, ...Uint8Array[]];

/**
 * A peer as a ledger counts it: under each of its names. So neither another delegate of the same principal nor another principal of the same delegate begins to count anew. What would be
 * refused under one of the names is refused.
 */
export class CountedPeer {
  private readonly ledger: Ledger;
  private readonly names: Names;

  constructor(ledger: Ledger, names: Names) {
    this.ledger = ledger;
    this.names = names;
  }

  /** Throws what `Ledger.refuseCheater` throws. */
  async refuseCheater(): Promise<void> {
    for (const name of this.names) await this.ledger.refuseCheater(name);
  }

  /** Starts a session. Throws what `Ledger.begin` throws. */
  async begin(about: string, afterCheat: AfterCheat): Promise<CountedSession> {
    const begun: LedgerSession[] = [];
    try {
      for (const name of this.names) begun.push(await this.ledger.begin(name, about, afterCheat));
      return new CountedSession(begun as [LedgerSession, ...LedgerSession[]]);
    } catch (error) {
      for (const session of begun) await session.end().catch(() => undefined);
      throw error;
    }
  }

  /** The earlier dealings under any of the names: each attempt once, and the most bits that stand under one name. Throws what `Ledger.dealings` throws. */
  async dealings(about: string): Promise<Dealings> {
    const all: Dealings[] = [];
    for (const name of this.names) all.push(await this.ledger.dealings(name, about));
    const attempts = new Map(all.flatMap(({ attempts }) => attempts.map((one) => [keyOf(one), one])));
    return {
      matter: all[0]!.matter,
      attempts: [...attempts.values()].sort((one, other) => (one.time < other.time ? -1 : 1)),
      disclosedBits: Math.max(...all.map(({ disclosedBits }) => disclosedBits)),
      alike: [...new Set(all.flatMap(({ alike }) => alike))],
    };
  }

  /** How an attempt stands under the name that leaves least. Throws what `Ledger.foresee` throws. */
  async foresee(
    about: string,
    asked: { readonly question: Uint8Array; readonly sealed: boolean },
    limits: Limits,
  ): Promise<Standing> {
    const standings: Standing[] = [];
    for (const name of this.names) {
      try {
        standings.push(await this.ledger.foresee(name, about, asked, limits));
      } catch (error) {
        const found = standings.length > 0 ? [] : await this.attempts(about);
        throw explained(error, found);
      }
    }
    return standings.reduce((least, one) => (one.used > least.used ? one : least));
  }

  private async attempts(about: string): Promise<(readonly ReleasedAttempt[])[]> {
    const all: (readonly ReleasedAttempt[])[] = [];
    for (const name of this.names) all.push((await this.ledger.dealings(name, about)).attempts);
    return all;
  }
}

/** One session's hold on the ledger under each name of the peer: `LedgerSession` for all of them. */
export class CountedSession {
  private readonly sessions: readonly [LedgerSession, ...LedgerSession[]];

  constructor(sessions: readonly [LedgerSession, ...LedgerSession[]]) {
    this.sessions = sessions;
  }

  /** This side's seals of earlier sessions on the same question, each once; only the required ones if there are any. */
  async previousSeals(question: Uint8Array): Promise<PreviousSeal[]> {
    const seals = new Map<string, PreviousSeal>();
    for (const session of this.sessions) {
      for (const seal of await session.previousSeals(question)) {
        const known = seals.get(seal.own);
        if (known === undefined || seal.required) seals.set(seal.own, seal);
      }
    }
    const found = [...seals.values()];
    const required = found.filter((seal) => seal.required);
    return required.length > 0 ? required : found;
  }

  /** Throws what `LedgerSession.admit` throws. */
  admit(digests: AttemptDigests, limits: Limits): void {
    for (const [i, session] of this.sessions.entries()) {
      try {
        session.admit(digests, limits);
      } catch (error) {
        throw explained(error, i > 0 ? [] : this.sessions.map(({ attempts }) => attempts));
      }
    }
  }

  /** Resolves once the seal is on disk under each name. */
  async sealed(seal: Json): Promise<void> {
    for (const session of this.sessions) await session.sealed(seal);
  }

  /** Resolves once the release is on disk under each name. If it is refused under a later one, it stays counted under those before. */
  async released(): Promise<void> {
    for (const session of this.sessions) await session.released();
  }

  /** The document itself is kept under the first name. */
  async agreed(digest: Uint8Array, document: Agreement): Promise<void> {
    for (const [i, session] of this.sessions.entries())
      await session.agreed(digest, i === 0 ? document : undefined);
  }

  /** Gives back every lock, also where another one cannot be given back. Throws the first error. */
  async end(): Promise<void> {
    const ended = await Promise.allSettled(this.sessions.map((session) => session.end()));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}

/** The names without repetition. */
export function namesOf(bound: Uint8Array, own: Uint8Array): Names {
  return toHex(bound) === toHex(own) ? [bound] : [bound, own];
}

/** The error under the principal's name, where it is another delegate that has to finish. `attempts`: those on the matter, by the peer's names. */
function explained(error: unknown, [bound = [], own]: readonly (readonly ReleasedAttempt[])[]): unknown {
  if (!(error instanceof LedgerError) || error.code !== 'ERR_SEAL_CHANGED' || own === undefined) return error;
  const known = new Set(own.map(keyOf));
  if (!bound.some((attempt) => isUnfinished(attempt) && !known.has(keyOf(attempt)))) return error;
  return new LedgerError(
    'ERR_SEAL_CHANGED',
    'an outcome on this matter was released to the principal of the other side, through another key, and is not yet agreed',
    {
      hint: 'finish that negotiation first, with whoever came for that principal then; with this delegate, only other matters can be negotiated until it is finished',
      cause: error,
    },
  );
}
