import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { CotReceiver, CotSender, dealtBaseOts } from '../../src/ot/index.ts';
import { bitAt } from '../../src/ot/seeds.ts';

describe('COT extension', () => {
  it.each([1, 2, 4, 8] as const)('gives K = M ⊕ x·Δ at depth %i', (depth) => {
    const random = seededRandom(new Uint8Array(16).fill(depth));
    const kernel = new Kernel();
    const delta = random(16);
    const { pairs, chosen } = dealtBaseOts(random, delta);
    const common = { kernel, sid: random(32), direction: 'ab', depth };
    const receiver = new CotReceiver({ ...common, random, seeds: pairs });
    const sender = new CotSender({ ...common, delta, seeds: chosen });
    sender.acceptSetup(receiver.setup);
    for (const count of [1, 127, 128, 129, 1000]) {
      const choices = random(Math.ceil(count / 8));
      const { message, macs } = receiver.extend(count, choices);
      const keys = kernel.read(sender.extend(count, message), count * 16);
      const expected = kernel.read(macs, count * 16);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < 16; j++) expected[i * 16 + j] ^= -bitAt(choices, i) & delta[j]!;
      }
      expect(keys).toEqual(expected);
    }
  });
});
