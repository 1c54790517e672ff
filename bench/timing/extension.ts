import { byteAt } from '../../src/crypto/kernel.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { BASE_OTS } from '../../src/ot/base/index.ts';
import { Forest } from '../../src/ot/extension/trees.ts';
import { CotReceiver, CotSender, dealtBaseOts } from '../../src/ot/index.ts';
import { SEED } from '../../src/ot/seeds.ts';
import { Regions } from './kernel-subject.ts';
import type { Subject } from './measure.ts';

/** COTs of a batch: those of a large price rule. */
const COUNT = 4_500;
const BLOCKS = 8;

/** OT extension: trees regrown with a secret Δ, batches at both parties, and the kernels that they use. */
export function extension(): Subject[] {
  return [regrowth(), ...batches(), ...kernels()];
}

/** Δ = 0 compared with random ones. Base seeds and the setup message are the same for all of them. */
function regrowth(): Subject {
  const forest = new Forest(systemRandom(32), 'timing', 4);
  const delta = new Uint8Array(SEED);
  const { pairs } = dealtBaseOts(systemRandom, delta);
  const { setup } = forest.grow(pairs);
  const chosen = new Uint8Array(BASE_OTS * SEED);
  return {
    id: 'trees.regrow.delta',
    samples: 5_000,
    input: delta,
    fixed: new Uint8Array(SEED),
    load: () => choose(chosen, pairs, delta),
    run: () => forest.regrow(chosen, delta, setup),
  };
}

/** The seed of each choice, by masks: what a base-OT receiver holds. */
function choose(
  chosen: Uint8Array,
  pairs: { readonly zero: Uint8Array; readonly one: Uint8Array },
  choices: Uint8Array,
): void {
  for (let i = 0; i < chosen.length; i++) {
    const instance = i >> 4;
    const mask = 0 - ((choices[instance >> 3]! >> (instance & 7)) & 1);
    chosen[i] = (pairs.one[i]! & mask) | (pairs.zero[i]! & ~mask);
  }
}

function batches(): Subject[] {
  const { kernel } = new Regions();
  const common = { kernel, sid: systemRandom(32), direction: 'timing' };
  const delta = new Uint8Array(SEED);
  const dealt = dealtBaseOts(systemRandom, delta);
  const { zero, one } = dealt.pairs;
  const pairs = () => ({ zero: zero.slice(), one: one.slice() });
  const receiver = new CotReceiver({ ...common, random: systemRandom, seeds: pairs() });
  const choices = new Uint8Array(Math.ceil(COUNT / 8));
  const first = new CotReceiver({ ...common, random: systemRandom, seeds: pairs() }).extend(COUNT);
  const seeds = new Uint8Array(BASE_OTS * SEED);
  let sender: CotSender;
  return [
    {
      id: 'cot.receiver.choices',
      samples: 2_000,
      input: choices,
      fixed: new Uint8Array(choices.length),
      run: () => kernel.free(receiver.extend(COUNT, choices).macs),
    },
    {
      id: 'cot.sender.delta',
      samples: 2_000,
      input: delta,
      fixed: new Uint8Array(SEED),
      load() {
        sender?.close();
        choose(seeds, { zero, one }, delta);
        sender = new CotSender({ ...common, delta, seeds });
        sender.acceptSetup(receiver.setup);
      },
      run: () => kernel.free(sender.extend(COUNT, first.message)),
    },
  ];
}

function kernels(): Subject[] {
  const regions = new Regions();
  const { kernel } = regions;
  const { call } = kernel;
  const rows = 128 * BLOCKS;
  const matrix = regions.random(16 * rows);
  const target = kernel.allocate(16 * rows);
  const chi = regions.random(16);
  const product = kernel.allocate(8_192);
  const tables = kernel.allocate(16_384);
  const state = kernel.allocate(4_096);
  const bits = regions.random(rows / 8);
  call.hashMatrix(product, chi);
  const whole = 16 * rows;
  return [
    regions.subject('kernel.transposeColumns', matrix, whole, () =>
      call.transposeColumns(target, matrix, rows / 8, BLOCKS),
    ),
    regions.subject('kernel.hashRows', matrix, whole, () =>
      call.hashRows(state, tables, product, matrix, BLOCKS),
    ),
    regions.subject('kernel.hashRowsTwice', matrix, whole, () =>
      call.hashRowsTwice(state, tables, product, matrix, whole / 2, BLOCKS >> 1),
    ),
    regions.subject('kernel.hashBits', bits, rows / 8, () => call.hashBits(state, chi, bits, BLOCKS)),
    regions.subject('kernel.weighBlocks', matrix, whole, () => call.weighBlocks(target, matrix, rows)),
    regions.subject('kernel.leafInputs', matrix, 256, () => call.leafInputs(target, matrix, 16, BLOCKS)),
    regions.subject('kernel.foldLeaves', matrix, 2_048, () =>
      call.foldLeaves(target, 128, byteAt(target, 512), matrix, byteAt(matrix, 2_048), 4, BLOCKS),
    ),
    regions.subject('kernel.addWhere', bits, 1, () =>
      call.addWhere(target, matrix, kernel.view(bits, 1)[0]! & 1, whole),
    ),
    regions.subject('kernel.placeBits', bits, rows / 8, () => call.placeBits(target, bits, rows)),
    regions.subject('kernel.packBits', matrix, whole, () => call.packBits(target, matrix, rows, 0)),
    regions.subject('kernel.addPublicBits', bits, rows / 8, () =>
      call.addPublicBits(target, bits, rows, chi, 16),
    ),
  ];
}
