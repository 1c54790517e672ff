import { systemRandom } from '../../src/crypto/random.ts';
import { ChosenKeyHash } from '../../src/garbling/chosen-hash.ts';
import { Regions } from './kernel-subject.ts';
import type { Subject } from './measure.ts';

const COUNT = 128;

/** Leaky ANDs: keys and MACs of x, y and r are secret, and bit 0 of MACs are the shares. */
export function leakyAnds(): Subject[] {
  const regions = new Regions();
  const { call } = regions.kernel;
  const [keys, macs] = [regions.random(48 * COUNT), regions.random(48 * COUNT)];
  const [inputs, outputs] = [regions.random(48 * COUNT), regions.random(48 * COUNT)];
  const [ciphertexts, partial] = [regions.random(16 * COUNT), regions.random(16 * COUNT)];
  const bits = regions.random(COUNT / 8);
  const delta = regions.random(16);
  const hash = new ChosenKeyHash(regions.kernel, 'timing', systemRandom(32));
  return [
    regions.subject('leakyAnds.choices', macs, 48 * COUNT, () => call.leakyChoices(bits, macs, COUNT)),
    regions.subject('leakyAnds.hashBlocks', macs, 48 * COUNT, () =>
      call.leakyHashBlocks(inputs, keys, macs, COUNT, delta),
    ),
    regions.subject('leakyAnds.hashRows', outputs, 48 * COUNT, () =>
      hash.hashRows(inputs, outputs, COUNT, { first: 0, domains: [1, 1, 2] }, 0),
    ),
    regions.subject('leakyAnds.ciphertexts', macs, 48 * COUNT, () =>
      call.leakyCiphertexts(ciphertexts, partial, inputs, outputs, keys, macs, COUNT, delta),
    ),
    regions.subject('leakyAnds.shares', bits, COUNT / 8, () =>
      call.leakyShares(partial, bits, ciphertexts, COUNT),
    ),
  ];
}
