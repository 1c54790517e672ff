import { membersOf } from '../../protocols/define.ts';
import { type Dispute, type ReadDispute, readDispute, serializeDispute } from '../arbiter/index.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { ledgerName, readDelegation } from '../documents/delegation.ts';
import { rawPublicKey } from '../documents/identity.ts';
import { openJws } from '../documents/jws.ts';
import { InputError, LedgerError, ParleyError } from '../errors.ts';
import {
  CountedPeer,
  type DisputeStore,
  isUnfinished,
  type Ledger,
  matterFor,
  type Names,
  namesOf,
  normaliseMatter,
} from '../ledger/index.ts';
import type { SessionParts } from './parts.ts';
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

/**
 * Throws LedgerError `ERR_DISPUTE_OPEN` while a dispute with this peer on the same matter is open; and InputError `ERR_DISPUTE_INVALID`, with its place, if one
 * that cannot be read may be that. Other disputes are no obstacle.
 */
export async function requireNoDispute(
  {
    disputes,
    ledger,
    peer,
    certificates,
  }: Pick<SessionParts, 'disputes' | 'ledger' | 'peer' | 'certificates'>,
  side: Pick<Side, 'terms' | 'peerRole'>,
): Promise<void> {
  if (disputes === undefined) return;
  const names = certificates.namesOf(side, peer);
  const about = certificates.matterOf(side.terms);
  for (const { session, document } of await disputes.list()) {
    const dispute = read(document);
    if (dispute === undefined) {
      if (await mayConcern(ledger, names, about)) throw unreadable(disputes.place(session));
    } else if (isAbout(dispute, names, about)) {
      throw new LedgerError('ERR_DISPUTE_OPEN', 'a dispute with this peer on this matter is open', {
        hint: `complain to the arbiter by ${dispute.engagement.fair.complainBy}, or ask it afterwards`,
      });
    }
  }
}

/** Undefined for a document that is damaged. */
function read(document: Uint8Array | undefined): ReadDispute | undefined {
  try {
    return document && readDispute(document);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return undefined;
  }
}

/** A dispute is with whom the peer had bound then, and with the key that it had. */
function isAbout({ engagement, mandates = {} }: ReadDispute, names: Names, about: string): boolean {
  const principalOf = (role: string) => {
    const documents = Object.hasOwn(mandates, role) ? mandates[role] : undefined;
    return documents && readDelegation(documents).certificate.principal;
  };
  const { role } = engagement;
  const [peerRole, key] = Object.entries(engagement.parties).find(([name]) => name !== role)!;
  const principal = principalOf(peerRole);
  const own = rawPublicKey(key);
  const counted = principal === undefined ? [own] : namesOf(ledgerName(principal), own);
  const { matter, subject } = membersOf(membersOf(openJws(engagement.engagement).payload).terms);
  const named = matter ?? subject;
  const same = counted.some((one) => names.some((other) => equalBytes(one, other)));
  if (!same || typeof named !== 'string') return false;
  const known = matterFor({ subject: named }, principalOf(role));
  return normaliseMatter(known) === normaliseMatter(about);
}

/** Whether a dispute that cannot be read may be with this peer on this matter: by then an outcome had been released, on which there is no agreement yet. */
async function mayConcern(ledger: Ledger | undefined, names: Names, about: string): Promise<boolean> {
  if (ledger === undefined) return true;
  const { attempts } = await new CountedPeer(ledger, names).dealings(about);
  return attempts.some(isUnfinished);
}

function unreadable(place: string): InputError {
  return new InputError('ERR_DISPUTE_INVALID', `the dispute file ${place} is damaged`, {
    hint: 'restore it from a copy, and complain; without it nobody can, so once its deadline has passed you may as well remove it',
  });
}
