import { Kernel } from '../src/crypto/kernel.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { atOnce, type Slices } from '../src/crypto/slices.ts';
import {
  baseOf,
  dealtCots,
  leavesOf,
  roomFor,
  SILENT_SIZES,
  SilentReceiver,
  SilentSender,
  type SilentShape,
} from '../src/ot/index.ts';
import { median, type Row } from './rows.ts';

const random = systemRandom;

/** Both ends of a silent extension in this process, timed apart, over dealt COTs: of the largest size, or of a few trees of the smallest. */
export function silentExtension(runs: number, quick: boolean): Row[] {
  const size = quick ? SILENT_SIZES[0]! : SILENT_SIZES.at(-1)!;
  const shape = { size, trees: quick ? 4 : size.mostTrees };
  const times = Array.from({ length: runs }, () => extendOnce(shape));
  const perSecond = (end: 'sender' | 'receiver') =>
    leavesOf(shape) / (median(times.slice(runs > 1 ? 1 : 0).map((taken) => taken[end])) / 1000);
  const [receiving, sending] = [perSecond('receiver'), perSecond('sender')];
  return [
    {
      id: 'ot.silent.perSecond',
      value: Math.min(receiving, sending),
      unit: 'COT/s',
      note: `the slower end on one core, an extension to ${leavesOf(shape)}, check included, in memory`,
    },
    { id: 'ot.silent.receiver.perSecond', value: receiving, unit: 'COT/s', note: 'receiver alone' },
    { id: 'ot.silent.sender.perSecond', value: sending, unit: 'COT/s', note: 'sender alone' },
  ];
}

/** Milliseconds that each end takes for one extension. */
function extendOnce(shape: SilentShape): { sender: number; receiver: number } {
  const kernel = new Kernel();
  const delta = random(16);
  delta[0]! |= 1;
  const count = baseOf(shape.size);
  const dealt = dealtCots(random, delta, random(Math.ceil(count / 8)), count, true);
  const place = (bytes: Uint8Array) => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const arrays = (base: Uint8Array) => ({
    base: place(base),
    leaves: kernel.allocate(16 * roomFor(shape)),
  });
  const common = { kernel, random, shape, name: { sid: random(32), direction: 'bench', number: 0 } };
  const sender = new SilentSender({ ...common, arrays: arrays(dealt.keys), delta: place(delta) });
  const receiver = new SilentReceiver({ ...common, arrays: arrays(dealt.macs) });
  const taken = { sender: 0, receiver: 0 };
  const timed = <Value>(end: 'sender' | 'receiver', work: Slices<Value>): Value => {
    const start = performance.now();
    const value = atOnce(work);
    taken[end] += performance.now() - start;
    return value;
  };
  const challenge = timed('receiver', receiver.challenge(timed('sender', sender.grow())));
  receiver.verify(timed('sender', sender.answer(challenge)));
  timed('sender', sender.encode());
  timed('receiver', receiver.encode());
  kernel.destroy();
  return taken;
}
