import { platform } from '#platform';
import { utf8 } from './encoding.ts';
import type { StreamingHash } from './platform/platform.ts';
import type { Tag } from './tags.ts';

/** Up to this many bytes are joined and hashed in one call, which is faster than part by part. */
const JOINED = 1024;

/**
 * SHA-256 over a tag and parts, each preceded by its length (8 bytes, big-endian), so that no two different
 * lists of parts hash the same bytes. Strings are UTF-8, numbers are 8-byte big-endian safe integers.
 * Returns 32 bytes.
 */
export function hash(tag: Tag, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const encoded = [bytesOf(tag), ...parts.map(bytesOf)];
  const total = encoded.reduce((sum, { length }) => sum + 8 + length, 0);
  if (total <= JOINED) return hashJoined(encoded, total);
  const state = platform.sha256Stream();
  for (const part of encoded) absorb(state, part);
  return new Uint8Array(state.digest());
}

/** Begins the hash of a tag and parts, the last of which is still to be absorbed: `length` bytes, in pieces. */
export function beginHash(
  length: number,
  tag: Tag,
  ...parts: readonly (Uint8Array | string | number)[]
): StreamingHash {
  const state = platform.sha256Stream();
  for (const part of [tag, ...parts]) absorb(state, part);
  return state.update(uint64(length));
}

/** Absorbs one length-prefixed part, for hashes whose parts come one at a time. */
export function absorb(state: StreamingHash, part: Uint8Array | string | number): void {
  const bytes = bytesOf(part);
  state.update(uint64(bytes.length)).update(bytes);
}

function hashJoined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    writeUint64(joined, at, part.length);
    joined.set(part, at + 8);
    at += 8 + part.length;
  }
  const digest = platform.sha256(joined);
  joined.fill(0);
  return digest;
}

function bytesOf(part: Uint8Array | string | number): Uint8Array {
  return typeof part === 'number' ? uint64(part) : typeof part === 'string' ? utf8(part) : part;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeUint64(bytes, 0, value);
  return bytes;
}

function writeUint64(into: Uint8Array, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a non-negative safe integer');
  let rest = value;
  for (let i = at + 7; i >= at; i--) {
    into[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
