import { createHash } from 'node:crypto';
import { absorb, hash } from '../../crypto/hash.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import { tags } from '../../crypto/tags.ts';

/** What names a batch: both ends agree on it before the batch. */
export interface BatchName {
  readonly sid: Uint8Array;
  readonly direction: string;
  /** The digest of the setup message. */
  readonly setup: Uint8Array;
  readonly batch: number;
  readonly count: number;
}

/** Step 4: the challenge χ, 16 bytes, a hash of everything the batch depends on. */
export function challenge(name: BatchName, correction: Uint8Array): Uint8Array {
  const state = createHash('sha256');
  absorb(state, tags.cotChallenge);
  for (const part of [name.sid, name.direction, name.setup, name.batch, name.count]) absorb(state, part);
  absorb(state, correction);
  return new Uint8Array(state.digest()).subarray(0, 16);
}

/** The linear hash of all `rows` rows of 16 bytes under χ: 128 rows, 2,048 bytes (wasm/universal-hash.ts). */
export function hashMatrix(kernel: Kernel, chi: Uint8Array, rows: Pointer, count: number): Uint8Array {
  const scratch = kernel.allocate(16 + 2048 + 8192 + 8192);
  const state = scratch + 16;
  const tables = state + 2048;
  const matrix = tables + 8192;
  kernel.write(scratch, chi);
  kernel.call.hashMatrix(matrix, scratch);
  kernel.call.hashRows(state, tables, matrix, rows, count / 128);
  const result = kernel.read(state, 2048);
  kernel.free(scratch);
  return result;
}

/** The same hash of one column of bits, packed, `rows` of them: 16 bytes. */
export function hashColumn(kernel: Kernel, chi: Uint8Array, bits: Pointer, rows: number): Uint8Array {
  const scratch = kernel.allocate(32);
  kernel.write(scratch, chi);
  kernel.call.hashBits(scratch + 16, scratch, bits, rows / 128);
  const result = kernel.read(scratch + 16, 16);
  kernel.free(scratch);
  return result;
}

/** What the receiver sends of the hash of its MACs: 32 bytes, bound to the challenge and so to the batch. */
export function answer(chi: Uint8Array, hashed: Uint8Array): Uint8Array {
  return hash(tags.cotMacHash, chi, hashed);
}
