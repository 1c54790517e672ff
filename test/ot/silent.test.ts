import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { blockAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { atOnce } from '../../src/crypto/slices.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import { hashMatrix } from '../../src/ot/extension/check.ts';
import {
  baseOf,
  dealtCots,
  leavesOf,
  SILENT_SIZES,
  SilentReceiver,
  SilentSender,
  type SilentShape,
  type SilentSize,
  shapeFor,
} from '../../src/ot/index.ts';
import { roomFor } from '../../src/ot/silent/arrays.ts';
import { challengeSeed, codeState, nodeCipher } from '../../src/ot/silent/name.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const SMALL: SilentSize = { depth: 7, secretBits: 6, mostTrees: 300 };

/** Both ends of an extension over dealt COTs. `draws` is the seed of what the two draw themselves. */
function ends(shape: SilentShape, seed = 1, draws = 1) {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  const kernel = new Kernel();
  const delta = random(16).slice();
  delta[0]! |= 1;
  const count = baseOf(shape.size);
  const base = dealtCots(random, delta, random(Math.ceil(count / 8)), count, true);
  const put = (bytes: Uint8Array): Pointer => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const room = () => kernel.allocate(16 * roomFor(shape));
  const name = { sid: random(32), direction: 'ab', number: 3 };
  const common = { kernel, random: seededRandom(new Uint8Array(16).fill(100 + draws)), name, shape };
  const [keys, macs] = [room(), room()];
  const sender = new SilentSender({
    ...common,
    arrays: { base: put(base.keys), leaves: keys },
    delta: put(delta),
  });
  const receiver = new SilentReceiver({ ...common, arrays: { base: put(base.macs), leaves: macs } });
  return { kernel, delta, base, sender, receiver, name, keys, macs };
}

type Ends = ReturnType<typeof ends>;

function blocks({ kernel }: Ends, pointer: Pointer, count: number): bigint[] {
  const words = new BigUint64Array(kernel.read(pointer, 16 * count).buffer);
  return Array.from({ length: count }, (_, i) => words[2 * i]! | (words[2 * i + 1]! << 64n));
}

function toBlocks(bytes: Uint8Array): bigint[] {
  const words = new BigUint64Array(bytes.slice().buffer);
  return Array.from({ length: bytes.length / 16 }, (_, i) => words[2 * i]! | (words[2 * i + 1]! << 64n));
}

/** Runs the steps up to the check. */
function untilCheck(both: Ends) {
  const corrections = atOnce(both.sender.grow());
  const challenge = atOnce(both.receiver.challenge(corrections));
  const digest = atOnce(both.sender.answer(challenge));
  return { corrections, challenge, digest };
}

/** Everything that comes out: keys and MACs. */
function run(both: Ends, shape: SilentShape) {
  const { challenge, digest } = untilCheck(both);
  both.receiver.verify(digest);
  atOnce(both.sender.encode());
  atOnce(both.receiver.encode());
  const count = leavesOf(shape);
  return { keys: blocks(both, both.keys, count), macs: blocks(both, both.macs, count), challenge };
}

describe('an extension', () => {
  it.each([1, 2, 37, 256, 300])('of %i trees gives correlated OTs with random bits', (trees) => {
    const shape = { size: SMALL, trees };
    const both = ends(shape);
    const [delta] = toBlocks(both.delta);
    const { keys, macs } = run(both, shape);
    let ones = 0;
    for (const [i, mac] of macs.entries()) {
      const bit = mac & 1n;
      if ((keys[i]! & 1n) !== 0n || mac !== (keys[i]! ^ (bit * delta!))) throw new Error(`COT ${i} is wrong`);
      ones += Number(bit);
    }
    expect(new Set(macs).size).toBe(macs.length);
    expect(Math.abs(ones - macs.length / 2)).toBeLessThan(4 * Math.sqrt(macs.length));
  });

  test.each(
    FULL ? SILENT_SIZES.map((size) => [size.mostTrees, size] as const) : [[3, SILENT_SIZES[0]!] as const],
  )(
    'of %i trees of a real size gives correlated OTs',
    (trees, size) => {
      const shape = { size, trees };
      const both = ends(shape);
      const [delta] = toBlocks(both.delta);
      const { keys, macs } = run(both, shape);
      expect(macs.every((mac, i) => mac === (keys[i]! ^ ((mac & 1n) * delta!)))).toBe(true);
      both.kernel.destroy();
    },
    120_000,
  );

  it('is what its twin computes from the same COTs', () => {
    const shape = { size: SMALL, trees: 5 };
    const both = ends(shape);
    const { corrections, challenge, digest } = untilCheck(both);
    const leaves = twinLeaves(both, shape, corrections);
    expect(blocks(both, both.macs, leavesOf(shape))).toEqual(leaves);
    both.receiver.verify(digest);
    atOnce(both.receiver.encode());
    const secret = toBlocks(both.base.macs).slice(0, 2 ** SMALL.secretBits);
    const encoded = twinCode(codeState(both.name, challenge.coins), leaves, secret);
    expect(blocks(both, both.macs, leavesOf(shape))).toEqual(encoded);
  });

  it('is refused if anything of it is changed on its way', () => {
    const shape = { size: SMALL, trees: 3 };
    for (const [change, bit] of [
      ['corrections', 0],
      ['corrections', 16 * 8 * 6 + 77],
      ['corrections', 16 * 8 * 20 + 127],
      ['coins', 5],
      ['noiseHash', 100],
      ['digest', 9],
    ] as const) {
      for (let seed = 1; seed <= 4; seed++) {
        const both = ends(shape, seed);
        const flip = (name: typeof change, bytes: Uint8Array) => {
          const copy = bytes.slice();
          if (name === change) copy[bit >> 3]! ^= 1 << (bit & 7);
          return copy;
        };
        const corrections = atOnce(both.sender.grow());
        const { coins, noiseHash } = atOnce(both.receiver.challenge(flip('corrections', corrections)));
        const theirs = { coins: flip('coins', coins), noiseHash: flip('noiseHash', noiseHash) };
        const digest = flip('digest', atOnce(both.sender.answer(theirs)));
        expect(() => both.receiver.verify(digest)).toThrow(PeerCheatedError);
      }
    }
  });

  it('refuses corrections of another length', () => {
    const { receiver } = ends({ size: SMALL, trees: 3 });
    expect(() => atOnce(receiver.challenge(new Uint8Array(16 * 22)))).toThrow(PeerCheatedError);
  });
});

describe('what the parties draw', () => {
  const shape = { size: SMALL, trees: 37 };

  it('hides Δ and the noise: other draws over the same COTs have other roots, coins and noise hashes', () => {
    const roots: bigint[] = [];
    const [coins, noiseHashes] = [new Set<string>(), new Set<string>()];
    for (const draws of [1, 2]) {
      const both = ends(shape, 1, draws);
      const { corrections, challenge } = untilCheck(both);
      const given = toBlocks(corrections);
      const keys = toBlocks(both.base.keys).slice(2 ** SMALL.secretBits);
      // The left node of the first level is the root that was drawn. Whoever knows it reads Δ off the first correction.
      for (let i = 0; i < given.length; i += SMALL.depth) roots.push(given[i]! ^ keys[i]!);
      coins.add(Buffer.from(challenge.coins).toString('hex'));
      noiseHashes.add(Buffer.from(challenge.noiseHash).toString('hex'));
    }
    expect(new Set(roots).size).toBe(2 * shape.trees);
    for (let bit = 0n; bit < 128n; bit++) {
      const ones = roots.filter((root) => ((root >> bit) & 1n) === 1n).length;
      expect(ones).toBeGreaterThan(0);
      expect(ones).toBeLessThan(roots.length);
    }
    expect([coins.size, noiseHashes.size]).toEqual([2, 2]);
  });

  it('masks the noise hash with x*: without it, it would be the hash of the noise', () => {
    const both = ends(shape);
    const { corrections, challenge } = untilCheck(both);
    const { kernel, macs } = both;
    const rows = leavesOf(shape);
    kernel.view(blockAt(macs, rows), 16 * 128).fill(0);
    const hashed = hashMatrix(
      kernel,
      challengeSeed(both.name, corrections, challenge.coins),
      macs,
      rows + 128,
    );
    const start = 2 ** SMALL.secretBits + SMALL.mostTrees * SMALL.depth;
    const masks = toBlocks(both.base.macs).slice(start, start + 128);
    const bitOf = (row: number) => (challenge.noiseHash[row >> 3]! >> (row & 7)) & 1;
    const shown = Array.from({ length: 128 }, (_, row) => bitOf(row) ^ (hashed[16 * row]! & 1));
    expect(shown).toEqual(masks.map((mac) => Number(mac & 1n)));
    expect(new Set(shown).size).toBe(2);
  });
});

describe('the name of an extension, its corrections and coins', () => {
  const bytes = (fill: number) => new Uint8Array(16).fill(fill);
  const name = { sid: bytes(1), direction: 'ab', number: 3 };
  const names = [
    { ...name, sid: bytes(2) },
    { ...name, direction: 'ba' },
    { ...name, number: 4 },
  ];
  const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

  it('all decide the challenge', () => {
    const seeds = [name, ...names].map((each) => challengeSeed(each, bytes(3), bytes(4)));
    seeds.push(challengeSeed(name, bytes(5), bytes(4)), challengeSeed(name, bytes(3), bytes(5)));
    expect(new Set(seeds.map(hex)).size).toBe(6);
  });

  it('decide the code, but for the corrections, and π, but for the coins too', () => {
    const codes = [name, ...names].map((each) => codeState(each, bytes(4)));
    codes.push(codeState(name, bytes(5)));
    expect(new Set(codes.map(hex)).size).toBe(5);
    const kernel = new Kernel();
    const block = kernel.allocate(16);
    const outputs = [name, ...names].map((each) => {
      kernel.write(block, bytes(0));
      nodeCipher(each).permute(kernel, block, block, 1);
      return hex(kernel.read(block, 16));
    });
    expect(new Set(outputs).size).toBe(4);
    kernel.destroy();
  });
});

describe('the receiver', () => {
  const shape = { size: SMALL, trees: 3 };

  it('hands out nothing unless the answer has been verified', () => {
    const both = ends(shape);
    const { digest } = untilCheck(both);
    const leaves = blocks(both, both.macs, leavesOf(shape));
    expect(() => atOnce(both.receiver.encode())).toThrow('expects answer');
    expect(blocks(both, both.macs, leavesOf(shape))).toEqual(leaves);
    both.receiver.verify(digest);
    atOnce(both.receiver.encode());
    expect(() => atOnce(both.receiver.encode())).toThrow('expects nothing');
  });

  it('hands out nothing after a false answer, and takes no second one', () => {
    const both = ends(shape);
    const { digest } = untilCheck(both);
    const wrong = digest.slice();
    wrong[0]! ^= 1;
    expect(() => both.receiver.verify(wrong)).toThrow(PeerCheatedError);
    expect(() => both.receiver.verify(digest)).toThrow('expects nothing');
    expect(() => atOnce(both.receiver.encode())).toThrow('expects nothing');
  });

  it('takes no answer before it has challenged', () => {
    expect(() => ends(shape).receiver.verify(new Uint8Array())).toThrow('expects trees');
  });
});

describe('after an exception', () => {
  const shape = { size: SMALL, trees: 300 };

  it('no root that was drawn is left', () => {
    const { kernel, delta, base, name, keys } = ends(shape);
    const put = (bytes: Uint8Array): Pointer => {
      const pointer = kernel.allocate(bytes.length);
      kernel.write(pointer, bytes);
      return pointer;
    };
    const drawn: Uint8Array[] = [];
    const random = (length: number) => {
      drawn.push(new Uint8Array(length).fill(7));
      return drawn.at(-1)!;
    };
    const arrays = { base: put(base.keys), leaves: keys };
    const sender = new SilentSender({ kernel, random, name, shape, arrays, delta: put(delta) });
    const work = sender.grow();
    work.next();
    expect(drawn[0]!.includes(7)).toBe(true);
    kernel.destroy(); // as when a session is closed meanwhile
    expect(() => atOnce(work)).toThrow();
    expect(drawn[0]!.every((byte) => byte === 0)).toBe(true);
  });
});

describe('shapes', () => {
  test('gain what is missing, with no more trees than that takes', () => {
    for (const missing of [1, 300_000, 487_636, 487_637, 1_136_300, 2_000_000, 2_630_268]) {
      const { size, trees } = shapeFor(missing);
      const gain = (count: number) => leavesOf({ size, trees: count }) - baseOf(size);
      expect(gain(trees)).toBeGreaterThanOrEqual(missing);
      expect(gain(trees - 1)).toBeLessThan(missing);
      expect(trees).toBeLessThanOrEqual(size.mostTrees);
    }
  });

  test('are the largest where none is enough', () => {
    const size = SILENT_SIZES.at(-1)!;
    expect(shapeFor(10_000_000)).toEqual({ size, trees: size.mostTrees });
  });
});

/** Steps 2 and 3 as the README says them, tree by tree and node by node: the receiver's leaves. */
function twinLeaves({ base, name }: Ends, { size, trees }: SilentShape, corrections: Uint8Array): bigint[] {
  const macs = toBlocks(base.macs).slice(2 ** size.secretBits);
  const given = toBlocks(corrections);
  const hash = nodeHash(name);
  const all: bigint[] = [];
  for (let tree = 0; tree < trees; tree++) {
    let nodes: (bigint | undefined)[] = [undefined];
    for (let level = 0; level < size.depth; level++) {
      const index = tree * size.depth + level;
      const side = Number(macs[index]! & 1n); // the side whose sum is given
      const children = nodes.flatMap((node) =>
        node === undefined ? [undefined, undefined] : [hash(node), node ^ hash(node)],
      );
      const path = nodes.indexOf(undefined);
      const known = children
        .filter((_, y) => y % 2 === side)
        .reduce<bigint>((sum, child) => sum ^ (child ?? 0n), 0n);
      children[2 * path + side] = given[index]! ^ macs[index]! ^ known;
      nodes = children;
    }
    const others = nodes.reduce<bigint>((sum, node) => sum ^ (node ?? 0n), 0n);
    for (const node of nodes) all.push(node === undefined ? others | 1n : node & ~1n);
  }
  return all;
}

/** H(x) = π(σ(x)) ⊕ σ(x), blocks being numbers whose lowest byte comes first. */
function nodeHash({ sid, direction, number }: Ends['name']): (x: bigint) => bigint {
  const state = createHash('sha256');
  const absorb = (bytes: Uint8Array) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    state.update(length).update(bytes);
  };
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64BE(BigInt(number));
  for (const part of [Buffer.from('parley/1 silent OT node cipher key'), sid, Buffer.from(direction), eight])
    absorb(part);
  const cipher = createCipheriv('aes-128-ecb', state.digest().subarray(0, 16), null).setAutoPadding(false);
  const low = (1n << 64n) - 1n;
  return (x) => {
    const sigma = (x >> 64n) | (((x >> 64n) ^ (x & low)) << 64n);
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(sigma & low);
    bytes.writeBigUInt64LE(sigma >> 64n, 8);
    return toBlocks(cipher.update(bytes))[0]! ^ sigma;
  };
}

/** Step 6: xoshiro128++ as Blackman and Vigna write it, in four lanes. */
function twinCode(state: Uint8Array, leaves: readonly bigint[], secret: readonly bigint[]): bigint[] {
  const words = new Uint32Array(state.slice().buffer);
  const lanes = [0, 1, 2, 3].map((lane) => [0, 4, 8, 12].map((word) => words[word + lane]!));
  const rotate = (x: number, by: number) => ((x << by) | (x >>> (32 - by))) >>> 0;
  const next = (s: number[]): number => {
    const result = (rotate((s[0]! + s[3]!) >>> 0, 7) + s[0]!) >>> 0;
    const t = (s[1]! << 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotate(s[3]! >>> 0, 11);
    return result;
  };
  let drawn = 0;
  return leaves.map((leaf) => {
    let sum = leaf;
    for (let j = 0; j < 10; j++) sum ^= secret[next(lanes[drawn++ & 3]!) % secret.length]!;
    return sum;
  });
}
