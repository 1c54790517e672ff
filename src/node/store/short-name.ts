import { mkdtemp, rmdir, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that a socket's address can have on every system; on Linux four more. */
const ADDRESS = 103;

/**
 * Runs `work` with a path of `file` in `folder` that fits a socket's address. A path that is too long is replaced by one through a link in a private
 * folder: the system would cut it off, and it would name another file.
 */
export async function withShortName<Value>(
  folder: string,
  file: string,
  work: (path: string) => Promise<Value>,
): Promise<Value> {
  const path = join(folder, file);
  if (process.platform === 'win32' || fits(path)) return work(path);
  const place = await mkdtemp(join(tmpdir(), 'parley-'));
  const link = join(place, 'l');
  try {
    await symlink(folder, link);
    const short = join(link, file);
    if (!fits(short)) throw new Error(`the path ${short} is too long for a socket`);
    return await work(short);
  } finally {
    await unlink(link).catch(() => undefined);
    await rmdir(place).catch(() => undefined);
  }
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= ADDRESS;
}
