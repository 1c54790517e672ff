import { compactDecrypt } from 'jose/jwe/compact/decrypt';
import { CompactEncrypt } from 'jose/jwe/compact/encrypt';
import { concatBytes } from '../../../crypto/bytes.ts';
import { systemRandom } from '../../../crypto/random.ts';
import { decodeBase64url, encodeBase64url, parseJson } from '../../../documents/json.ts';
import { isLocked, lock, unlock } from '../../../documents/passphrase.ts';
import { InputError } from '../../../errors.ts';
import { exactMembers } from '../../../paillier/json.ts';

/** Bytes of the archive in one part. */
const PART = 1 << 20;
/** The longest line: a part in base64url, with its header. */
export const MAX_LINE = 2 << 20;
const KEY_LENGTH = 32;
const CONTENT = 'parley-backup-key+json';
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';
const PART_LINE = /^"([\w.-]+)"(,?)$/;

/** Lines of a backup, without their newlines: an archive's bytes under a passphrase (README.md, steps 2 and 3). */
export async function* lockParts(
  archive: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<string> {
  const key = systemRandom(KEY_LENGTH);
  try {
    const locked = await lock({ key: encodeBase64url(key) }, CONTENT, passphrase);
    yield `{"parley":1,"backup":${JSON.stringify(locked)},"parts":[`;
    let number = 0;
    for await (const { bytes, last } of inParts(archive)) {
      const part = await new CompactEncrypt(bytes)
        .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, part: number, last })
        .encrypt(key);
      yield `"${part}"${last ? '' : ','}`;
      number += 1;
    }
    yield ']}';
  } finally {
    key.fill(0);
  }
}

/** An archive's bytes from the lines of its backup. Throws InputError `ERR_PASSPHRASE`, `ERR_BACKUP_INVALID`. */
export async function* openParts(
  lines: AsyncIterable<string>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]();
  const next = async () => ((await iterator.next()) as IteratorResult<string, undefined>).value ?? '';
  const key = await openKey(await next(), passphrase);
  try {
    for (let number = 0, over = false; !over; number++) {
      const [, part, comma] = PART_LINE.exec(await next()) ?? [];
      if (part === undefined) throw invalid();
      const { plaintext, protectedHeader } = await compactDecrypt(part, key, {
        keyManagementAlgorithms: [ALGORITHM],
        contentEncryptionAlgorithms: [ENCRYPTION],
      }).catch((cause: unknown) => {
        throw invalid(cause);
      });
      over = protectedHeader.last === true;
      if (protectedHeader.part !== number || over !== (comma === '')) throw invalid();
      yield plaintext;
    }
    if ((await next()) !== ']}' || (await next()) !== '') throw invalid();
  } finally {
    key.fill(0);
  }
}

export function invalid(cause?: unknown): InputError {
  return new InputError('ERR_BACKUP_INVALID', 'this is no whole backup as Parley writes it', { cause });
}

async function openKey(line: string, passphrase: string): Promise<Uint8Array> {
  const document = line.startsWith('{"parley":1,"backup":{')
    ? parseJson(`${line}]}`, 'the backup')
    : undefined;
  const backup = exactMembers(document, 'parley', 'backup', 'parts')?.backup;
  if (!isLocked(backup)) throw invalid();
  const opened = await unlock(backup, CONTENT, passphrase).catch((cause: unknown) => {
    if (!(cause instanceof InputError) || cause.code !== 'ERR_PASSPHRASE') throw cause;
    throw new InputError('ERR_PASSPHRASE', 'the passphrase does not open this backup', {
      hint: 'type it again; without it the backup is lost',
      cause,
    });
  });
  const key = decodeBase64url(exactMembers(opened, 'key')?.key);
  if (key?.length !== KEY_LENGTH) throw invalid();
  return key;
}

/** Cuts bytes into parts of one length. The last part may be shorter, or empty. */
async function* inParts(
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of archive) {
    for (let rest = chunk; rest.length > 0; ) {
      if (length === PART) {
        yield { bytes: concatBytes(...pieces), last: false };
        pieces = [];
        length = 0;
      }
      const piece = rest.slice(0, PART - length);
      pieces.push(piece);
      length += piece.length;
      rest = rest.subarray(piece.length);
    }
  }
  yield { bytes: concatBytes(...pieces), last: true };
}
