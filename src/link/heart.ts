/** The most milliseconds between heartbeats. */
const SLOWEST = 2_000;

/** Beats at a steady pace. A peer with the same `timeout` as this side hears several heartbeats in that time. */
export class Heart {
  private readonly beat: (interval: number) => void;
  private timer: ReturnType<typeof setInterval> | undefined;
  private interval = 0;
  private stopped = false;

  /** `beat` is called with the milliseconds between two calls. */
  constructor(beat: (interval: number) => void) {
    this.beat = beat;
  }

  /** Sets the pace by this side's `timeout`, in milliseconds. */
  pace(timeout: number): void {
    const interval = Math.min(SLOWEST, Math.ceil(timeout / 4));
    if (this.stopped || interval === this.interval) return;
    clearInterval(this.timer);
    this.interval = interval;
    this.timer = setInterval(() => this.beat(interval), interval);
  }

  /** Stops beating. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}
