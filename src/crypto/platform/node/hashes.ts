import { createHash, createHmac, hash } from 'node:crypto';
import type { StreamingHash } from '../platform.ts';
import { plain } from './plain.ts';

const BLAKE2B = 'blake2b512';

export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(hash('sha256', bytes, 'buffer'));
}

export function sha512(bytes: Uint8Array): Uint8Array {
  return plain(hash('sha512', bytes, 'buffer'));
}

export function sha256Stream(): StreamingHash {
  return createHash('sha256');
}

export function blake2b(...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(BLAKE2B);
  for (const part of parts) state.update(part);
  return plain(state.digest());
}

export function hmacBlake2b(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(BLAKE2B, key);
  for (const part of parts) state.update(part);
  return plain(state.digest());
}
