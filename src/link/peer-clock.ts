import { platform } from '#platform';
import { TimeoutError } from '../errors.ts';
import { after, type Timer } from './timer.ts';

/** Bytes of data that count as progress even if no message is complete yet. */
const PROGRESS = 65_536;

/** Something being waited for. */
export interface Watch {
  stop(): void;
}

/**
 * Judges a peer by what arrives: it must show that it is alive within `timeout` milliseconds, and make progress within `wait`. Times are
 * those of `performance.now()`.
 */
export class PeerClock {
  timeout: number;
  wait: number;
  private readonly lastSent: () => number;
  private readonly onTimeout: (error: TimeoutError) => void;
  private lastSign = performance.now();
  private lastProgress = performance.now();
  private uncounted = 0;
  private silent = 0;

  /** `lastSent` returns when the channel last took data: a peer that reads makes progress. */
  constructor(
    clocks: { readonly timeout: number; readonly wait: number },
    lastSent: () => number,
    onTimeout: (error: TimeoutError) => void,
  ) {
    this.timeout = clocks.timeout;
    this.wait = clocks.wait;
    this.lastSent = lastSent;
    this.onTimeout = onTimeout;
  }

  /** To be called for every record that arrives, with the number of bytes of data in it. */
  sign(data: number): void {
    this.lastSign = performance.now();
    this.silent = 0;
    this.uncounted += data;
    if (this.uncounted < PROGRESS) return;
    this.uncounted = 0;
    this.lastProgress = this.lastSign;
  }

  /**
   * To be called every `interval` milliseconds while nothing is waited for. A peer that shows no sign of life for `timeout` milliseconds is gone.
   * If this thread was too busy to call, the time until its next call counts as one interval.
   */
  tick(interval: number): void {
    this.silent += interval;
    if (this.silent > this.timeout) this.onTimeout(new TimeoutError('the other side went silent'));
  }

  /** Starts to wait for something, until it is stopped. */
  watch(awaited: string, wait = this.wait): Watch {
    const start = performance.now();
    let timer: Timer;
    let stopped = false;
    const left = () => {
      const since = Math.max(start, this.lastSent());
      const silent = Math.max(since, this.lastSign) + this.timeout;
      const stuck = Math.max(since, this.lastProgress) + wait;
      return Math.min(silent, stuck) - performance.now();
    };
    const check = () => {
      if (stopped) return;
      if (left() > 0) timer = after(left(), confirm);
      else this.onTimeout(new TimeoutError(`the other side went silent (${awaited} was due)`));
    };
    // What arrived while this thread was busy is read before the peer is judged.
    const confirm = () => void platform.nextTurn().then(platform.nextTurn).then(check);
    timer = after(Math.max(1, left()), confirm);
    return {
      stop: () => {
        stopped = true;
        timer.cancel();
      },
    };
  }
}
