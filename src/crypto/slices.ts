import { turn } from './turns.ts';

/** Long work that stops at each `yield`, so that others can compute meanwhile: at most some milliseconds lie between two of them. */
export type Slices<Value> = Generator<undefined, Value, undefined>;

/** Does the work at a stretch. */
export function atOnce<Value>(slices: Slices<Value>): Value {
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}

/** Does the work in turns, and gives it up once the signal aborts: throws the signal's reason. */
export async function inTurns<Value>(slices: Slices<Value>, signal?: AbortSignal): Promise<Value> {
  for (;;) {
    await turn();
    signal?.throwIfAborted();
    const { done, value } = slices.next();
    if (done) return value;
  }
}
