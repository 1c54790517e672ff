import { type Effort, times } from './benchmarks.ts';
import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import type { ThroughputOptions, ThroughputResult } from './scenarios/throughput.ts';

/** Throughput of the malicious engine at 2¹⁹ AND gates, and at four batches of them. */
export async function run(effort: Effort): Promise<Row[]> {
  const batch = effort.quick ? 2 ** 12 : 2 ** 19;
  const rows: Row[] = [];
  for (const [batches, usual] of [
    [1, 5],
    [4, 3],
  ] as const) {
    const runs = times(usual, effort);
    const [left, right] = await runPair<ThroughputOptions, ThroughputResult>(
      new URL('./scenarios/throughput.ts', import.meta.url),
      { ands: batches * batch, runs },
    );
    const { ands } = left.result;
    const bytes = left.result.sent + right.result.sent;
    const ms = median(left.result.ms.map((value, run) => Math.max(value, right.result.ms[run]!)));
    const infix = batches === 1 ? '' : `${batches}batches.`;
    const note = `${ands} ANDs, two processes, encrypted loopback TCP; median of ${runs}`;
    const rss = Math.max(left.maxRssMiB, right.maxRssMiB);
    rows.push(
      { id: `and.malicious.${infix}perSecond`, value: Math.round((ands / ms) * 1000), unit: 'AND/s', note },
      {
        id: `and.malicious.${infix}bytesPerAnd`,
        value: rounded(bytes / ands),
        unit: 'bytes',
        note: 'both ways',
      },
      {
        id: `and.malicious.${infix}maxRssMiB`,
        value: Math.round(rss),
        unit: 'MiB',
        note: 'the larger process',
      },
    );
  }
  return rows;
}
