import { platform } from '#platform';
import { hash } from '../crypto/hash.ts';
import type { Kernel, Pointer } from '../crypto/kernel.ts';
import type { BlockCipher } from '../crypto/platform/platform.ts';
import { tags } from '../crypto/tags.ts';

/** Blocks permuted under one key at most: the caller moves on to the next epoch after this many. */
export const BLOCKS_PER_KEY = 1 << 20;

/**
 * π of both hashes of garbling (README.md, "The hashes"): AES-128 under a public key, on batches of blocks in kernel memory. The operations around π
 * are in the kernels that fill and read those batches: wasm/natural-hash.ts for naturally derived keys, wasm/chosen-hash.ts for keys that an
 * adversary may have chosen.
 *
 * The key of epoch e is the first half of hash(labelHashKey, purpose, binding, e), so no two bindings, purposes or epochs share one. An epoch's
 * blocks number at most BLOCKS_PER_KEY.
 */
export class Permutation {
  private readonly kernel: Kernel;
  private readonly purpose: string;
  private readonly binding: Uint8Array;
  private epoch = -1;
  private cipher: BlockCipher | undefined;

  /** `binding`, 32 bytes, names the session and the moment in it. */
  constructor(kernel: Kernel, purpose: string, binding: Uint8Array) {
    this.kernel = kernel;
    this.purpose = purpose;
    this.binding = binding;
  }

  /** target[i] = π(source[i]) for `count` blocks, π under the key of `epoch`. The regions may coincide. */
  permute(target: Pointer, source: Pointer, count: number, epoch: number): void {
    if (epoch !== this.epoch || this.cipher === undefined) {
      const key = hash(tags.labelHashKey, this.purpose, this.binding, epoch).subarray(0, 16);
      this.cipher = platform.blockCipher(key);
      this.epoch = epoch;
    }
    this.cipher.permute(this.kernel, target, source, count);
  }
}
