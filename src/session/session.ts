import type { PublicJwk, Terms, TermsDraft } from '../documents/terms.ts';
import type { ParleyError } from '../errors.ts';
import type { LinkStats } from '../link/tally.ts';
import type { NegotiateOptions, PrepareOptions } from './options.ts';
import type { Result } from './result.ts';

/**
 * An authenticated, encrypted connection to a peer, for one negotiation after another. Any failure ends it on both sides, and
 * zeroes its secrets.
 */
export interface Session {
  /** This side's key. */
  readonly own: PublicJwk;
  /** The peer's proven key. */
  readonly peer: PublicJwk;
  /** 32 bytes, the same on both sides. */
  readonly id: Uint8Array;
  /** Bytes and flights so far. */
  readonly stats: LinkStats;
  /** RFC 7638 thumbprint of the peer's key. */
  peerFingerprint(): Promise<string>;
  /** Calls `listener` once, when the session fails. Returns a function that removes the listener. */
  onFailure(listener: (error: ParleyError) => void): () => void;
  /**
   * Agrees on the terms and runs everything that does not depend on the mandates, ahead of `negotiate` with the same terms. If the other side calls
   * `negotiate` instead, it prepares first too. Only a negotiation after the session's first may have gone on already by then: both sides get TermsError
   * `ERR_TERMS_MISMATCH`.
   */
  prepare(terms: Terms | TermsDraft, options?: PrepareOptions): Promise<void>;
  /**
   * One negotiation, step by step as in README.md of this folder. Throws typed errors: before anything is sent InputError or
   * TermsError (the session stays open), afterwards the error that ended the session. Its `engagement` is what the peer had signed.
   * A mandate that the terms cannot hold is refused only if it is a value, and only before `prepare`. For terms that the peer proposed, give a function.
   */
  negotiate(options: NegotiateOptions): Promise<Result>;
  /**
   * Ends the session in order: both sides know that the other has everything. Rejects with PeerLeftError or TimeoutError if
   * the peer does not confirm. A negotiation under way is cancelled.
   */
  close(): Promise<void>;
  /** Drops the connection and every secret at once. */
  destroy(): void;
}
