import { type Cipher, createCipheriv } from 'node:crypto';
import { giveBack } from '../crypto/give-back.ts';
import { hash } from '../crypto/hash.ts';
import type { Kernel, Pointer } from '../crypto/kernel.ts';
import { tags } from '../crypto/tags.ts';

/** Blocks hashed under one key at most: the caller moves on to the next epoch after this many. */
export const BLOCKS_PER_KEY = 1 << 20;

/**
 * The tweakable hash of wire labels, H(x, t) = π(σ(x) ⊕ t) ⊕ σ(x) ⊕ t, with π = AES-128 under a public key and the linear
 * orthomorphism σ(xL ‖ xR) = (xR ⊕ xL) ‖ xL. This class does π on batches of blocks; σ, the tweak and the feed-forward are in
 * the kernels that fill and read those batches (wasm/sigma.ts). See README.md, "The hash".
 *
 * The key of epoch e is the first half of hash(labelHashKey, purpose, session id, e), so no two sessions, purposes or
 * epochs share one. Tweaks must not repeat within an epoch, and an epoch's blocks number at most BLOCKS_PER_KEY.
 */
export class LabelHash {
  private readonly kernel: Kernel;
  private readonly purpose: string;
  private readonly sessionId: Uint8Array;
  private epoch = -1;
  private cipher: Cipher | undefined;

  constructor(kernel: Kernel, purpose: string, sessionId: Uint8Array) {
    this.kernel = kernel;
    this.purpose = purpose;
    this.sessionId = sessionId;
  }

  /** target[i] = π(source[i]) for `count` blocks, π under the key of `epoch`. The regions may coincide. */
  permute(target: Pointer, source: Pointer, count: number, epoch: number): void {
    if (epoch !== this.epoch || this.cipher === undefined) {
      const key = hash(tags.labelHashKey, this.purpose, this.sessionId, epoch).subarray(0, 16);
      this.cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
      this.epoch = epoch;
    }
    const output = this.cipher.update(this.kernel.view(source, count * 16));
    this.kernel.write(target, output);
    output.fill(0);
    giveBack(output);
  }
}
