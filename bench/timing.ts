import { systemRandom } from '../src/crypto/random.ts';
import { cryptoReady } from '../src/crypto/ready.ts';
import type { Effort } from './benchmarks.ts';
import { type Row, rounded } from './rows.ts';
import { authenticatedGates } from './timing/authenticated-gates.ts';
import { comparisons } from './timing/comparisons.ts';
import { controls } from './timing/controls.ts';
import { extension } from './timing/extension.ts';
import { group } from './timing/group.ts';
import { halfGates } from './timing/half-gates.ts';
import { leakyAnds } from './timing/leaky-ands.ts';
import { mandates } from './timing/mandates.ts';
import { measure, type Subject } from './timing/measure.ts';
import { powers } from './timing/powers.ts';
import { compare, verdict } from './timing/welch.ts';

const source = { random: systemRandom, now: () => performance.now() * 1e6 };

/** Whether times depend on secrets: a fixed input against random ones (README.md, "Constant time"). */
export async function run({ quick }: Effort): Promise<Row[]> {
  await cryptoReady();
  const rows: Row[] = [];
  const groups = [
    controls,
    powers,
    group,
    extension,
    halfGates,
    authenticatedGates,
    leakyAnds,
    comparisons,
    mandates,
  ];
  for (const subjects of groups) {
    for (const subject of await subjects()) rows.push(report(quick ? { ...subject, samples: 20 } : subject));
  }
  return rows;
}

function report(subject: Subject): Row {
  const { t, difference, median } = compare(measure(subject, source));
  const sign = difference < 0 ? '−' : '+';
  const error = t === 0 ? 0 : difference / t;
  const size = `fixed ${sign}${inUnits(Math.abs(difference))} (± ${inUnits(error)}) of ${inUnits(median)}`;
  return {
    id: `timing.${subject.id}`,
    value: rounded(Math.abs(t)),
    unit: '|t|',
    note: `${verdict(t)}; ${size}; ${subject.samples.toLocaleString('en-US')} samples`,
  };
}

function inUnits(nanoseconds: number): string {
  return nanoseconds < 1_000
    ? `${rounded(nanoseconds)} ns`
    : `${rounded(nanoseconds / 1_000).toLocaleString('en-US')} µs`;
}
