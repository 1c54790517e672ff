import { fingerprint } from '../../documents/identity.ts';
import { isMissing, readIdentity } from '../../node/home/files.ts';
import { homeIdentity } from '../../node/home/home.ts';
import { knownPeers } from '../../node/home/peers.ts';
import { usageError } from '../terminal/failure.ts';
import { printJson, say } from '../terminal/terminal.ts';

/** `parley whoami [--identity KEY] [--json]`: this side's identity, and the peers that have a name. */
export async function whoami(
  flags: { readonly identity?: string; readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const path = flags.identity ?? homeIdentity();
  if (flags.identity === undefined && (await isMissing(path))) {
    throw usageError('there is no identity yet', `parley host and parley join make one, ${path}`);
  }
  const { publicKey } = await readIdentity(path, signal);
  const peers = await Promise.all(
    (await knownPeers()).map(async ({ name, key }) => ({ name, fingerprint: await fingerprint(key), key })),
  );
  const own = await fingerprint(publicKey);
  if (flags.json === true) return printJson({ identity: path, fingerprint: own, publicKey, peers });
  say(`identity     ${path}`);
  say(`fingerprint  ${own}`);
  printJson(publicKey);
  for (const peer of peers) say(`knows ${peer.name.padEnd(12)} ${peer.fingerprint}`);
}
