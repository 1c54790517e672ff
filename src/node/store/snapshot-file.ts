import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { toHex, utf8 } from '../../crypto/encoding.ts';
import { hash } from '../../crypto/hash.ts';
import { tags } from '../../crypto/tags.ts';
import type { Snapshot } from '../../ledger/store.ts';

/** A snapshot, and the SHA-256 of the log's bytes from which it was made. */
export interface KeptSnapshot extends Snapshot {
  /** In hexadecimal digits. */
  readonly digest: string;
}

const NEWLINE = 0x0a;

/**
 * The snapshot in a file; undefined unless it is complete and belongs to this log. The file has one line each for its checksum, the digest and
 * the position, then the state.
 */
export async function readSnapshot(path: string, log: string): Promise<KeptSnapshot | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(NEWLINE);
  const body = bytes.subarray(end + 1);
  if (bytes.subarray(0, Math.max(end, 0)).toString('latin1') !== checksumOf(log, body)) return undefined;
  const text = body.toString('utf8');
  const [digest = '', position = ''] = text.split('\n', 2);
  return { digest, position, state: text.slice(digest.length + position.length + 2) };
}

/** Replaces the file. It is not flushed to the disk: if it is lost, the log is read from its beginning. */
export async function writeSnapshot(path: string, log: string, kept: KeptSnapshot): Promise<void> {
  const body = utf8(`${kept.digest}\n${kept.position}\n${kept.state}`);
  const temporary = `${path}.new`;
  try {
    await writeFile(temporary, `${checksumOf(log, body)}\n`, { mode: 0o600 });
    await writeFile(temporary, body, { flag: 'a' });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

function checksumOf(log: string, body: Uint8Array): string {
  return toHex(hash(tags.ledgerSnapshot, log, body));
}
