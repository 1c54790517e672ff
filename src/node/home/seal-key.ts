import { Progress, say } from '../../cli/terminal/terminal.ts';
import type { LocalIdentity } from '../../documents/identity.ts';
import { rawPublicKey } from '../../documents/identity.ts';
import { decodeBase64url, encodeBase64url } from '../../documents/json.ts';
import { InputError } from '../../errors.ts';
import { PrivateKey } from '../../paillier/index.ts';
import { loadSealKey, type SealKey } from '../../seals/index.ts';
import { createSealKey } from '../../session/seal-key.ts';
import { isMissing, readJson, shownPath, writeNew } from './files.ts';

/** The file that holds the seal key of an identity file. */
export function sealKeyPath(identityPath: string): string {
  return `${identityPath}.seal`;
}

/** The seal key beside an identity file, made there if there is none yet. */
export async function readOrMakeSealKey(identityPath: string, identity: LocalIdentity): Promise<SealKey> {
  const path = sealKeyPath(identityPath);
  if (!(await isMissing(path))) return readSealKey(identityPath, identity);
  const progress = new Progress();
  progress.update('making a seal key');
  try {
    const made = await createSealKey(identity.publicKey);
    const file = { parley: 1, sealKey: made.key.exportJson(), proof: encodeBase64url(made.proof) };
    await writeNew(path, `${JSON.stringify(file)}\n`, 0o600);
    progress.stop();
    say(`made a seal key, ${shownPath(path)}`);
    say('keep it with your identity, or your seals can never be opened');
    return made;
  } finally {
    progress.stop();
  }
}

/** The seal key beside an identity file. Throws InputError `ERR_FILE`, `ERR_SEAL_KEY_INVALID`. */
export async function readSealKey(identityPath: string, identity: LocalIdentity): Promise<SealKey> {
  const path = sealKeyPath(identityPath);
  const json = await readJson(path, 'the seal key');
  const members = typeof json === 'object' && json !== null ? Object.keys(json).sort().join() : '';
  const { parley, sealKey, proof } = json as Record<string, unknown>;
  const proofBytes = typeof proof === 'string' ? decodeBase64url(proof) : undefined;
  if (members !== 'parley,proof,sealKey' || parley !== 1 || proofBytes === undefined) {
    throw new InputError('ERR_SEAL_KEY_INVALID', `${path} is not a seal key`, {
      hint: 'restore it from a copy; without it, seals made with it cannot be opened',
    });
  }
  return loadSealKey(PrivateKey.importJson(sealKey), rawPublicKey(identity.publicKey), proofBytes);
}
