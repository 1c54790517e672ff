/** What the file system does to a process that is started with `preload.ts`. */
export interface Plan {
  /** Only what is written below this folder counts, and is touched. */
  readonly under: string;
  /** Where every step is written down, a line each, before it is done. */
  readonly steps: string;
  /** The step from which on the fault is there, counted from 0; none if there is to be no fault. */
  readonly at?: number;
  /** Or from the step on that comes after `times` steps whose line this regular expression fits. */
  readonly after?: { readonly step: string; readonly times: number };
  /** `kill`: the process is gone at that step, a write half done. Else what the system says from there on to what needs room, or permission, or either. */
  readonly fault?: 'kill' | 'ENOSPC' | 'EACCES' | 'EROFS';
  /** Whether the file system has hard links. */
  readonly links: boolean;
}

/** The variable of the environment that holds a plan, as JSON. */
export const PLAN = 'PARLEY_TEST_PLAN';
