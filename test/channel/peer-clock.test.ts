import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PeerClock } from '../../src/channel/peer-clock.ts';

describe('what a peer is given time for', () => {
  let sent = 0;
  let failed: string[] = [];
  let clock: PeerClock;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = performance.now();
    failed = [];
    clock = new PeerClock(
      { timeout: 100, wait: 1_000 },
      () => sent,
      (error) => failed.push(error.code),
    );
  });
  afterEach(() => vi.useRealTimers());

  /** Passes time in small steps, calling `act` in each. */
  function pass(milliseconds: number, act: () => void = () => undefined): void {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      vi.advanceTimersByTime(10);
      act();
    }
  }

  test('silence is judged from when the wait begins', () => {
    pass(500);
    const watch = clock.watch('a message');
    pass(90);
    expect(failed).toEqual([]);
    pass(30);
    expect(failed).toEqual(['ERR_TIMEOUT']);
    watch.stop();
  });

  test('signs of life, and a trickle of data, buy time up to the longer clock only', () => {
    for (const data of [0, 1, 600]) {
      failed = [];
      const watch = clock.watch('a message');
      pass(900, () => clock.sign(data));
      expect(failed).toEqual([]);
      pass(200, () => clock.sign(data));
      expect(failed).toEqual(['ERR_TIMEOUT']);
      watch.stop();
      sent = performance.now();
    }
  });

  test('enough data, or a peer that reads, gets on', () => {
    const watch = clock.watch('a message');
    pass(5_000, () => clock.sign(7_000));
    pass(5_000, () => {
      sent = performance.now();
    });
    expect(failed).toEqual([]);
    watch.stop();
    pass(5_000);
    expect(failed).toEqual([]);
  });
});
