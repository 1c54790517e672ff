import { systemRandom } from '../../src/crypto/random.ts';
import { ChosenKeyHash } from '../../src/garbling/chosen-hash.ts';
import { Regions } from './kernel-subject.ts';
import type { Subject } from './measure.ts';

const COUNT = 128;
const ENTRY = 96;

/** Leaky ANDs: everything in an entry is secret, and bit 0 of its MACs are the shares x, y and r. */
export function leakyAnds(): Subject[] {
  const regions = new Regions();
  const { call } = regions.kernel;
  const entries = regions.random(ENTRY * COUNT);
  const [keys, macs] = [regions.random(48 * COUNT), regions.random(48 * COUNT)];
  const [inputs, outputs] = [regions.random(48 * COUNT), regions.random(48 * COUNT)];
  const [ciphertexts, partial] = [regions.random(16 * COUNT), regions.random(16 * COUNT)];
  const bits = regions.random(COUNT / 8);
  const delta = regions.random(16);
  const hash = new ChosenKeyHash(regions.kernel, 'timing', systemRandom(32));
  return [
    regions.subject('leakyAnds.entries', macs, 48 * COUNT, () =>
      call.leakyEntries(entries, keys, macs, COUNT, COUNT),
    ),
    regions.subject('leakyAnds.hashBlocks', entries, ENTRY * COUNT, () =>
      call.leakyHashBlocks(inputs, entries, COUNT, delta),
    ),
    regions.subject('leakyAnds.hashRows', outputs, 48 * COUNT, () =>
      hash.hashRows(inputs, outputs, COUNT, { first: 0, domains: [1, 1, 2] }, 0),
    ),
    regions.subject('leakyAnds.ciphertexts', entries, ENTRY * COUNT, () =>
      call.leakyCiphertexts(ciphertexts, partial, inputs, outputs, entries, COUNT, delta),
    ),
    regions.subject('leakyAnds.shares', bits, COUNT / 8, () =>
      call.leakyShares(partial, bits, ciphertexts, COUNT),
    ),
  ];
}
