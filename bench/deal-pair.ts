import { runPair } from './pair.ts';
import type { DealOptions, DealResult } from './scenarios/deal.ts';

/** Milliseconds of each run to the later of both results, and the cost of one. */
export interface DealFigures extends Omit<DealResult, 'sent'> {
  /** Of a cold one, both ways. */
  readonly bytes: number;
}

/** Deals between two processes. */
export async function runDeals(options: DealOptions): Promise<DealFigures> {
  const scenario = new URL('./scenarios/deal.ts', import.meta.url);
  const [left, right] = await runPair<DealOptions, DealResult>(scenario, options);
  const later = (kind: 'cold' | 'warm' | 'online') =>
    left.result[kind].map((ms, run) => Math.max(ms, right.result[kind][run]!));
  return {
    cold: later('cold'),
    warm: later('warm'),
    online: later('online'),
    bytes: left.result.sent + right.result.sent,
    flights: right.result.flights,
  };
}
