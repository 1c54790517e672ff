import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Clock, monotonic, overWan, RECEIVE_BUFFER, SEND_BUFFER } from '../../bench/wan-channel.ts';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';

/** A clock that stands still while anything else can go on, and then goes to the next time that somebody waits for. */
function simulated() {
  const waiting: { readonly time: number; readonly go: () => void }[] = [];
  let now = 1_000;
  const clock: Clock = {
    now: () => now,
    until: (time, signal) =>
      new Promise((go, reject) => {
        if (time <= now) return go();
        const stop = () => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        waiting.push({
          time,
          go: () => {
            signal.removeEventListener('abort', stop);
            go();
          },
        });
      }),
  };
  /** Lets all go on until nobody waits, or until `end`. */
  const run = async (end = Number.POSITIVE_INFINITY) => {
    for (await nextTurn(); waiting.length > 0; await nextTurn()) {
      waiting.sort((left, right) => left.time - right.time);
      if (waiting[0]!.time > end) break;
      now = waiting[0]!.time;
      waiting.shift()!.go();
    }
  };
  return { clock, run };
}

/** 8 Mbit/s, so a kilobyte a millisecond, and 30 ms each way. */
const wan = { delay: 30, bandwidth: 1e6 };

function link(clock: Clock): [Channel, Channel] {
  const [left, right] = memoryChannelPair();
  return [overWan(left, wan, clock), overWan(right, wan, clock)];
}

/** Receives until the end: what came, and when. */
async function collect(channel: Channel, clock: Clock) {
  const came: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  for (;;) {
    const bytes = await channel.receive();
    if (bytes === undefined) return came;
    came.push({ at: clock.now() - 1_000, bytes });
  }
}

describe('the simulated network', () => {
  it('delays the last bit by the delay, after all bits have gone out one after another', async () => {
    const { clock, run } = simulated();
    const [left, right] = link(clock);
    const came = collect(right, clock);
    const sent = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff);
    void left.send(sent.slice(0, 500));
    void left.send(sent.slice(500));
    await run();
    await left.close();
    await run();
    const pieces = await came;
    expect(pieces[0]!.at).toBeCloseTo(30.5, 6);
    expect(pieces.at(-1)!.at).toBeCloseTo(130, 6);
    let arrived = 0;
    for (const { at, bytes } of pieces) {
      arrived += bytes.length;
      expect(at).toBeCloseTo(30 + arrived / 1_000, 6);
    }
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(sent)).toBe(true);
  });

  it('has as much bandwidth each way, and none is saved up while it rests', async () => {
    const { clock, run } = simulated();
    const [left, right] = link(clock);
    const took = async (from: Channel, to: Channel) => {
      const start = clock.now();
      void from.send(new Uint8Array(10_000));
      await to.receive();
      return clock.now() - start;
    };
    const [there, back] = [took(left, right), took(right, left)];
    await run();
    expect(await there).toBeCloseTo(40, 6);
    expect(await back).toBeCloseTo(40, 6);
    await Promise.all([clock.until(2_000, new AbortController().signal), run()]);
    const again = took(left, right);
    await run();
    expect(await again).toBeCloseTo(40, 6);
  });

  it('makes a sender wait that is a buffer ahead of it', async () => {
    const { clock, run } = simulated();
    const [left, right] = link(clock);
    void collect(right, clock);
    let taken = 0;
    let most = 0;
    const flood = async () => {
      while (taken < 4e6) {
        await left.send(new Uint8Array(100_000));
        taken += 100_000;
        most = Math.max(most, taken - (clock.now() - 1_000) * 1_000);
      }
    };
    const flooding = flood();
    await run();
    await flooding;
    expect(most).toBeLessThanOrEqual(SEND_BUFFER + 1e-3);
    expect(most).toBeGreaterThan(SEND_BUFFER - 100_001);
  });

  it('takes no more than two buffers, and what the channel below takes, for a receiver that does not read', async () => {
    const { clock, run } = simulated();
    const [left, right] = link(clock);
    let taken = 0;
    const flood = async () => {
      for (; taken < 100e6; taken += 100_000) await left.send(new Uint8Array(100_000));
    };
    flood().catch(() => undefined);
    await run();
    expect(taken).toBeGreaterThan(RECEIVE_BUFFER);
    expect(taken).toBeLessThan(RECEIVE_BUFFER + SEND_BUFFER + (1 << 20) + 300_000);
    left.destroy();
    right.destroy();
  });

  it('lets nobody wait once it is destroyed, at either end', async () => {
    const { clock, run } = simulated();
    const [left, right] = link(clock);
    const sending = left.send(new Uint8Array(2 << 20)).then(undefined, () => 'rejected');
    const receiving = left.receive().then(undefined, () => 'rejected');
    await run(1_010);
    left.destroy();
    expect(await Promise.all([sending, receiving])).toEqual(['rejected', 'rejected']);
    const reading = collect(right, clock).then(undefined, () => 'rejected');
    await run();
    expect(await reading).toBe('rejected');
  });
});

it('the clock is that of the machine, and never wakes anybody too soon', async () => {
  const { signal } = new AbortController();
  for (const ahead of [0, 0.4, 1, 2.7, 5]) {
    const time = monotonic.now() + ahead;
    await monotonic.until(time, signal);
    expect(monotonic.now()).toBeGreaterThanOrEqual(time);
  }
  const ended = new AbortController();
  const waiting = monotonic.until(monotonic.now() + 60_000, ended.signal);
  ended.abort();
  await expect(waiting).rejects.toThrow();
});
