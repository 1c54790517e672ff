import { rawPublicKey } from '../../documents/identity.ts';
import { decodeBase64url, encodeBase64url } from '../../documents/json.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { PrivateKey } from '../../paillier/index.ts';
import { exactMembers } from '../../paillier/json.ts';
import { loadSealKey, type SealKey } from '../../seals/index.ts';
import { isMissing, readJson, writeNew } from './files.ts';

/** The file that holds the seal key of an identity file. */
function sealKeyPath(identityPath: string): string {
  return `${identityPath}.seal`;
}

/** Writes a new seal key beside an identity file. Gives its path. */
export async function writeSealKey(identityPath: string, { key, proof }: SealKey): Promise<string> {
  const path = sealKeyPath(identityPath);
  const file = { parley: 1, sealKey: key.exportJson(), proof: encodeBase64url(proof) };
  await writeNew(path, `${JSON.stringify(file)}\n`, 0o600);
  return path;
}

/** The seal key beside an identity file, if there is one. Throws InputError `ERR_FILE`, `ERR_SEAL_KEY_INVALID`. */
export async function readSealKey(identityPath: string, identity: PublicJwk): Promise<SealKey | undefined> {
  const path = sealKeyPath(identityPath);
  if (await isMissing(path)) return undefined;
  const json = await readJson(path, 'the seal key');
  const file = exactMembers(json, 'parley', 'sealKey', 'proof');
  const proof = decodeBase64url(file?.proof);
  if (file?.parley !== 1 || proof === undefined) {
    throw new InputError('ERR_SEAL_KEY_INVALID', `${path} is not a seal key`, {
      hint: 'restore it from a copy; without it, seals made with it cannot be opened',
    });
  }
  return loadSealKey(PrivateKey.importJson(file.sealKey), rawPublicKey(identity), proof);
}
