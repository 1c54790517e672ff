import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import type { DealOptions, DealResult } from './scenarios/deal.ts';
import type { EmpOptions } from './scenarios/emp-wasm.ts';

/** The same deal circuit under another implementation from npm, in the same run, and the ratio. */
export async function run(): Promise<Row[]> {
  const [left, right] = await runPair<EmpOptions, number[]>(
    new URL('./scenarios/emp-wasm.ts', import.meta.url),
    {
      warmUps: 2,
      runs: 9,
    },
  );
  const theirs = median(left.result.map((ms, run) => Math.max(ms, right.result[run]!)));
  const [a, b] = await runPair<DealOptions, DealResult>(new URL('./scenarios/deal.ts', import.meta.url), {
    security: 'malicious',
    seals: 'none',
    warmUps: 8,
    sessions: 31,
    repeats: 0,
  });
  const ours = median(a.result.cold.map((ms, run) => Math.max(ms, b.result.cold[run]!)));
  return [
    {
      id: 'deal.peer.emp-wasm.ms',
      value: rounded(theirs),
      unit: 'ms',
      note: 'the same 192-AND circuit, two processes, unencrypted loopback TCP; median of 9',
    },
    {
      id: 'deal.peer.emp-wasm.ratio',
      value: rounded(theirs / ours),
      unit: '×',
      note: `times deal.malicious.cold.ms of the same run (${rounded(ours)} ms)`,
    },
  ];
}
