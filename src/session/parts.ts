import type { Random } from '../crypto/random.ts';
import type { Identity } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import type { DisputeStore, Ledger } from '../ledger/index.ts';
import type { Tell } from '../link/log.ts';
import type { SecureLink } from '../link/secure-link.ts';
import type { KeyMemory, SealKey } from '../seals/index.ts';
import type { Certificates } from './certificates.ts';
import type { Setup } from './setup.ts';
import type { Witness } from './witness.ts';

/** What a session is made of, once the peer is authenticated. */
export interface SessionParts {
  readonly link: SecureLink;
  readonly initiator: boolean;
  readonly identity: Identity;
  readonly peer: PublicJwk;
  readonly sessionId: Uint8Array;
  readonly random: Random;
  /** The secrets that outlive a negotiation. */
  readonly setup: Setup;
  /** For whom this side acts, and what the peer has shown of that. */
  readonly certificates: Certificates;
  readonly sealKey: SealKey | undefined;
  readonly knownKeys: KeyMemory;
  readonly ledger: Ledger | undefined;
  /** Where disputes are kept, which terms with an arbiter need. */
  readonly disputes: DisputeStore | undefined;
  readonly witness: Witness;
  /** Tells the log, if there is one. */
  readonly tell: Tell;
}
