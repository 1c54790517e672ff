import { Kernel, NOWHERE } from '../src/crypto/kernel.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { cryptoReady } from '../src/crypto/ready.ts';
import { BaseOtReceiver, BaseOtSender, CotReceiver, CotSender, dealtBaseOts } from '../src/ot/index.ts';
import { type Effort, times } from './benchmarks.ts';
import { median, type Row, rounded } from './rows.ts';
import { silentExtension } from './silent-ot.ts';

const random = systemRandom;
/** The smaller of two batches. */
const SMALL = 4_500;

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The three computations of a base-OT batch, one after another in this process. */
function baseOts(runs: number): Row[] {
  const phases = {
    offer: [] as number[],
    answer: [] as number[],
    derive: [] as number[],
    choose: [] as number[],
  };
  for (let run = 0; run < runs; run++) {
    const sid = random(32);
    let sender: BaseOtSender;
    let receiver: BaseOtReceiver;
    phases.offer.push(milliseconds(() => (sender = new BaseOtSender(random, sid))));
    phases.answer.push(
      milliseconds(() => (receiver = new BaseOtReceiver(random, sid, random(16), sender.point))),
    );
    phases.derive.push(milliseconds(() => sender.keys(receiver.message)));
    phases.choose.push(milliseconds(() => receiver.keys()));
  }
  const [offer, answer, derive, choose] = [phases.offer, phases.answer, phases.derive, phases.choose].map(
    (times) => median(times.slice(1)),
  ) as [number, number, number, number];
  return [
    {
      id: 'baseot.128.ms',
      value: offer + answer + Math.max(derive, choose),
      unit: 'ms',
      note: 'critical path of 128 base OTs: receiver’s message, then both sides’ seeds side by side',
    },
    { id: 'baseot.128.answer.ms', value: answer, unit: 'ms', note: 'receiver: its message' },
    { id: 'baseot.128.derive.ms', value: derive, unit: 'ms', note: 'sender: both seeds of every instance' },
    { id: 'baseot.128.choose.ms', value: choose, unit: 'ms', note: 'receiver: its seeds' },
  ];
}

/** Both ends of the extension in this process, timed apart, over dealt base OTs. */
function extension(runs: number, count: number): Row[] {
  const kernel = new Kernel();
  const setup = { receiver: [] as number[], sender: [] as number[] };
  const batches = new Map(
    [SMALL, count].map((each) => [each, { receiver: [] as number[], sender: [] as number[] }]),
  );
  for (let run = 0; run < runs; run++) {
    const delta = random(16);
    const { pairs, chosen } = dealtBaseOts(random, delta);
    const common = { kernel, sid: random(32), direction: 'bench' };
    let receiver: CotReceiver;
    let sender: CotSender;
    setup.receiver.push(
      milliseconds(() => (receiver = new CotReceiver({ ...common, random, seeds: pairs }))),
    );
    setup.sender.push(
      milliseconds(() => {
        sender = new CotSender({ ...common, delta, seeds: chosen });
        sender.acceptSetup(receiver.setup);
      }),
    );
    for (const [each, taken] of batches) {
      let batch: ReturnType<CotReceiver['extend']>;
      let keys = NOWHERE;
      taken.receiver.push(milliseconds(() => (batch = receiver.extend(each))));
      taken.sender.push(milliseconds(() => (keys = sender.extend(each, batch.message))));
      kernel.free(batch!.macs);
      kernel.free(keys);
    }
    receiver!.close();
    sender!.close();
  }
  const large = batches.get(count)!;
  const small = batches.get(SMALL)!;
  const perSecond = (taken: readonly number[]) => count / (median(taken.slice(1)) / 1000);
  const [receiving, sending] = [perSecond(large.receiver), perSecond(large.sender)];
  return [
    {
      id: 'ot.cot.perSecond',
      value: Math.min(receiving, sending),
      unit: 'COT/s',
      note: `the slower end on one core, batches of ${count}, consistency check included, in memory`,
    },
    { id: 'ot.cot.receiver.perSecond', value: receiving, unit: 'COT/s', note: 'receiver alone' },
    { id: 'ot.cot.sender.perSecond', value: sending, unit: 'COT/s', note: 'sender alone' },
    { id: 'ot.cot.setup.receiver.ms', value: median(setup.receiver), unit: 'ms', note: 'growing the trees' },
    {
      id: 'ot.cot.setup.sender.ms',
      value: median(setup.sender),
      unit: 'ms',
      note: 'regrowing and checking them',
    },
    { id: 'ot.cot.small.receiver.ms', value: median(small.receiver), unit: 'ms', note: 'a batch of 4,500' },
    { id: 'ot.cot.small.sender.ms', value: median(small.sender), unit: 'ms', note: 'a batch of 4,500' },
  ];
}

/** The OT benchmarks. */
export async function run(effort: Effort): Promise<Row[]> {
  const count = effort.quick ? 1 << 13 : 1 << 20;
  await cryptoReady();
  return [
    ...baseOts(times(20, effort) + 1),
    ...extension(times(10, effort) + 1, count),
    ...silentExtension(times(4, effort) + 1, effort.quick),
  ].map((row) => ({ ...row, value: rounded(row.value) }));
}
