import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import type { Slices } from '../../crypto/slices.ts';
import { hashMatrixSlices } from '../extension/check.ts';
import { bitAt } from '../seeds.ts';
import { appendCheck, type ExtensionArrays, pathsIn, secretIn } from './arrays.ts';
import { addSecret } from './encoder.ts';
import { answerDigest, challengeSeed, codeState, type ExtensionName, nodeCipher } from './name.ts';
import { levelsOf, type SilentShape } from './parameters.ts';
import { growTrees } from './trees.ts';

export interface SilentSenderOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly name: ExtensionName;
  readonly shape: SilentShape;
  /** Keys: bit 0 of each is 0. */
  readonly arrays: ExtensionArrays;
  /** Δ, 16 bytes; bit 0 of it is 1. */
  readonly delta: Pointer;
}

/** The fields of the receiver's message. */
export interface ChallengeFields {
  readonly coins: Uint8Array;
  readonly noiseHash: Uint8Array;
}

/** The party that holds Δ and keys, in one extension: `grow`, then `answer`, then `encode` (README.md, steps 1, 2, 5 and 6). */
export class SilentSender {
  private readonly options: SilentSenderOptions;
  private corrections = new Uint8Array();
  private coins = new Uint8Array();

  constructor(options: SilentSenderOptions) {
    this.options = options;
  }

  /** Steps 1 and 2: the corrections, which are the message. */
  *grow(): Slices<Uint8Array> {
    const { kernel, random, name, shape, arrays, delta } = this.options;
    const length = 16 * levelsOf(shape);
    const corrections = kernel.allocate(length);
    const trees = { bases: pathsIn(arrays, shape), corrections, leaves: arrays.leaves };
    const left = random(16 * shape.trees);
    try {
      yield* growTrees(kernel, nodeCipher(name), shape, trees, { left, delta });
    } finally {
      left.fill(0);
    }
    this.corrections = kernel.read(corrections, length) as Uint8Array<ArrayBuffer>;
    kernel.free(corrections);
    return this.corrections;
  }

  /** Step 5: the digest, which is the message. It depends on Δ only if the noise hash is false, and then it is the hash of a guess of Δ. */
  *answer({ coins, noiseHash }: ChallengeFields): Slices<Uint8Array> {
    const { kernel, name, shape, arrays, delta } = this.options;
    this.coins = coins.slice();
    const seed = challengeSeed(name, this.corrections, coins);
    const hashed = yield* hashMatrixSlices(kernel, seed, arrays.leaves, appendCheck(kernel, arrays, shape));
    try {
      const difference = kernel.view(delta, 16);
      for (let row = 0; row < 128; row++) {
        if (bitAt(noiseHash, row) === 0) continue;
        for (let j = 0; j < 16; j++) hashed[row * 16 + j] = hashed[row * 16 + j]! ^ difference[j]!;
      }
      return answerDigest(seed, hashed);
    } finally {
      hashed.fill(0);
    }
  }

  /** Step 6: the leaves become the keys that come out. */
  *encode(): Slices<void> {
    const { kernel, name, shape, arrays } = this.options;
    yield* addSecret(kernel, shape, arrays.leaves, secretIn(arrays), codeState(name, this.coins));
  }
}
