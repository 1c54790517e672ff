import { InputError } from '../errors.ts';

/** The longest time that a timer of the runtime can wait, in milliseconds. The runtime treats any longer time as 1 ms. */
const LONGEST = 2 ** 31 - 1;

/** A pending callback. */
export interface Timer {
  cancel(): void;
}

/** Calls back once, after any number of milliseconds. A time that is too long for one timer is split. */
export function after(milliseconds: number, callback: () => void): Timer {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    timer = left > LONGEST ? setTimeout(wait, LONGEST, left - LONGEST) : setTimeout(callback, left);
  };
  wait(milliseconds);
  return { cancel: () => clearTimeout(timer) };
}

/** Throws InputError `ERR_USAGE` for a time that is not a positive, finite number of milliseconds. */
export function requireTime(...times: readonly (number | undefined)[]): void {
  for (const time of times) {
    if (time === undefined || (Number.isFinite(time) && time > 0)) continue;
    throw new InputError('ERR_USAGE', 'a time is a positive number of milliseconds');
  }
}
