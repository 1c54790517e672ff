import { PeerCheatedError } from '../errors.ts';

/**
 * Goes on only if a check on the peer holds; otherwise throws `ERR_PEER_CHEATED`, which poisons the session. Every check of
 * the malicious protocols goes through here by name, so that the adversary tests can replace this module and so show
 * that each check is necessary.
 */
export function check(name: string, holds: boolean): void {
  if (!holds) throw new PeerCheatedError(name);
}
