/**
 * Takes the place of src/documents/passphrase-cost.ts in tests that are about something else than how long a guess takes:
 * `vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'))`. The real cost is checked in
 * test/cli/invites.test.ts.
 */
export let ITERATIONS = 1_000;

/** Sets what new files take, and gives what they took. */
export function setIterations(iterations: number): number {
  const before = ITERATIONS;
  ITERATIONS = iterations;
  return before;
}
