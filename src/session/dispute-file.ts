import { membersOf } from '../../protocols/define.ts';
import { type Dispute, readDispute, serializeDispute } from '../arbiter/index.ts';
import { sameKey } from '../documents/identity.ts';
import { openJws } from '../documents/jws.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { LedgerError, ParleyError } from '../errors.ts';
import { type DisputeStore, normaliseMatter } from '../ledger/index.ts';
import type { Side } from './preflight.ts';

/** The dispute of a session in which this side engages: on disk before its engagement leaves, and again before its mask does. */
export class DisputeFile {
  private readonly store: DisputeStore;
  private readonly session: Uint8Array;
  private dispute: Dispute | undefined;

  constructor(store: DisputeStore, session: Uint8Array) {
    this.store = store;
    this.session = session;
  }

  /** In its one byte form, once this side may have engaged. */
  get document(): Uint8Array | undefined {
    return this.dispute && serializeDispute(this.dispute);
  }

  /** Keeps it, durably. What it says replaces what it said before. */
  async keep(dispute: Dispute): Promise<void> {
    this.dispute = dispute;
    await this.store.keep(this.session, serializeDispute(dispute));
  }

  /** Keeps what has changed. */
  async add(changes: Partial<Dispute>): Promise<void> {
    if (this.dispute === undefined) throw new Error('a dispute is kept before anything is added');
    await this.keep({ ...this.dispute, ...changes });
  }

  /** Removes it once the agreement is complete. If the store fails, the agreement is valid all the same: the error is returned, and the matter stays blocked. */
  async remove(): Promise<ParleyError | undefined> {
    try {
      await this.store.remove(this.session);
      return undefined;
    } catch (cause) {
      if (cause instanceof ParleyError) return cause;
      return new LedgerError('ERR_LEDGER_UNUSABLE', 'a dispute that is over cannot be removed', { cause });
    }
  }
}

/** Throws LedgerError `ERR_DISPUTE_OPEN` while a dispute with this peer on the same matter is open, and InputError `ERR_DISPUTE_INVALID` for a damaged file. */
export async function requireNoDispute(
  store: DisputeStore | undefined,
  { terms }: Pick<Side, 'terms'>,
  peer: PublicJwk,
): Promise<void> {
  const matter = normaliseMatter(terms.matter ?? terms.subject);
  for (const document of (await store?.list()) ?? []) {
    const { engagement } = readDispute(document);
    const other = Object.entries(engagement.parties).find(([role]) => role !== engagement.role)![1];
    const signed = membersOf(membersOf(openJws(engagement.engagement).payload).terms);
    const named = signed.matter ?? signed.subject;
    if (!sameKey(other, peer) || typeof named !== 'string' || normaliseMatter(named) !== matter) continue;
    throw new LedgerError('ERR_DISPUTE_OPEN', 'a dispute with this peer on this matter is open', {
      hint: `complain to the arbiter by ${engagement.fair.complainBy}, or ask it afterwards`,
    });
  }
}
