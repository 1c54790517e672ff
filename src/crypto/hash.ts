import { platform } from '#platform';
import { utf8 } from './encoding.ts';
import type { StreamingHash } from './platform/platform.ts';
import type { Tag } from './tags.ts';

/** Up to this many bytes are joined and hashed in one call, which is faster than part by part. */
const JOINED = 1024;

/** Where short inputs are joined. Zero between calls. */
const joint = new Uint8Array(JOINED);
const jointView = new DataView(joint.buffer);

/** Tags in UTF-8. There are as many as the registry has. */
const tagBytes = new Map<Tag, Uint8Array>();

/**
 * SHA-256 over a tag and parts, each preceded by its length (8 bytes, big-endian), so that no two different
 * lists of parts hash the same bytes. Strings are UTF-8, numbers are 8-byte big-endian safe integers.
 * Returns 32 bytes.
 */
export function hash(tag: Tag, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const encoded = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  const name = bytesOfTag(tag);
  const total = encoded.reduce<number>((sum, part) => sum + 8 + lengthOf(part), 8 + name.length);
  if (total > JOINED) {
    const state = platform.sha256Stream();
    for (const part of [name, ...encoded]) absorb(state, part);
    return new Uint8Array(state.digest());
  }
  try {
    let at = join(0, name);
    for (const part of encoded) at = join(at, part);
    return platform.sha256(joint.subarray(0, total));
  } finally {
    joint.fill(0, 0, total);
  }
}

/** Writes a part with its length at a place of what is joined, and gives the place after it. */
function join(at: number, part: Uint8Array | number): number {
  writeUint64(jointView, at, lengthOf(part));
  if (typeof part === 'number') writeUint64(jointView, at + 8, part);
  else joint.set(part, at + 8);
  return at + 8 + lengthOf(part);
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

function bytesOf(part: Uint8Array | string | number): Uint8Array {
  return typeof part === 'number' ? uint64(part) : typeof part === 'string' ? utf8(part) : part;
}

function bytesOfTag(tag: Tag): Uint8Array {
  const bytes = tagBytes.get(tag) ?? utf8(tag);
  tagBytes.set(tag, bytes);
  return bytes;
}

function lengthOf(part: Uint8Array | number): number {
  return typeof part === 'number' ? 8 : part.length;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeUint64(new DataView(bytes.buffer), 0, value);
  return bytes;
}

function writeUint64(into: DataView, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a non-negative safe integer');
  into.setUint32(at, Math.floor(value / 2 ** 32));
  into.setUint32(at + 4, value >>> 0);
}
