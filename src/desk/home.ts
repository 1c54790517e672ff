import type { Identity, LocalIdentity } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import type { Ledger } from '../ledger/index.ts';
import type { KeyMemory, SealKey } from '../seals/index.ts';

/** An identity that is there, under a passphrase. */
export interface LockedIdentity {
  /** What its owner calls it, such as the name of its file. */
  readonly place: string;
  /** Throws InputError `ERR_PASSPHRASE` for a wrong one. */
  unlock(passphrase: string): Promise<Identity>;
}

/** What became of a seal key that was in the clear beside an identity with a passphrase: it is under it now, or could not be put there. */
export type SealKeyEvent =
  | { readonly kind: 'sealKeyLocked'; readonly place: string }
  | { readonly kind: 'sealKeyInClear'; readonly place: string; readonly error: unknown };

/** A peer that has been given a name. */
export interface KnownPeer {
  readonly name: string;
  readonly key: PublicJwk;
  /** Where that is kept: what to take away to forget it. */
  readonly place: string;
}

/** The peers that have been given names. A name keeps its key until it is forgotten. */
export interface KnownPeers {
  /** All of them, by name. */
  all(): Promise<KnownPeer[]>;
  find(name: string): Promise<KnownPeer | undefined>;
  /** Gives a key a name that is not taken. */
  add(name: string, key: PublicJwk): Promise<void>;
}

/** That a ledger was put back from a backup: what was released between these two times is not in it. UTC, as documents write times. */
export interface Restoration {
  /** When the backup was made. */
  readonly made: string;
  readonly restored: string;
}

/** What a party keeps about its peers. */
export interface PeerRecords {
  /** Where its attempts with each peer are counted. Without one they are not bounded. */
  readonly ledger: Ledger | undefined;
  /** Which peers' seal keys it has verified, so that each is verified once. */
  readonly knownKeys: KeyMemory;
  /** The last time that the ledger was put back from a backup, if it ever was. */
  readonly restoration?: Restoration | undefined;
}

/** A place kept for an agreement that is not there yet. */
export interface Reservation {
  /** Fills it. Gives what its owner calls it; throws InputError `ERR_FILE`, and then leaves nothing behind. */
  save(agreement: Uint8Array): Promise<string>;
  /** Gives it up, and leaves nothing behind. Changes nothing once it is filled. */
  release(): Promise<void>;
}

/** Where one party keeps what is its own. A place that a method gives is for people. */
export interface Home {
  /** This side's identity; undefined if there is none yet. */
  identity(): Promise<Identity | LockedIdentity | undefined>;
  /** Keeps a new identity. Gives its place. */
  keepIdentity(identity: LocalIdentity): Promise<string>;
  /** The seal key of an identity; undefined if there is none yet. What its owner should know of how it is kept is told to `told`. */
  sealKey(identity: PublicJwk, told?: (event: SealKeyEvent) => void): Promise<SealKey | undefined>;
  /** Keeps a new seal key, under the passphrase of its identity if that has one. Gives its place. */
  keepSealKey(sealKey: SealKey): Promise<string>;
  readonly peers: KnownPeers;
  records(): Promise<PeerRecords>;
  /** Keeps a place for the agreement of a negotiation, before anything is sent; undefined if it keeps none. */
  reserveAgreement(): Promise<Reservation | undefined>;
  /** Keeps what a peer had signed before it left: a JWS in its one byte form. Gives its place. */
  keepEngagement(engagement: string): Promise<string>;
}
