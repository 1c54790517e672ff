import type { FlattenedJWE } from 'jose';
import { flattenedDecrypt } from 'jose/jwe/flattened/decrypt';
import { FlattenedEncrypt } from 'jose/jwe/flattened/encrypt';
import { type Random, systemRandom } from '../crypto/random.ts';
import { InputError } from '../errors.ts';
import { importIdentity, type LocalIdentity } from './identity.ts';
import { parseJson } from './json.ts';
import { ITERATIONS } from './passphrase-cost.ts';

/** PBKDF2 with SHA-512 wraps a fresh content key (RFC 7518, section 4.8). */
const ALGORITHM = 'PBES2-HS512+A256KW';
const CONTENT = 'A256GCM';
/** The most iterations that are accepted, so that a foreign file cannot keep the machine busy for long. */
const MAX_ITERATIONS = 2_000_000;
const SALT = 16;
/** The fewest characters of a passphrase. */
export const MIN_PASSPHRASE = 8;

/** A document under a passphrase: a JWE in flattened JSON (RFC 7516). */
export type Locked = FlattenedJWE;

/** The kind of content, as `cty` in the JWE's header: an identity, its seal key, or the key of a backup. */
export type LockedContent = 'jwk+json' | 'parley-seal-key+json' | 'parley-backup-key+json';

/** Whether the content of a file is under a passphrase. */
export function isLocked(file: unknown): file is Locked {
  return typeof file === 'object' && file !== null && 'ciphertext' in file;
}

/** Puts a JSON document under a passphrase. Throws InputError `ERR_PASSPHRASE` if the passphrase is too short. */
export async function lock(
  document: object,
  content: LockedContent,
  passphrase: string,
  random: Random = systemRandom,
): Promise<Locked> {
  if ([...passphrase].length < MIN_PASSPHRASE) {
    throw refused('the passphrase is too short', `it takes at least ${MIN_PASSPHRASE} characters`);
  }
  const plaintext = new TextEncoder().encode(JSON.stringify(document));
  const secret = encode(passphrase);
  try {
    return await new FlattenedEncrypt(plaintext)
      .setProtectedHeader({ alg: ALGORITHM, enc: CONTENT, cty: content })
      .setKeyManagementParameters({ p2c: ITERATIONS, p2s: random(SALT) })
      .encrypt(secret);
  } finally {
    plaintext.fill(0);
    secret.fill(0);
  }
}

/** The document under a passphrase. Throws InputError `ERR_PASSPHRASE`, also for a changed file or content of another kind. */
export async function unlock(file: Locked, content: LockedContent, passphrase: string): Promise<unknown> {
  const secret = encode(passphrase);
  let opened: Awaited<ReturnType<typeof flattenedDecrypt>>;
  try {
    opened = await flattenedDecrypt(file, secret, {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [CONTENT],
      maxPBES2Count: MAX_ITERATIONS,
    });
    if (opened.protectedHeader?.cty !== content) throw new Error('other content');
  } catch {
    throw refused('the passphrase does not open this key', 'type it again; without it the key is lost');
  } finally {
    secret.fill(0);
  }
  try {
    return parseJson(opened.plaintext, 'the key');
  } finally {
    opened.plaintext.fill(0);
  }
}

/** Puts a private key under a passphrase. The key file then holds the result. */
export function lockIdentity(
  identity: LocalIdentity,
  passphrase: string,
  random: Random = systemRandom,
): Promise<Locked> {
  return lock(identity.exportPrivate(), 'jwk+json', passphrase, random);
}

/** The identity in a locked key file. Throws InputError `ERR_PASSPHRASE` (also for a changed file) or `ERR_KEY_INVALID`. */
export async function unlockIdentity(file: Locked, passphrase: string): Promise<LocalIdentity> {
  return importIdentity(await unlock(file, 'jwk+json', passphrase));
}

function encode(passphrase: string): Uint8Array {
  return new TextEncoder().encode(passphrase.normalize('NFC'));
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_PASSPHRASE', message, { hint });
}
