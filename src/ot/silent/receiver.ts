import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import type { Kernel } from '../../crypto/kernel.ts';
import type { Random } from '../../crypto/random.ts';
import type { Slices } from '../../crypto/slices.ts';
import { PeerCheatedError } from '../../errors.ts';
import { hashMatrixSlices } from '../extension/check.ts';
import { appendCheck, type ExtensionArrays, pathsIn, secretIn } from './arrays.ts';
import { addSecret } from './encoder.ts';
import { answerDigest, challengeSeed, codeState, type ExtensionName, nodeCipher } from './name.ts';
import { levelsOf, type SilentShape } from './parameters.ts';
import type { ChallengeFields } from './sender.ts';
import { regrowTrees } from './trees.ts';

export interface SilentReceiverOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly name: ExtensionName;
  readonly shape: SilentShape;
  /** MACs: bit 0 of each is its random bit. */
  readonly arrays: ExtensionArrays;
}

/** What the receiver waits for. MACs are handed out only once the sender's answer has been verified. */
type Expects = 'trees' | 'answer' | 'encode' | 'nothing';

/** The party that holds random bits and MACs, in one extension: `challenge`, then `verify`, then `encode` (README.md, steps 3, 4, 5 and 6). In another order, or twice, each throws. */
export class SilentReceiver {
  private readonly options: SilentReceiverOptions;
  private expects: Expects = 'trees';
  private coins = new Uint8Array();
  private expected = new Uint8Array();

  constructor(options: SilentReceiverOptions) {
    this.options = options;
  }

  /** Steps 3 and 4: takes the sender's corrections, and gives the message. */
  *challenge(received: Uint8Array): Slices<ChallengeFields> {
    this.leave('trees');
    const { kernel, random, name, shape, arrays } = this.options;
    if (received.length !== 16 * levelsOf(shape)) throw new PeerCheatedError('silent OT trees');
    const corrections = kernel.allocate(received.length);
    kernel.write(corrections, received);
    const bases = pathsIn(arrays, shape);
    yield* regrowTrees(kernel, nodeCipher(name), shape, { bases, corrections, leaves: arrays.leaves });
    kernel.free(corrections);
    // Only now: the sender's message is fixed.
    this.coins = random(16) as Uint8Array<ArrayBuffer>;
    const seed = challengeSeed(name, received, this.coins);
    const hashed = yield* hashMatrixSlices(kernel, seed, arrays.leaves, appendCheck(kernel, arrays, shape));
    try {
      this.expected = answerDigest(seed, hashed) as Uint8Array<ArrayBuffer>;
      const noiseHash = new Uint8Array(16);
      for (let row = 0; row < 128; row++) noiseHash[row >> 3]! |= (hashed[16 * row]! & 1) << (row & 7);
      this.expects = 'answer';
      return { coins: this.coins, noiseHash };
    } finally {
      hashed.fill(0);
    }
  }

  /** Step 5: throws `ERR_PEER_CHEATED` unless the sender's leaves hash to the same. */
  verify(digest: Uint8Array): void {
    this.leave('answer');
    check('silent OT leaves', equalBytes(digest, this.expected));
    this.expects = 'encode';
  }

  /** Step 6, after `verify`: the leaves become the MACs that come out, bit 0 of each being its bit. */
  *encode(): Slices<void> {
    this.leave('encode');
    const { kernel, name, shape, arrays } = this.options;
    yield* addSecret(kernel, shape, arrays.leaves, secretIn(arrays), codeState(name, this.coins));
  }

  /** Throws unless this is what the receiver waits for; until that has been dealt with it waits for nothing. */
  private leave(expected: Expects): void {
    if (this.expects !== expected)
      throw new Error(`a silent OT receiver expects ${this.expects}, not ${expected}`);
    this.expects = 'nothing';
  }
}
