import type { Effort } from './benchmarks.ts';
import { runPair } from './pair.ts';
import { type Row, rounded } from './rows.ts';
import type { SessionsOptions, SessionsResult } from './scenarios/sessions.ts';

const scenario = new URL('./scenarios/sessions.ts', import.meta.url);

/** Many sessions of one process at a time, all with one other process. */
export async function run({ quick }: Effort): Promise<Row[]> {
  const options: SessionsOptions = { sessions: quick ? 3 : 300, timeout: 30_000 };
  const [left, right] = await runPair<SessionsOptions, SessionsResult>(scenario, options);
  const worse = (of: (result: SessionsResult) => number) => Math.max(of(left.result), of(right.result));
  const deals = Math.min(left.result.deals, right.result.deals);
  const all = `${options.sessions} cold deals of 192 ANDs at a time, two processes, malicious, no seals`;
  return [
    {
      id: 'sessions.idle.KiB',
      value: rounded(worse(({ idleKiB }) => idleKiB)),
      unit: 'KiB',
      note: `memory of a process for a session that is open and has not negotiated; mean of ${options.sessions}`,
    },
    {
      id: 'sessions.deals.perSecond',
      value: rounded(deals / (worse(({ ms }) => ms) / 1000)),
      unit: 'deals/s',
      note: all,
    },
    { id: 'sessions.lost', value: options.sessions - deals, unit: 'sessions', note: 'of these' },
    {
      id: 'sessions.stall.ms',
      value: rounded(worse(({ stallMs }) => stallMs)),
      unit: 'ms',
      note: 'the longest time in which the event loop did not come round meanwhile',
    },
    {
      id: 'sessions.maxRssMiB',
      value: rounded(Math.max(left.maxRssMiB, right.maxRssMiB)),
      unit: 'MiB',
      note: 'the larger of both processes',
    },
  ];
}
