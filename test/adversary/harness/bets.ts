import { createCipheriv } from 'node:crypto';
import { hash } from '../../../src/crypto/hash.ts';
import type { Random } from '../../../src/crypto/random.ts';
import { tags } from '../../../src/crypto/tags.ts';
import { Forest } from '../../../src/ot/extension/trees.ts';
import { CotReceiver } from '../../../src/ot/index.ts';
import { bitOf, blockAt, twice, xor } from './blocks.ts';
import { hook, type Inside } from './hooks.ts';

const TREES = 32;
const DEPTH = 4;
const LEAVES = 16;
/** Rows of the first chunk of a batch. */
const CHUNK = 252 * 128;

/** Two leaky ANDs whose MACs the cheater makes apart by `twice(i ^ j)`. */
export type Pair = readonly [number, number];

/** What a cheating COT receiver bets on, and what it gets for it. */
export interface Bets {
  /** Trees in each of which it bets that the highest of the four bits of Δ is 1: then half of the leaves are its own to pick. */
  readonly trees: readonly number[];
  readonly pairs: Pair[];
}

/** Which random bit is x of leaky AND i; y is the next one. */
export const xOf = (i: number): number => 3 * i;

/** The wanted difference of two MACs at `column`. */
const target = ([i, j]: Pair, column: number): number => bitOf(twice(i ^ j), column);

/**
 * Until `undoHooks`, the cheater's receiver bets in `bets` trees, and picks leaves there until the columns of these trees give the MACs of x of
 * up to `wanted` pairs of leaky ANDs the difference `twice(i ^ j)`; pairs are chosen so that the other trees give it by chance. Bit 0 is its choice,
 * and it takes y = 1 in one AND of each pair and 0 in the other. Anything else is honest; it is not caught if all bets hold.
 */
export function betOnTrees(
  cheater: 'a' | 'b',
  leaky: number,
  bets: number,
  wanted: number,
  random: Random,
): Bets {
  const free = TREES - bets;
  const plan: Bets = { trees: Array.from({ length: bets }, (_, n) => free + n), pairs: [] };
  hook(Forest, 'grow', cheater, (self: Inside, honestly, seeds) => {
    const { leaves, setup } = honestly(seeds) as { leaves: Uint8Array; setup: Inside };
    const rows = Math.min(3 * leaky, CHUNK);
    const streams = new Streams(self.proofContext, rows);
    const given = Array.from({ length: free }, (_, tree) =>
      streams.columns(leaves.subarray(256 * tree, 256 * (tree + 1))),
    );
    plan.pairs.push(...pairsByChance(given, Math.floor(rows / 3)).slice(0, wanted));
    const blocks = [...new Set(plan.pairs.flat().map((i) => xOf(i) >> 7))];
    const proofs: Uint8Array[] = [];
    for (let tree = 0; tree < TREES; tree += 1) {
      for (;;) {
        const grown = growTree(self, seeds, tree, plan.trees.includes(tree) ? random(32) : undefined);
        const fits = (columns: readonly Uint8Array[]) =>
          plan.pairs.every((pair) => columns.every((column, b) => isApart(column, DEPTH * tree + b, pair)));
        if (tree >= free && !fits(streams.columns(grown.leaves, blocks))) continue;
        leaves.set(grown.leaves, 256 * tree);
        setup.sums.set(grown.sums, 96 * tree);
        const proof = Array.from({ length: LEAVES }, (_, x) => grown.proofs.subarray(32 * x, 32 * (x + 1)));
        setup.proof.set(xor(...proof), 32 * tree);
        proofs.push(grown.proofs);
        break;
      }
    }
    setup.digest.set(self.digest(Buffer.concat(proofs)));
    return { leaves, setup };
  });
  let first = true;
  hook(CotReceiver, 'extend', cheater, (self: Inside, honestly, count: number, given, into) => {
    if (given !== undefined || !first) return honestly(count, given, into);
    first = false;
    const choices = self.random(Math.ceil(count / 8)) as Uint8Array;
    const set = (at: number, value: number) => {
      choices[at >> 3] = (choices[at >> 3]! & ~(1 << (at & 7))) | (value << (at & 7));
    };
    for (const [i, j] of plan.pairs) {
      set(xOf(j), bitOf(choices, xOf(i)) ^ ((i ^ j) & 1));
      set(xOf(i) + 1, 1);
      set(xOf(j) + 1, 0);
    }
    return honestly(count, choices, into);
  });
  return plan;
}

/** A generator whose first 16 bytes, which become Δ, are such that all bets hold: a run that has probability 2^(−bets). */
export function losingTo(usual: Random, trees: () => readonly number[]): Random {
  let drawn = false;
  return (length) => {
    const bytes = usual(length);
    if (length !== 16 || drawn) return bytes;
    drawn = true;
    for (const tree of trees()) bytes[(DEPTH * tree + 3) >> 3]! |= 1 << ((DEPTH * tree + 3) & 7);
    return bytes;
  };
}

function isApart(column: Uint8Array, number: number, pair: Pair): boolean {
  return number === 0 || (bitOf(column, xOf(pair[0])) ^ bitOf(column, xOf(pair[1]))) === target(pair, number);
}

/** Disjoint pairs that the honest trees' columns make apart as wanted. */
function pairsByChance(trees: readonly (readonly Uint8Array[])[], leaky: number): Pair[] {
  const pairs: Pair[] = [];
  const seen = new Map<string, number>();
  for (let i = 0; i < leaky; i += 1) {
    const bits = trees.flatMap((columns, tree) =>
      columns.map((column, b) => bitOf(column, xOf(i)) ^ bitOf(twice(i), DEPTH * tree + b)),
    );
    const name = bits.slice(1).join('');
    const j = seen.get(name);
    if (j === undefined) seen.set(name, i);
    else {
      pairs.push([j, i]);
      seen.delete(name);
    }
  }
  return pairs;
}

/** The columns that a tree's leaves give in the first chunk of the first batch of random bits. */
class Streams {
  private readonly cipher: ReturnType<typeof createCipheriv>;
  private readonly blocks: number;

  constructor([sid, direction]: [Uint8Array, string], rows: number) {
    // the garbler's first batch is that of the base seeds
    const batch = direction === 'bits of the garbler' ? 1 : 0;
    const key = hash(tags.leafCipherKey, sid, direction, batch, 0).subarray(0, 16);
    this.cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.blocks = Math.ceil(rows / 128);
  }

  columns(leaves: Uint8Array, wanted = Array.from({ length: this.blocks }, (_, c) => c)): Uint8Array[] {
    const columns = Array.from({ length: DEPTH }, () => new Uint8Array(16 * this.blocks));
    for (let x = 0; x < LEAVES; x += 1) {
      const inputs = new Uint8Array(16 * wanted.length);
      for (const [n, c] of wanted.entries()) {
        inputs.set(blockAt(leaves, x), 16 * n);
        inputs[16 * n]! ^= c & 255;
      }
      const stream = xor(this.cipher.update(inputs), inputs);
      for (const [b, column] of columns.entries()) {
        if (((x >> b) & 1) === 0) continue;
        for (const [n, c] of wanted.entries())
          column.set(xor(blockAt(column, c), blockAt(stream, n)), 16 * c);
      }
    }
    return columns;
  }
}

interface Tree {
  readonly leaves: Uint8Array;
  readonly proofs: Uint8Array;
  /** The tree's part of the setup's sums. */
  readonly sums: Uint8Array;
}

/**
 * A tree from its base seeds. With `own`, 32 random bytes, the two children of the node on side 1 of the first level are these, and all sums are as if they
 * were right: a peer whose Δ has a 1 there does not know that node, and fills these in.
 */
function growTree(
  forest: Inside,
  seeds: { zero: Uint8Array; one: Uint8Array },
  tree: number,
  own: Uint8Array | undefined,
): Tree {
  const pair = (level: number) => {
    const instance = DEPTH * tree + DEPTH - 1 - level;
    return [blockAt(seeds.one, instance), blockAt(seeds.zero, instance)] as const;
  };
  const sums = new Uint8Array(96);
  let nodes: Uint8Array = Uint8Array.from([...pair(0)[0], ...pair(0)[1]]);
  for (let level = 1; level < DEPTH; level += 1) {
    nodes = forest.ciphers.children(nodes);
    if (level === 1 && own !== undefined) nodes.set(own, 32);
    for (const side of [0, 1]) {
      const siblings = Array.from({ length: 1 << level }, (_, y) => blockAt(nodes, 2 * y + side));
      sums.set(xor(pair(level)[side]!, ...siblings), 32 * (level - 1) + 16 * side);
    }
  }
  return { ...forest.ciphers.leaves(nodes), sums };
}
