import { platform } from '#platform';
import { turn } from './turns.ts';

/** Milliseconds of short slices that are done in one turn. */
const PORTION = 5;
/** The same for work that nobody waits for yet. */
const SMALL_PORTION = 1;

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
export function inTurns<Value>(slices: Slices<Value>, signal?: AbortSignal): Promise<Value> {
  return run(slices, { wait: turn, portion: PORTION, signal });
}

/** The same for work that nobody waits for yet: it goes on where the runtime has nothing else to do, so others are held up for a millisecond at most. */
export function inBackground<Value>(slices: Slices<Value>, signal?: AbortSignal): Promise<Value> {
  return run(slices, { wait: () => platform.nextTurn(), portion: SMALL_PORTION, signal });
}

interface Pace {
  /** Waits for the next turn. */
  readonly wait: () => Promise<void> | undefined;
  /** Milliseconds of slices in a turn. */
  readonly portion: number;
  readonly signal: AbortSignal | undefined;
}

async function run<Value>(slices: Slices<Value>, { wait, portion, signal }: Pace): Promise<Value> {
  try {
    for (;;) {
      await wait();
      signal?.throwIfAborted();
      const until = performance.now() + portion;
      do {
        const { done, value } = slices.next();
        if (done) return value;
      } while (performance.now() < until);
    }
  } finally {
    slices.return(undefined as never); // does nothing to work that is done
  }
}
