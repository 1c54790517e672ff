import { fingerprint, sameKey } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { IdentityError, InputError } from '../errors.ts';
import type { KnownPeers } from './home.ts';
import type { DeskEvent, Peer } from './person.ts';

type Tell = (event: DeskEvent) => void;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Whether a peer can have this name. */
export function isPeerName(name: string): boolean {
  return NAME.test(name);
}

/** Throws InputError `ERR_USAGE` for a name that no peer can have. */
export function requirePeerName(name: string | undefined): void {
  if (name === undefined || isPeerName(name)) return;
  throw new InputError('ERR_USAGE', 'a peer cannot have this name', {
    hint: 'use letters, digits, dots and dashes',
  });
}

/** A peer as it is described to people. */
export async function describePeer(peers: KnownPeers, role: string, key: PublicJwk): Promise<Peer> {
  const known = (await peers.all()).find((peer) => sameKey(peer.key, key));
  return { role, fingerprint: await fingerprint(key), name: known?.name };
}

/**
 * Refuses a peer whose key (`thumbprint`) differs from the one known under its name. Nobody is asked. Throws IdentityError `ERR_PEER_IDENTITY`.
 */
export async function refuseChangedKey(
  peers: KnownPeers,
  name: string | undefined,
  thumbprint: string,
  tell: Tell,
): Promise<void> {
  const known = name === undefined ? undefined : await peers.find(name);
  if (known === undefined) return;
  const before = await fingerprint(known.key);
  if (before === thumbprint) return;
  tell({ kind: 'keyChanged', name: known.name, known: before, now: thumbprint, place: known.place });
  throw new IdentityError(
    `the key of ${known.name} has changed, so nothing was agreed`,
    `ask ${known.name} in person; only if the new key is right, forget the old one and start again`,
  );
}

/** Remembers a peer's key under a name, unless the name is known already. Not for a peer that acts for somebody else: the name would be its own. */
export async function rememberPeer(
  peers: KnownPeers,
  name: string | undefined,
  key: PublicJwk,
  tell: Tell,
): Promise<void> {
  if (name === undefined || (await peers.find(name)) !== undefined) return;
  await peers.add(name, key);
  tell({ kind: 'peerRemembered', name });
}
