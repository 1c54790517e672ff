import { equalBytes } from '../crypto/bytes.ts';
import { toHex } from '../crypto/encoding.ts';
import { turn } from '../crypto/turns.ts';
import type { FairEngagement } from '../documents/fair-engagement.ts';
import type { Identity } from '../documents/identity.ts';
import { readResolution, signResolution } from '../documents/resolution.ts';
import { formatTime } from '../documents/terms.ts';
import { readVoid, signVoid } from '../documents/void.ts';
import { ArbiterError, isParleyError } from '../errors.ts';
import { type EscrowKey, openEscrow } from '../escrow/index.ts';
import { type ArbiterKeys, checkComplaint, checkQuestion, labelOf, type ShownCase } from './case.ts';
import type { CaseStore } from './store.ts';

/** Milliseconds after `complainBy` from which a case is void: complaints that came in time have been decided by then. */
export const GRACE = 10_000;

export interface ArbiterOptions {
  /** The key of the card. */
  readonly identity: Identity;
  readonly escrowKey: EscrowKey;
  readonly store: CaseStore;
  /** Milliseconds since 1970. Default: the system's clock. Deadlines are decided by it. */
  readonly now?: () => number;
}

/** The arbiter of terms that name it. libsodium has to be loaded. Each document that it gives is in its one byte form. */
export interface Arbiter {
  /**
   * Answers a complaint: with the case's resolution, the same one however often it is asked for; or with a void, if there is one already. Throws ArbiterError
   * `ERR_COMPLAINT_FORMAT`, `ERR_COMPLAINT_PARTIES`, `ERR_COMPLAINT_NOT_MINE`, `ERR_COMPLAINT_ESCROW`, `ERR_COMPLAINT_LATE` or `ERR_ARBITER_STORE`.
   */
  answer(complaint: Uint8Array): Promise<Uint8Array>;
  /**
   * Answers the holder of one engagement: with the case's resolution or void, or undefined as long as it may still become either. Throws
   * ArbiterError `ERR_COMPLAINT_FORMAT`, `ERR_COMPLAINT_NOT_MINE` or `ERR_ARBITER_STORE`.
   */
  ask(engagement: Uint8Array): Promise<Uint8Array | undefined>;
}

/** Steps 1 to 7 of README.md. */
export function defineArbiter({ identity, escrowKey, store, now = Date.now }: ArbiterOptions): Arbiter {
  const own: ArbiterKeys = { key: identity.publicKey, escrow: escrowKey.publicKey };
  const cases = new Cases(store, own);
  return {
    async answer(bytes) {
      const arrived = now();
      await turn(); // others can go on with their uploads: a document that is long and wrong takes long to refuse
      const shown = checkComplaint(bytes, own);
      const { engagement } = shown;
      return cases.decide(engagement, async () => {
        if (arrived > Date.parse(engagement.fair.complainBy)) {
          throw new ArbiterError('ERR_COMPLAINT_LATE', 'the complaint came after the deadline of its case');
        }
        return resolve(shown, arrived);
      });
    },
    async ask(bytes) {
      await turn();
      const engagement = checkQuestion(bytes, own);
      const asked = now();
      const over = asked > Date.parse(engagement.fair.complainBy) + GRACE;
      if (!over) return cases.known(engagement);
      const { case: name, session } = engagement;
      return cases.decide(engagement, () =>
        signVoid({ case: name, session, asOf: formatTime(asked) }, identity),
      );
    },
  };

  /** Step 7: opens all unopened ciphertexts of both sides. */
  function resolve({ complaint, engagement }: ShownCase, arrived: number): Promise<Uint8Array> {
    const { case: name, session, terms, fair } = engagement;
    const opened = Object.entries(complaint.escrows).map(([role, escrow]) => {
      return [role, openEscrow(escrowKey, labelOf(engagement, role, own), escrow)] as const;
    });
    return signResolution(
      {
        ...{ case: name, session, terms },
        ...{ complainBy: fair.complainBy, resolved: formatTime(arrived), by: complaint.by },
        engagements: complaint.engagements,
        opened: Object.fromEntries(opened),
      },
      identity,
    );
  }
}

/** Steps 5 and 6: what has been decided, once for each case. */
class Cases {
  private readonly store: CaseStore;
  private readonly own: ArbiterKeys;
  /** The last decision under way for each case. */
  private readonly pending = new Map<string, Promise<unknown>>();

  constructor(store: CaseStore, own: ArbiterKeys) {
    this.store = store;
    this.own = own;
  }

  /** The record of a case. Throws ArbiterError `ERR_ARBITER_STORE` if it cannot be read, or is not what this arbiter has signed for this case. */
  async known(engagement: FairEngagement): Promise<Uint8Array | undefined> {
    const record = await this.stored(() => this.store.get(toHex(engagement.case)));
    if (record !== undefined && !this.isOwn(record, engagement))
      throw new ArbiterError('ERR_ARBITER_STORE', 'the record of this case is damaged');
    return record;
  }

  /** The record of a case, made by `make` if there is none. It is durable before anybody gets it. */
  async decide(engagement: FairEngagement, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const name = toHex(engagement.case);
    return this.inTurn(name, async () => {
      const before = await this.known(engagement);
      if (before !== undefined) return before;
      const made = await make();
      if (await this.stored(() => this.store.create(name, made))) return made;
      // Another process was first.
      const theirs = await this.known(engagement);
      if (theirs !== undefined) return theirs;
      throw new ArbiterError('ERR_ARBITER_STORE', 'the record of this case is not where it was made');
    });
  }

  /** Runs the decisions on one case one after another, so that its escrows are opened once. */
  private async inTurn<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.pending.get(name) ?? Promise.resolve();
    const current = before.then(work, work);
    this.pending.set(name, current);
    try {
      return await current;
    } finally {
      if (this.pending.get(name) === current) this.pending.delete(name);
    }
  }

  private isOwn(record: Uint8Array, { case: name }: FairEngagement): boolean {
    return [readResolution, readVoid].some((read) => {
      try {
        return equalBytes(read(record, this.own.key).case, name);
      } catch (error) {
        if (!isParleyError(error)) throw error;
        return false;
      }
    });
  }

  private async stored<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (cause) {
      throw new ArbiterError('ERR_ARBITER_STORE', 'the records of cases cannot be read or written', {
        cause,
      });
    }
  }
}
