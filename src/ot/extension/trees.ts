import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import { hash } from '../../crypto/hash.ts';
import { tags } from '../../crypto/tags.ts';
import { PeerCheatedError } from '../../errors.ts';
import { bitAt, maskOf, SEED, type SeedPairs } from '../seeds.ts';
import { COLUMNS, setupLengths, type TreeDepth } from './parameters.ts';
import { PROOF, TreeCiphers } from './tree-ciphers.ts';

/** The setup message's fields (README.md, steps 1 and 2). */
export interface SetupFields {
  readonly sums: Uint8Array;
  readonly proof: Uint8Array;
  readonly digest: Uint8Array;
}

/**
 * The trees of one setup, 128/k of them, side by side: a level is an array of 16-byte nodes, tree after tree. The first
 * level's nodes are base seeds: side b of a level carries the seed of choice 1 − b, so whoever chose bit by
 * bit of Δ knows every leaf but leaf Δ.
 */
export class Forest {
  readonly trees: number;
  private readonly ciphers: TreeCiphers;
  private readonly proofContext: readonly (Uint8Array | string | number)[];

  readonly depth: TreeDepth;

  constructor(sid: Uint8Array, direction: string, depth: TreeDepth) {
    this.depth = depth;
    this.trees = COLUMNS / depth;
    this.proofContext = [sid, direction, depth];
    this.ciphers = new TreeCiphers(sid, direction);
  }

  /** Steps 1 and 2 at the COT receiver, who knows both base seeds: every leaf, and the message. */
  grow(pairs: SeedPairs): { readonly leaves: Uint8Array; readonly setup: SetupFields } {
    const { sums, proof, digest } = this.emptySetup();
    let nodes = this.firstLevel((instance, side) => seedAt(side === 0 ? pairs.one : pairs.zero, instance));
    if (this.depth === 1) return { leaves: nodes, setup: { sums, proof, digest } };
    for (let level = 1; level < this.depth; level++) {
      nodes = this.ciphers.children(nodes);
      for (let tree = 0; tree < this.trees; tree++) {
        const instance = this.instance(tree, level);
        const [left, right] = this.levelSums(sums, tree, level);
        addSide(left, nodes, tree, 2 << level, 0);
        addSide(right, nodes, tree, 2 << level, 1);
        xorInto(left, seedAt(pairs.one, instance));
        xorInto(right, seedAt(pairs.zero, instance));
      }
    }
    const { leaves, proofs } = this.ciphers.leaves(nodes);
    for (let tree = 0; tree < this.trees; tree++)
      addProofs(proofAt(proof, tree), proofs, tree, 1 << this.depth);
    digest.set(this.digest(proofs));
    proofs.fill(0);
    return { leaves, setup: { sums, proof, digest } };
  }

  /**
   * Steps 1 and 2 at the COT sender: every leaf but leaf Δ of each tree, which is replaced by a value without
   * meaning. Throws `ERR_PEER_CHEATED` unless the message is consistent. Positions that depend on Δ are selected by masks.
   */
  regrow(chosen: Uint8Array, delta: Uint8Array, setup: SetupFields): Uint8Array {
    this.checkLengths(setup);
    const masked = new Uint8Array(SEED);
    let nodes = this.firstLevel((instance, side) => {
      const mask = maskOf(side ^ bitAt(delta, instance));
      for (let j = 0; j < SEED; j++) masked[j] = chosen[instance * SEED + j]! & mask;
      return masked;
    });
    masked.fill(0);
    if (this.depth === 1) return nodes;
    for (let level = 1; level < this.depth; level++) {
      nodes = this.ciphers.children(nodes);
      for (let tree = 0; tree < this.trees; tree++)
        this.restore(nodes, tree, level, chosen, delta, setup.sums);
    }
    const { leaves, proofs } = this.ciphers.leaves(nodes);
    for (let tree = 0; tree < this.trees; tree++) {
      const missing = new Uint8Array(PROOF);
      addProofs(missing, proofs, tree, 1 << this.depth);
      xorInto(missing, proofAt(setup.proof, tree));
      this.addAtPath(proofs, PROOF, tree, this.depth, missing, delta);
    }
    const consistent = equalBytes(this.digest(proofs), setup.digest);
    proofs.fill(0);
    try {
      check('COT setup', consistent);
    } catch (error) {
      leaves.fill(0);
      throw error;
    }
    return leaves;
  }

  /** Fills in the node that the level's known sum determines, and clears the one on the path to Δ. */
  private restore(
    children: Uint8Array,
    tree: number,
    level: number,
    chosen: Uint8Array,
    delta: Uint8Array,
    sums: Uint8Array,
  ): void {
    const instance = this.instance(tree, level);
    const onPath = maskOf(bitAt(delta, instance));
    const width = 2 << level;
    const [left, right] = this.levelSums(sums, tree, level);
    const evens = new Uint8Array(SEED);
    const odds = new Uint8Array(SEED);
    addSide(evens, children, tree, width, 0);
    addSide(odds, children, tree, width, 1);
    const missing = new Uint8Array(SEED);
    for (let j = 0; j < SEED; j++) {
      // the known side is the one off the path
      missing[j] =
        (((evens[j]! ^ left[j]!) & onPath) | ((odds[j]! ^ right[j]!) & ~onPath)) ^
        chosen[instance * SEED + j]!;
    }
    const path = this.path(tree, level + 1, delta);
    for (let y = 0; y < width; y++) {
      const here = isEqual(y, path);
      const sibling = isEqual(y, path ^ 1);
      const at = (tree * width + y) * SEED;
      for (let j = 0; j < SEED; j++) children[at + j] = (children[at + j]! ^ (missing[j]! & sibling)) & ~here;
    }
    for (const secret of [evens, odds, missing]) secret.fill(0);
  }

  /** XORs `value` into the entry on the path to Δ at a level. */
  private addAtPath(
    entries: Uint8Array,
    size: number,
    tree: number,
    level: number,
    value: Uint8Array,
    delta: Uint8Array,
  ): void {
    const path = this.path(tree, level, delta);
    for (let y = 0; y < 1 << level; y++) {
      const here = isEqual(y, path);
      const at = (tree * (1 << level) + y) * size;
      for (let j = 0; j < size; j++) entries[at + j] = entries[at + j]! ^ (value[j]! & here);
    }
  }

  /** The first `level` bits of the tree's part of Δ, most significant first: the node on the path to leaf Δ. */
  private path(tree: number, level: number, delta: Uint8Array): number {
    let path = 0;
    for (let i = 0; i < level; i++) path = (path << 1) | bitAt(delta, this.instance(tree, i));
    return path;
  }

  /** The base OT behind the step from `level` to the next: level 0 decides the leaf number's highest bit. */
  private instance(tree: number, level: number): number {
    return tree * this.depth + this.depth - 1 - level;
  }

  private firstLevel(seed: (instance: number, side: 0 | 1) => Uint8Array): Uint8Array {
    const nodes = new Uint8Array(this.trees * 2 * SEED);
    for (let tree = 0; tree < this.trees; tree++) {
      const instance = this.instance(tree, 0);
      nodes.set(seed(instance, 0), tree * 2 * SEED);
      nodes.set(seed(instance, 1), (tree * 2 + 1) * SEED);
    }
    return nodes;
  }

  private digest(proofs: Uint8Array): Uint8Array {
    return hash(tags.treeProof, ...this.proofContext, proofs);
  }

  private levelSums(sums: Uint8Array, tree: number, level: number): readonly [Uint8Array, Uint8Array] {
    const at = (tree * (this.depth - 1) + level - 1) * 2 * SEED;
    return [sums.subarray(at, at + SEED), sums.subarray(at + SEED, at + 2 * SEED)];
  }

  private emptySetup(): SetupFields {
    const { sums, proof, digest } = setupLengths({ depth: this.depth });
    return { sums: new Uint8Array(sums), proof: new Uint8Array(proof), digest: new Uint8Array(digest) };
  }

  private checkLengths(setup: SetupFields): void {
    const { sums, proof, digest } = setupLengths({ depth: this.depth });
    if (setup.sums.length !== sums || setup.proof.length !== proof || setup.digest.length !== digest) {
      throw new PeerCheatedError('COT setup');
    }
  }
}

/** All ones if equal, else zero; for numbers below 2³¹. */
function isEqual(left: number, right: number): number {
  return ((left ^ right) - 1) >> 31;
}

function seedAt(seeds: Uint8Array, index: number): Uint8Array {
  return seeds.subarray(index * SEED, (index + 1) * SEED);
}

function proofAt(proofs: Uint8Array, tree: number): Uint8Array {
  return proofs.subarray(tree * PROOF, (tree + 1) * PROOF);
}

function xorInto(target: Uint8Array, source: Uint8Array): void {
  for (let j = 0; j < target.length; j++) target[j] = target[j]! ^ source[j]!;
}

/** Adds a tree's left (side 0) or right (side 1) children. */
function addSide(target: Uint8Array, nodes: Uint8Array, tree: number, width: number, side: 0 | 1): void {
  for (let y = side; y < width; y += 2) xorInto(target, seedAt(nodes, tree * width + y));
}

function addProofs(target: Uint8Array, proofs: Uint8Array, tree: number, width: number): void {
  for (let y = 0; y < width; y++) xorInto(target, proofAt(proofs, tree * width + y));
}
