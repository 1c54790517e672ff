import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../../cli/terminal/failure.ts';
import { say, style } from '../../cli/terminal/terminal.ts';
import { fingerprint, parsePublicJwk, sameKey } from '../../documents/identity.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { IdentityError } from '../../errors.ts';
import { isMissing, readJson, writeNew } from './files.ts';
import { homeFolder } from './home.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** A peer that the person has given a name. */
export interface KnownPeer {
  readonly name: string;
  readonly key: PublicJwk;
}

/** The file that holds a known peer's public key. It is written once; to forget the peer, the person deletes it. */
export function peerPath(name: string): string {
  if (!NAME.test(name)) {
    throw usageError(`--name ${name.slice(0, 80)} cannot be a name`, 'use letters, digits, dots and dashes');
  }
  return join(homeFolder(), 'peers', `${name}.json`);
}

/** All known peers, by name. */
export async function knownPeers(): Promise<KnownPeer[]> {
  const files = await readdir(join(homeFolder(), 'peers')).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
  const peers = names
    .filter((name) => NAME.test(name))
    .map(async (name) => ({ name, key: (await readPeer(name))! }));
  return (await Promise.all(peers)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The key of the peer of that name, if it is known. */
export async function readPeer(name: string): Promise<PublicJwk | undefined> {
  const path = peerPath(name);
  return (await isMissing(path)) ? undefined : parsePublicJwk(await readJson(path, 'the known peer'));
}

/** The name of the peer with that key, if it is known. */
export async function nameOf(key: PublicJwk): Promise<string | undefined> {
  return (await knownPeers()).find((peer) => sameKey(peer.key, key))?.name;
}

/**
 * Refuses, loudly, a peer under a known name with another key (`thumbprint`) than before. Throws IdentityError `ERR_PEER_IDENTITY`.
 */
export async function refuseChangedKey(name: string | undefined, thumbprint: string): Promise<void> {
  const known = name === undefined ? undefined : await readPeer(name);
  if (known === undefined) return;
  const before = await fingerprint(known);
  if (before === thumbprint) return;
  say(style(['bold', 'red'], `THE KEY OF ${name} HAS CHANGED. Someone may be posing as ${name}.`));
  say(`  known  ${before}`);
  say(`  now    ${thumbprint}`);
  throw new IdentityError(
    `the key of ${name} has changed, so nothing was agreed`,
    `ask ${name} in person; only if the new key is right, delete ${peerPath(name!)} and start again`,
  );
}

/** Remembers a peer's key under a name, if it is not known yet. */
export async function rememberPeer(name: string | undefined, key: PublicJwk): Promise<void> {
  if (name === undefined || (await readPeer(name)) !== undefined) return;
  await mkdir(join(homeFolder(), 'peers'), { recursive: true, mode: 0o700 });
  await writeNew(peerPath(name), `${JSON.stringify(key)}\n`, 0o600);
  say(`from now on ${name} is whoever holds that key`);
}
