import { test } from 'vitest';

/** Milliseconds after which a test that hangs counts as broken, which is no failed assertion. */
const HANGS = process.env.PARLEY_FULL ? 280_000 : 25_000;

/**
 * A test of what Parley should do and does not do yet: it states the right behaviour, and passes for as long as one of its assertions
 * fails. Any other error, and a hang, makes it fail, for then it no longer shows the fault. Whoever mends the fault writes `test` for `fault`.
 * With PARLEY_FAULTS set, faults are ordinary tests, and each can be seen to fail.
 */
export function fault(name: string, body: () => Promise<void> | void): void {
  if (process.env.PARLEY_FAULTS) {
    test(name, body);
    return;
  }
  test.fails(name, async () => {
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, HANGS);
    });
    try {
      await Promise.race([body(), hung]);
    } catch (error) {
      if (error instanceof Error && error.name === 'AssertionError') throw error;
      console.error(`${name} does not show its fault any more:`, error);
    } finally {
      clearTimeout(timer);
    }
  });
}
