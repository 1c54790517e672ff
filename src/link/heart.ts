/** Milliseconds between heartbeats, at most. */
const SLOWEST = 2_000;

/** Beats at a steady pace, so that a peer that waits for as long as this side does hears it several times meanwhile. */
export class Heart {
  private readonly beat: (interval: number) => void;
  private timer: ReturnType<typeof setInterval> | undefined;
  private interval = 0;
  private stopped = false;

  /** `beat` is called with the milliseconds between two calls. */
  constructor(beat: (interval: number) => void) {
    this.beat = beat;
  }

  /** Beats from now on at the pace that belongs to this side's `timeout`, in milliseconds. */
  pace(timeout: number): void {
    const interval = Math.min(SLOWEST, Math.ceil(timeout / 4));
    if (this.stopped || interval === this.interval) return;
    clearInterval(this.timer);
    this.interval = interval;
    this.timer = setInterval(() => this.beat(interval), interval);
  }

  /** Beats no more. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}
