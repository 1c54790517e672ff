import { type Effort, times } from './benchmarks.ts';
import { runDeals } from './deal-pair.ts';
import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import type { EmpOptions } from './scenarios/emp-wasm.ts';

/** The same deal circuit under another implementation from npm, in the same run, and the ratio. */
export async function run(effort: Effort): Promise<Row[]> {
  const [left, right] = await runPair<EmpOptions, number[]>(
    new URL('./scenarios/emp-wasm.ts', import.meta.url),
    {
      warmUps: times(2, effort),
      runs: times(9, effort),
    },
  );
  const theirs = median(left.result.map((ms, run) => Math.max(ms, right.result[run]!)));
  const { cold } = await runDeals({
    security: 'malicious',
    seals: 'none',
    warmUps: times(8, effort),
    sessions: times(31, effort),
    repeats: 0,
  });
  const ours = median(cold);
  return [
    {
      id: 'deal.peer.emp-wasm.ms',
      value: rounded(theirs),
      unit: 'ms',
      note: `the same 192-AND circuit, two processes, unencrypted loopback TCP; median of ${left.result.length}`,
    },
    {
      id: 'deal.peer.emp-wasm.ratio',
      value: rounded(theirs / ours),
      unit: '×',
      note: `times deal.malicious.cold.ms of the same run (${rounded(ours)} ms)`,
    },
  ];
}
