import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownPeer, KnownPeers } from '../../desk/home.ts';
import { isPeerName } from '../../desk/peers.ts';
import { parsePublicJwk } from '../../documents/identity.ts';
import { isMissing, makeHomeFolder, readJson, writeNew } from './files.ts';

const ENDING = '.json';

/** Known peers in a folder: a file with a public key for each name. A file is written once; to forget the peer, the person deletes it. */
export function filePeers(folder: string): KnownPeers {
  const pathOf = (name: string) => join(folder, `${name}${ENDING}`);
  const find = async (name: string): Promise<KnownPeer | undefined> => {
    const place = pathOf(name);
    if (!isPeerName(name) || (await isMissing(place))) return undefined;
    return { name, key: parsePublicJwk(await readJson(place, 'the known peer')), place };
  };
  return {
    find,
    async all() {
      const files = await readdir(folder).catch(() => []);
      const names = files
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length));
      const peers = await Promise.all(names.filter(isPeerName).map(find));
      return peers
        .filter((peer) => peer !== undefined)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },
    async add(name, key) {
      await makeHomeFolder(folder);
      await writeNew(pathOf(name), `${JSON.stringify(key)}\n`, 0o600);
    },
  };
}
