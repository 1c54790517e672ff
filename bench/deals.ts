import { type Effort, times } from './benchmarks.ts';
import { runDeals } from './deal-pair.ts';
import { median, type Row, rounded } from './rows.ts';

/** Whole sessions: a 64-bit split between two processes over loopback TCP, encrypted. */
export async function run(effort: Effort): Promise<Row[]> {
  const often = { warmUps: times(8, effort), sessions: times(31, effort), repeats: times(4, effort) };
  const rows: Row[] = [];
  const ms = (id: string, values: readonly number[], note: string) =>
    rows.push({
      id,
      value: rounded(median(values)),
      unit: 'ms',
      note: `${note}; median of ${values.length}`,
    });
  const note = '192 ANDs, two processes, handshake and signatures included';
  const malicious = await runDeals({
    security: 'malicious',
    seals: 'none',
    ...often,
  });
  ms('deal.malicious.cold.ms', malicious.cold, `${note}, base OTs included, no seals`);
  ms('deal.malicious.warm.ms', malicious.warm, 'again on the same session');
  ms('deal.malicious.online.ms', malicious.online, 'again, after prepare');
  for (const kind of ['cold', 'warm', 'online'] as const) {
    const id = kind === 'cold' ? 'deal.malicious.flights' : `deal.malicious.${kind}.flights`;
    rows.push({ id, value: malicious.flights[kind], unit: 'flights', note: kind });
  }
  rows.push({ id: 'deal.malicious.bytes', value: malicious.bytes, unit: 'bytes', note: 'cold, both ways' });
  const yao = await runDeals({
    security: 'semi-honest',
    seals: 'none',
    ...often,
  });
  ms('deal.yao.cold.ms', yao.cold, `${note}, base OTs included, semi-honest`);
  ms('deal.yao.warm.ms', yao.warm, 'again on the same session, semi-honest');
  rows.push({ id: 'deal.yao.flights', value: yao.flights.cold, unit: 'flights', note: 'cold' });
  rows.push({ id: 'deal.yao.bytes', value: yao.bytes, unit: 'bytes', note: 'cold, both ways' });
  return [...rows, ...(await wide(effort))];
}

/** Time as a function of delay, whose slope is the flights. */
async function wide(effort: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  const points: { delay: number; ms: number }[] = [];
  for (const delay of [5, 20, 50]) {
    const wan = { delay, bandwidth: 12_500_000 };
    const { cold } = await runDeals({
      security: 'malicious',
      seals: 'none',
      warmUps: times(3, effort),
      sessions: times(5, effort),
      repeats: 0,
      wan,
    });
    points.push({ delay, ms: median(cold) });
    rows.push({
      id: `deal.malicious.wan.${delay}ms.ms`,
      value: rounded(median(cold)),
      unit: 'ms',
      note: `cold, ${delay} ms each way, 100 Mbit/s, simulated; median of ${cold.length}`,
    });
  }
  const [first, , last] = points as [(typeof points)[0], unknown, (typeof points)[0]];
  rows.push({
    id: 'deal.malicious.wan.slope',
    value: rounded((last.ms - first.ms) / (last.delay - first.delay)),
    unit: 'flights',
    note: 'milliseconds more for each millisecond of delay',
  });
  return rows;
}
