import type { Kernel, Pointer } from '../crypto/kernel.ts';
import { Permutation } from './permutation.ts';

/** The tweaks of rows of three blocks: a counter, from `first` on, and a domain for each of the three places. */
export interface RowTweaks {
  readonly first: number;
  readonly domains: readonly [number, number, number];
}

/**
 * The hash of keys that an adversary may have chosen, TMMO: H(x, t) = π(u ⊕ t) ⊕ u with u = π(x). It is tweakable circular correlation robust,
 * no matter who picks x and t (README.md, "The hashes"). Each row counts six cipher blocks towards BLOCKS_PER_KEY.
 */
export class ChosenKeyHash {
  private readonly kernel: Kernel;
  private readonly permutation: Permutation;

  /** `binding`, 32 bytes, names the session and the moment in it. */
  constructor(kernel: Kernel, purpose: string, binding: Uint8Array) {
    this.kernel = kernel;
    this.permutation = new Permutation(kernel, purpose, binding);
  }

  /** Hashes `rows` rows of three blocks at `outer`. Leaves u at `inner` and π(u ⊕ t) at `outer`: the hashes are their XOR. */
  hashRows(inner: Pointer, outer: Pointer, rows: number, { first, domains }: RowTweaks, epoch: number): void {
    const { kernel, permutation } = this;
    permutation.permute(inner, outer, 3 * rows, epoch);
    kernel.call.addTweaks(outer, inner, rows, first, ...domains);
    permutation.permute(outer, outer, 3 * rows, epoch);
  }
}
