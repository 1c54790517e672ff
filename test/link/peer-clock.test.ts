import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PeerClock } from '../../src/link/peer-clock.ts';

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
  async function pass(milliseconds: number, act: () => void = () => undefined): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      await vi.advanceTimersByTimeAsync(10);
      act();
    }
  }

  test('silence is judged from when the wait begins', async () => {
    await pass(500);
    const watch = clock.watch('a message');
    await pass(90);
    expect(failed).toEqual([]);
    await pass(30);
    expect(failed).toEqual(['ERR_TIMEOUT']);
    watch.stop();
  });

  test('signs of life, and a trickle of data, buy time up to the longer clock only', async () => {
    for (const data of [0, 1, 600]) {
      failed = [];
      const watch = clock.watch('a message');
      await pass(900, () => clock.sign(data));
      expect(failed).toEqual([]);
      await pass(200, () => clock.sign(data));
      expect(failed).toEqual(['ERR_TIMEOUT']);
      watch.stop();
      sent = performance.now();
    }
  });

  test('enough data, or a peer that reads, gets on', async () => {
    const watch = clock.watch('a message');
    await pass(5_000, () => clock.sign(7_000));
    await pass(5_000, () => {
      sent = performance.now();
    });
    expect(failed).toEqual([]);
    watch.stop();
    await pass(5_000);
    expect(failed).toEqual([]);
  });
});
