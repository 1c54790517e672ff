import { type Random, systemRandom } from '../crypto/random.ts';
import { isParleyError } from '../errors.ts';
import { after } from '../link/timer.ts';

/** Milliseconds before the second try, at most. The time doubles with each try, up to the longest. */
const FIRST = 1_000;
const LONGEST = 60_000;
/** Milliseconds before the end at which the last try is made. */
const LAST = 5_000;

/** The time, and how to let it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds. Rejects with the signal's reason as soon as that aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  readonly random: Random;
}

export const systemClock: Clock = {
  now: Date.now,
  pause: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = () => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = after(milliseconds, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    }),
  random: systemRandom,
};

export interface Retrying {
  /** No try is begun later, in milliseconds since 1970. */
  readonly until: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Called after a try that has failed, with the time of the next one. */
  readonly onFailed: (error: unknown, again: number) => void;
}

/**
 * Tries something again and again, more and more slowly, as long as it fails for reasons that can pass. Two sides whose connections break at once do not come back at once:
 * half of each pause is random. Throws the error of the last try, one that cannot pass, or the signal's reason.
 */
export async function retrying<Value>(
  work: () => Promise<Value>,
  { until, signal, clock, onFailed }: Retrying,
): Promise<Value> {
  for (let longest = FIRST; ; longest = Math.min(2 * longest, LONGEST)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const again = nextTry(clock, longest, until);
      if (again === undefined || !canPass(error)) throw error;
      onFailed(error, again);
      await clock.pause(again - clock.now(), signal);
    }
  }
}

/** When the next try is made; undefined if there is none. */
function nextTry({ now, random }: Clock, longest: number, until: number): number | undefined {
  const time = now();
  const last = until - LAST;
  if (time >= last) return undefined;
  const part = random(1)[0]! / 256;
  return Math.min(Math.ceil(time + (longest * (1 + part)) / 2), last);
}

/** Whether an error can be gone at the next try: nobody answers, or somebody has too much to do. */
function canPass(error: unknown): boolean {
  if (!isParleyError(error)) return false;
  return ['ERR_CONNECT', 'ERR_ARBITER_BUSY', 'ERR_ARBITER_STORE'].includes(error.code);
}
