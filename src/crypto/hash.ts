import { platform } from '#platform';
import { utf8 } from './encoding.ts';
import type { StreamingHash } from './platform/platform.ts';
import type { Tag } from './tags.ts';

/**
 * SHA-256 over a tag and parts, each preceded by its length (8 bytes, big-endian), so that no two different
 * lists of parts hash the same bytes. Strings are UTF-8, numbers are 8-byte big-endian safe integers.
 * Returns 32 bytes.
 */
export function hash(tag: Tag, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const state = platform.sha256Stream();
  absorb(state, tag);
  for (const part of parts) absorb(state, part);
  return new Uint8Array(state.digest());
}

/** Absorbs one length-prefixed part, for hashes whose parts come one at a time. */
export function absorb(state: StreamingHash, part: Uint8Array | string | number): void {
  const bytes = typeof part === 'number' ? uint64(part) : typeof part === 'string' ? utf8(part) : part;
  state.update(uint64(bytes.length)).update(bytes);
}

function uint64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a non-negative safe integer');
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}
