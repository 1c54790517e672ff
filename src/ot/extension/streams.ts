import { platform } from '#platform';
import { hash } from '../../crypto/hash.ts';
import { byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { BlockCipher } from '../../crypto/platform/platform.ts';
import { tags } from '../../crypto/tags.ts';
import { SEED } from '../seeds.ts';
import { COLUMNS, type TreeDepth } from './parameters.ts';

/**
 * Rows of the matrix worked on at a time, 252 blocks of 128; not a power of two, so that the streams of a tree fall on different cache
 * sets. Part of the wire format: corrections come chunk after chunk, and each chunk has its own AES key.
 */
export const CHUNK_ROWS = 252 * 128;

/** Scratch for chunks of up to `rows` rows, in kernel memory. */
export interface Scratch {
  readonly rows: number;
  /** 128 columns. */
  readonly columns: Pointer;
  readonly leaves: Pointer;
  /** The sum of one tree's leaves. */
  readonly sum: Pointer;
}

/**
 * The pseudorandom streams of all leaves: block c of a chunk of leaf x is π(s_x ⊕ c) ⊕ s_x ⊕ c, π being AES-128 under a public key of that
 * chunk alone (README.md, step 3). Seeds lie in kernel memory.
 */
export class LeafStreams {
  private readonly kernel: Kernel;
  private readonly depth: TreeDepth;
  private readonly context: readonly (Uint8Array | string)[];
  private readonly seeds: Pointer;
  private cipher: BlockCipher | undefined;

  /** Takes 2ᵏ·128/k leaf seeds of 16 bytes, tree after tree, and zeroes them. `context` is session and direction. */
  constructor(
    kernel: Kernel,
    leaves: Uint8Array,
    depth: TreeDepth,
    context: readonly (Uint8Array | string)[],
  ) {
    this.kernel = kernel;
    this.depth = depth;
    this.context = context;
    this.seeds = kernel.allocate(leaves.length);
    kernel.write(this.seeds, leaves);
    leaves.fill(0);
  }

  /** Moves on to a chunk, which is identified by the number of its batch and its first row there. */
  enter(batch: number, row: number): void {
    const key = hash(tags.leafCipherKey, ...this.context, batch, row).subarray(0, 16);
    this.cipher = platform.blockCipher(key);
  }

  /** `rows` bits of every leaf of `tree`, folded: into the tree's columns, `rows / 8` bytes apart, and into the sum. */
  fold(scratch: Scratch, tree: number, rows: number): void {
    const { kernel, depth } = this;
    const { columns, leaves, sum } = scratch;
    const width = 1 << depth;
    const length = rows / 8;
    const seeds = byteAt(this.seeds, tree * width * SEED);
    kernel.call.leafInputs(leaves, seeds, width, rows / 128);
    this.cipher!.permute(kernel, leaves, leaves, width * (rows / 128));
    kernel.call.foldLeaves(
      byteAt(columns, tree * depth * length),
      length,
      sum,
      leaves,
      seeds,
      depth,
      rows / 128,
    );
  }

  /** Zeroes the seeds. */
  clear(): void {
    this.kernel.free(this.seeds);
  }
}

/** Reserves scratch for a batch of `rows` rows. */
export function allocateScratch(kernel: Kernel, batchRows: number, depth: TreeDepth): Scratch {
  const rows = Math.min(batchRows, CHUNK_ROWS);
  return {
    rows,
    columns: kernel.allocate(COLUMNS * (rows / 8)),
    leaves: kernel.allocate((1 << depth) * (rows / 8)),
    sum: kernel.allocate(rows / 8),
  };
}

/** Zeroes and returns scratch. */
export function freeScratch(kernel: Kernel, scratch: Scratch): void {
  kernel.free(scratch.columns);
  kernel.free(scratch.leaves);
  kernel.free(scratch.sum);
}
