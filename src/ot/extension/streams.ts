import { type Cipher, createCipheriv } from 'node:crypto';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import { SEED } from '../seeds.ts';
import { COLUMNS, type TreeDepth } from './parameters.ts';

/** Rows of the matrix worked on at a time. Part of the wire format: corrections come chunk after chunk. */
export const CHUNK_ROWS = 32_768;

/** Keeps streams of a power-of-two length off the same cache sets. */
const PADDING = 64;

const zeros = new Uint8Array(CHUNK_ROWS / 8);

/** Scratch for one chunk, in kernel memory. */
export interface Scratch {
  /** 128 columns, `stride` bytes apart. */
  readonly columns: Pointer;
  readonly stride: number;
  readonly leaves: Pointer;
  /** One sum of leaves, `length` bytes. */
  readonly sum: Pointer;
  readonly length: number;
}

/**
 * The pseudorandom streams of all leaves: AES-128 in counter mode under each leaf's own seed, the leaf's number in the upper half of the
 * counter block. Streams only ever move on, so no batch repeats what an earlier one used.
 */
export class LeafStreams {
  private readonly ciphers: Cipher[] = [];
  private readonly width: number;

  /** Takes 2ᵏ·128/k leaf seeds of 16 bytes, tree after tree, and zeroes them. */
  constructor(leaves: Uint8Array, depth: TreeDepth) {
    this.width = 1 << depth;
    const counter = new Uint8Array(16);
    for (let leaf = 0; leaf < leaves.length / SEED; leaf++) {
      new DataView(counter.buffer).setUint32(4, leaf);
      const seed = leaves.subarray(leaf * SEED, (leaf + 1) * SEED);
      this.ciphers.push(createCipheriv('aes-128-ctr', seed, counter));
    }
    leaves.fill(0);
  }

  /** The next `scratch.length` bytes of every leaf of `tree`, folded: its k columns, and the sum of all leaves. */
  fold(kernel: Kernel, scratch: Scratch, tree: number, depth: TreeDepth): void {
    const { columns, stride, leaves, sum, length } = scratch;
    const input = zeros.subarray(0, length);
    const target = kernel.view(leaves, this.width * stride);
    for (let leaf = 0; leaf < this.width; leaf++) {
      target.set(this.ciphers[tree * this.width + leaf]!.update(input), leaf * stride);
    }
    kernel.call.foldLeaves(columns + tree * depth * stride, stride, sum, leaves, stride, depth, length);
  }

  /** Lets go of every key. */
  clear(): void {
    this.ciphers.length = 0;
  }
}

/** Reserves scratch for chunks of at most `rows` rows. */
export function allocateScratch(kernel: Kernel, rows: number, depth: TreeDepth): Scratch {
  const length = Math.min(rows, CHUNK_ROWS) / 8;
  const stride = length + PADDING;
  return {
    columns: kernel.allocate(COLUMNS * stride),
    leaves: kernel.allocate((1 << depth) * stride),
    sum: kernel.allocate(length),
    stride,
    length,
  };
}

/** Zeroes and returns scratch. */
export function freeScratch(kernel: Kernel, scratch: Scratch): void {
  kernel.free(scratch.columns);
  kernel.free(scratch.leaves);
  kernel.free(scratch.sum);
}
