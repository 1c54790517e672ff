import { fingerprint, generateIdentity } from '../agreement/identity.ts';
import { writeNew } from './files.ts';
import { printJson, say } from './terminal.ts';

/** `parley keygen --out KEY` */
export async function keygen({ out }: { readonly out: string }): Promise<void> {
  const identity = generateIdentity();
  await writeNew(out, `${JSON.stringify(identity.exportPrivate())}\n`, 0o600);
  say(`private key saved to ${out}: keep it to yourself`);
  say(`fingerprint ${await fingerprint(identity.publicKey)}`);
  say('give the public key below to the other side:');
  printJson(identity.publicKey);
}
