import { fingerprint, generateIdentity } from '../../documents/identity.ts';
import { refuseExisting, writeNew } from '../../node/home/files.ts';
import { printJson, say } from '../terminal/terminal.ts';

/** `parley keygen --out KEY [--passphrase]` */
export async function keygen(
  { out, passphrase = false }: { readonly out: string; readonly passphrase?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const identity = generateIdentity();
  let file: object = identity.exportPrivate();
  if (passphrase) {
    await refuseExisting(out);
    const { askNewPassphrase } = await import('../terminal/passphrase.ts');
    const { lockIdentity } = await import('../../documents/passphrase.ts');
    file = await lockIdentity(identity, await askNewPassphrase('the key', signal));
  }
  await writeNew(out, `${JSON.stringify(file)}\n`, 0o600);
  say(`private key saved to ${out}: keep it to yourself`);
  if (passphrase) say('without its passphrase nobody can use it, and you cannot either');
  say(`fingerprint ${await fingerprint(identity.publicKey)}`);
  say('give the public key below to the other side:');
  printJson(identity.publicKey);
}
