import type { Identity, LocalIdentity } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import type { ParleyError } from '../errors.ts';
import type { DisputeStore, Ledger } from '../ledger/index.ts';
import type { KeyMemory, SealKey } from '../seals/index.ts';

/** An identity that is protected by a passphrase. */
export interface LockedIdentity {
  /** What the owner calls it, such as the name of its file. */
  readonly place: string;
  /** Throws InputError `ERR_PASSPHRASE` for a wrong passphrase. */
  unlock(passphrase: string): Promise<Identity>;
}

/** What became of a seal key that was stored in the clear beside an identity with a passphrase: it is now encrypted under that passphrase, or could not be. */
export type SealKeyEvent =
  | { readonly kind: 'sealKeyLocked'; readonly place: string }
  | { readonly kind: 'sealKeyInClear'; readonly place: string; readonly error: unknown };

/** A peer that has been given a name. */
export interface KnownPeer {
  readonly name: string;
  readonly key: PublicJwk;
  /** Where the name is kept: removing that forgets the name. */
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

/** A ledger was restored from a backup. What was released between these two times is missing from it. UTC, as documents write times. */
export interface Restoration {
  /** When the backup was made. */
  readonly made: string;
  readonly restored: string;
}

/** What a party keeps about its peers. */
export interface PeerRecords {
  /** Counts the party's attempts with each peer. Without a ledger they are not bounded. */
  readonly ledger: Ledger | undefined;
  /** Where disputes are kept until they are over. Terms with an arbiter need it. */
  readonly disputes?: DisputeStore | undefined;
  /** The peers' seal keys that this party has verified, so that each is verified once. */
  readonly knownKeys: KeyMemory;
  /** The last restoration of the ledger from a backup, if there was one. */
  readonly restoration?: Restoration | undefined;
}

/** A place reserved for an agreement that does not exist yet. */
export interface Reservation {
  /** Saves the agreement there, and returns what the owner calls the place. Throws InputError `ERR_FILE`, and then leaves nothing behind. */
  save(agreement: Uint8Array): Promise<string>;
  /** Gives the place up, and leaves nothing behind. Changes nothing once an agreement is saved there. */
  release(): Promise<void>;
}

/** Where one party keeps its keys and documents. The places that methods return are for people to read. */
export interface Home {
  /** This side's identity; undefined if there is none yet. */
  identity(): Promise<Identity | LockedIdentity | undefined>;
  /** Keeps a new identity. Returns its place. */
  keepIdentity(identity: LocalIdentity): Promise<string>;
  /** The seal key of an identity; undefined if there is none yet. `told` receives what the owner should know about how the key is kept. */
  sealKey(identity: PublicJwk, told?: (event: SealKeyEvent) => void): Promise<SealKey | undefined>;
  /** Keeps a new seal key, under the passphrase of its identity if that has one. Returns its place. */
  keepSealKey(sealKey: SealKey): Promise<string>;
  readonly peers: KnownPeers;
  records(): Promise<PeerRecords>;
  /** Reserves a place for the agreement of a negotiation, before anything is sent; undefined if this home keeps no agreements. */
  reserveAgreement(): Promise<Reservation | undefined>;
  /** Keeps the engagement of a peer that left, a JWS in canonical form, and what shows for whom that peer acts. Returns the engagement's place. */
  keepEngagement(engagement: string, delegation?: ParleyError['delegation']): Promise<string>;
  /** Keeps an outcome that is proved without the peer's signature on an agreement. Returns its place. */
  keepOutcome(proof: Uint8Array): Promise<string>;
}
