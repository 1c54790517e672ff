import { fingerprint } from '../../documents/identity.ts';
import { printJson, say } from '../terminal/terminal.ts';
import { openOwn } from './own.ts';

/** `parley whoami [--identity KEY] [--json]`: this side's identity, and the peers that have a name. */
export async function whoami(
  flags: { readonly identity?: string; readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const {
    home,
    identity: { publicKey },
  } = await openOwn(flags.identity, signal);
  const path = home.identityFile;
  const peers = await Promise.all(
    (await home.peers.all()).map(async ({ name, key }) => ({
      name,
      fingerprint: await fingerprint(key),
      key,
    })),
  );
  const own = await fingerprint(publicKey);
  if (flags.json === true) return printJson({ identity: path, fingerprint: own, publicKey, peers });
  say(`identity     ${path}`);
  say(`fingerprint  ${own}`);
  printJson(publicKey);
  for (const peer of peers) say(`knows ${peer.name.padEnd(12)} ${peer.fingerprint}`);
}
