import { platform } from '#platform';

/** Milliseconds of computing after which the runtime gets to do everything else that is due: input, output, timers. */
const SLICE = 20;

/** A clock: milliseconds from any zero, and a promise that resolves once the events that are due have been handled. */
export interface Clock {
  now(): number;
  nextTurn(): Promise<void>;
}

/**
 * Turns at computing, for all who share a thread. Whoever has work of more than a millisecond to do waits for a turn first; the turn is what it
 * then computes without a pause, up to its next `await`. So nobody holds a turn while waiting for a peer, and two sessions cannot wait for each other's. Once
 * `SLICE` milliseconds have passed since the runtime is known to have handled what was due, or somebody waits already, callers stand in line, first
 * come, first served. The line moves by one each time the runtime has done that. Whoever is alone waits for that and nothing else, once in `SLICE`.
 */
export class Turns {
  private readonly clock: Clock;
  /** When the first turn began after events were last seen to be handled. */
  private began: number | undefined;
  private line: (() => void)[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether somebody stands in line. */
  get contended(): boolean {
    return this.line.length > 0;
  }

  /** Resolves when the caller may compute; undefined if that is at once. */
  next(): Promise<void> | undefined {
    const now = this.clock.now();
    this.began ??= now;
    if (this.line.length === 0 && now - this.began < SLICE) return undefined;
    return new Promise((resolve) => {
      this.line.push(resolve);
      if (this.line.length === 1) this.move();
    });
  }

  /** Lets the first in line compute once events have been handled. */
  private move(): void {
    void this.clock.nextTurn().then(() => {
      const first = this.line.shift()!;
      this.began = this.clock.now();
      if (this.line.length > 0) this.move();
      first();
    });
  }
}

/** The turns of this thread. */
export const turns = new Turns({ now: () => performance.now(), nextTurn: () => platform.nextTurn() });

/** Waits for a turn at computing. */
export function turn(): Promise<void> | undefined {
  return turns.next();
}
