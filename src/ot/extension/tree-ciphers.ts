import { platform } from '#platform';
import { hash } from '../../crypto/hash.ts';
import type { BlockCipher } from '../../crypto/platform/platform.ts';
import { tags } from '../../crypto/tags.ts';
import { SEED } from '../seeds.ts';

/** Bytes of a leaf's proof: twice the security level, since two nodes with the same proof would break the check. */
export const PROOF = 32;

/**
 * The functions that grow the trees: G_j(s) = π_j(s) ⊕ s, j = 0 … 4, π_j being AES-128 under public keys of this session and direction. G₀
 * and G₁ give a node's children, G₂ a leaf's seed, and G₃ ‖ G₄ its proof, which is collision resistant for ideal ciphers.
 */
export class TreeCiphers {
  private readonly ciphers: readonly BlockCipher[];

  constructor(sid: Uint8Array, direction: string) {
    this.ciphers = [0, 1, 2, 3, 4].map((index) => {
      const key = hash(tags.treeCipherKey, sid, direction, index).subarray(0, 16);
      return platform.blockCipher(key);
    });
  }

  /** Both children of every node, in order. Zeroes the nodes. */
  children(nodes: Uint8Array): Uint8Array {
    const children = this.interleaved(nodes, 0, 1);
    nodes.fill(0);
    return children;
  }

  /** Every last-level node's leaf seed and its proof. Zeroes the nodes. */
  leaves(nodes: Uint8Array): { readonly leaves: Uint8Array; readonly proofs: Uint8Array } {
    const leaves = this.apply(2, nodes);
    const proofs = this.interleaved(nodes, 3, 4);
    nodes.fill(0);
    return { leaves, proofs };
  }

  private interleaved(nodes: Uint8Array, first: number, second: number): Uint8Array {
    const evens = this.apply(first, nodes);
    const odds = this.apply(second, nodes);
    const both = new Uint8Array(nodes.length * 2);
    for (let at = 0; at < nodes.length; at += SEED) {
      // Byte by byte: `set` of so few costs several times as much.
      for (let j = 0; j < SEED; j++) {
        both[2 * at + j] = evens[at + j]!;
        both[2 * at + SEED + j] = odds[at + j]!;
      }
    }
    evens.fill(0);
    odds.fill(0);
    return both;
  }

  private apply(index: number, nodes: Uint8Array): Uint8Array {
    const blocks = this.ciphers[index]!.permuted(nodes);
    for (let j = 0; j < nodes.length; j++) blocks[j] = blocks[j]! ^ nodes[j]!;
    return blocks;
  }
}
