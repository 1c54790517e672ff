import { turn } from './turns.ts';

/** Milliseconds of short slices that are done in one turn. */
const PORTION = 5;

/** Long work in slices: it pauses at each `yield` so that others can compute, and a slice takes a few milliseconds at most. */
export type Slices<Value> = Generator<undefined, Value, undefined>;

/** Does all of the work without a pause. */
export function atOnce<Value>(slices: Slices<Value>): Value {
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}

/**
 * Does each slice in a turn of its own. Once the signal aborts it stops, and throws the signal's reason. The work is then ended where it paused, so that its
 * `finally` blocks run.
 */
export async function inTurns<Value>(slices: Slices<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    for (;;) {
      await turn();
      signal?.throwIfAborted();
      const until = performance.now() + PORTION;
      do {
        const { done, value } = slices.next();
        if (done) return value;
      } while (performance.now() < until);
    }
  } finally {
    slices.return(undefined as never); // does nothing to work that is done
  }
}
