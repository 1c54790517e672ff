import { open, realpath, rename, unlink } from 'node:fs/promises';
import type { SealKeyEvent } from '../../desk/home.ts';
import { rawPublicKey } from '../../documents/identity.ts';
import { decodeBase64url, encodeBase64url } from '../../documents/json.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { PrivateKey } from '../../paillier/index.ts';
import { exactMembers } from '../../paillier/json.ts';
import { loadSealKey, type SealKey } from '../../seals/index.ts';
import { cannotWrite } from './file-errors.ts';
import { isMissing, readJson, writeNew } from './files.ts';
import { fill, temporaryBeside } from './publish.ts';

const MODE = 0o600;
const CONTENT = 'parley-seal-key+json';

/** The file that holds the seal key of an identity file. */
function sealKeyPath(identityPath: string): string {
  return `${identityPath}.seal`;
}

/** Writes a new seal key beside an identity file, under the identity's passphrase if it has one. Returns its path. */
export async function writeSealKey(
  identityPath: string,
  { key, proof }: SealKey,
  passphrase: string | undefined,
): Promise<string> {
  const path = sealKeyPath(identityPath);
  const file = { parley: 1, sealKey: key.exportJson(), proof: encodeBase64url(proof) };
  await writeNew(path, passphrase === undefined ? textOf(file) : await lockedText(file, passphrase), MODE);
  return path;
}

/**
 * The seal key beside an identity file, if there is one. A key that is still in the clear beside an identity with a passphrase is put under that
 * passphrase; `told` receives that, or the reason why it failed. Throws InputError `ERR_FILE`, `ERR_PASSPHRASE`, `ERR_SEAL_KEY_INVALID`.
 */
export async function readSealKey(
  identityPath: string,
  identity: PublicJwk,
  passphrase: string | undefined,
  told?: (event: SealKeyEvent) => void,
): Promise<SealKey | undefined> {
  const path = sealKeyPath(identityPath);
  if (await isMissing(path)) return undefined;
  const kept = await readJson(path, 'the seal key');
  const { isLocked } = await import('../../documents/passphrase.ts');
  const json = isLocked(kept) ? await opened(path, kept, passphrase) : kept;
  const file = exactMembers(json, 'parley', 'sealKey', 'proof');
  const proof = decodeBase64url(file?.proof);
  if (file?.parley !== 1 || proof === undefined) {
    throw new InputError('ERR_SEAL_KEY_INVALID', `${path} is not a seal key`, {
      hint: 'restore it from a copy; without it, seals made with it cannot be opened',
    });
  }
  const sealKey = loadSealKey(PrivateKey.importJson(file.sealKey), rawPublicKey(identity), proof);
  if (passphrase !== undefined && !isLocked(kept)) await protect(path, file, passphrase, told);
  return sealKey;
}

async function opened(path: string, kept: object, passphrase: string | undefined): Promise<unknown> {
  if (passphrase === undefined) {
    throw new InputError('ERR_PASSPHRASE', `the seal key ${path} is under a passphrase`, {
      hint: 'unlock the identity beside it first',
    });
  }
  const { unlock } = await import('../../documents/passphrase.ts');
  try {
    return await unlock(kept as Parameters<typeof unlock>[0], CONTENT, passphrase);
  } catch (cause) {
    if (!(cause instanceof InputError) || cause.code !== 'ERR_PASSPHRASE') throw cause;
    throw new InputError(
      'ERR_PASSPHRASE',
      `the passphrase of the identity does not open its seal key ${path}`,
      {
        hint: 'restore both from the same backup; without the seal key, seals made with it cannot be opened',
        cause,
      },
    );
  }
}

/** Replaces a seal key in the clear by one under the passphrase. If that fails, the session goes on with the key as it is. */
async function protect(
  path: string,
  file: object,
  passphrase: string,
  told: ((event: SealKeyEvent) => void) | undefined,
): Promise<void> {
  try {
    await replace(path, await lockedText(file, passphrase));
    told?.({ kind: 'sealKeyLocked', place: path });
  } catch (error) {
    told?.({ kind: 'sealKeyInClear', place: path, error });
  }
}

/** Replaces a file, or the target of a link, by a new file that is flushed to the disk before it takes the name. Throws InputError `ERR_FILE`. */
async function replace(path: string, text: string): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await realpath(path);
    temporary = temporaryBeside(target);
    await fill(await open(temporary, 'wx', MODE), text);
    await rename(temporary, target);
  } catch (cause) {
    if (temporary !== undefined) await unlink(temporary).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

async function lockedText(file: object, passphrase: string): Promise<string> {
  const { lock } = await import('../../documents/passphrase.ts');
  return textOf(await lock(file, CONTENT, passphrase));
}

function textOf(file: object): string {
  return `${JSON.stringify(file)}\n`;
}
