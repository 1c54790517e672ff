import type { Row } from './rows.ts';

/** How much of a benchmark is run. */
export interface Effort {
  /** Tiny sizes, once each: every row appears, and its figure says nothing. */
  readonly quick: boolean;
  /** The part that is wanted, of a benchmark that has parts; all of it otherwise. */
  readonly part?: string | undefined;
}

/** A module of this folder. */
export interface Benchmark {
  run(effort: Effort): Promise<Row[]>;
  /** What can be run by itself. The beginning of some names, up to a dot, stands for all of those. */
  readonly parts?: readonly string[];
}

/** In the order in which they run. */
export const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  deals: () => import('./deals.ts'),
  links: () => import('./links.ts'),
  sessions: () => import('./sessions.ts'),
  peers: () => import('./peers.ts'),
  and: () => import('./and.ts'),
  authenticated: () => import('./authenticated.ts'),
  ot: () => import('./ot.ts'),
  paillier: () => import('./paillier.ts'),
  seals: () => import('./seals.ts'),
  fair: () => import('./fair.ts'),
  menus: () => import('./menus.ts'),
  incentives: () => import('./incentives.ts'),
  timing: () => import('./timing.ts'),
};

/** Whether `part` is the one that is wanted, or one of those. */
export function isPart(part: string, wanted: string | undefined): boolean {
  return wanted === undefined || part === wanted || part.startsWith(`${wanted}.`);
}

/** How often to measure: `usual` times, or once. */
export function times(usual: number, { quick }: Effort): number {
  return quick ? Math.min(usual, 1) : usual;
}
