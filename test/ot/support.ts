import { Kernel } from '../../src/crypto/kernel.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import type { TreeDepth } from '../../src/ot/extension/parameters.ts';
import { CotReceiver, CotSender, dealtBaseOts } from '../../src/ot/index.ts';
import { bitAt } from '../../src/ot/seeds.ts';

export interface Options {
  readonly depth?: TreeDepth;
  readonly choiceInBit0?: boolean;
  readonly seed?: number;
}

/** Both ends of one direction over dealt base OTs, the setup message not yet accepted. */
export function dealtPair({ seed = 1, ...options }: Options = {}) {
  const random: Random = seededRandom(new Uint8Array(16).fill(seed));
  const kernel = new Kernel();
  const delta = random(16).slice();
  delta[0]! |= 1;
  const { pairs, chosen } = dealtBaseOts(random, delta);
  const common = { kernel, sid: random(32), direction: 'ab', ...options };
  const receiver = new CotReceiver({ ...common, random, seeds: pairs });
  const sender = new CotSender({ ...common, delta, seeds: chosen });
  return { random, kernel, delta, receiver, sender, common };
}

/** M ⊕ x·Δ, block by block. */
export function keysOf(macs: Uint8Array, choices: Uint8Array, delta: Uint8Array): Uint8Array {
  return macs.map((byte, at) => byte ^ (-bitAt(choices, at >> 4) & delta[at & 15]!));
}
