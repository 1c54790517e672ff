import { AsyncLocalStorage } from 'node:async_hooks';
import { PeerCheatedError } from '../../../src/errors.ts';

/** Who is running: every party of a duel runs in a seat of its own. */
export interface Seat {
  readonly party: 'a' | 'b';
  /** A cheater checks nothing that its peer sends. */
  readonly honest: boolean;
  /** Names of checks that are off at this party: a test-only build without them. */
  readonly off: ReadonlySet<string>;
  /** Names of the checks that did not hold at this party, thrown or not, in order. */
  readonly failed: string[];
}

export const seats = new AsyncLocalStorage<Seat>();

/**
 * Takes the place of `check` in src/crypto/check.ts. A test file that calls `duel` says
 * `vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'))`.
 */
export function check(name: string, holds: boolean): void {
  if (holds) return;
  const seat = seats.getStore();
  seat?.failed.push(name);
  if (seat !== undefined && (!seat.honest || seat.off.has(name))) return;
  throw new PeerCheatedError(name);
}
