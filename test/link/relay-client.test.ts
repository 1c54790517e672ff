import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionError } from '../../src/errors.ts';
import type { Channel, Listener } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { listenAtRelay } from '../../src/link/relay-client.ts';
import { relayStatus } from '../../src/link/relay-messages.ts';

const { waiting, paired } = relayStatus;
const minutes = 60_000;

/** A relay of which only the answer to a connection is known; it counts connections. */
function relay(answer: (channel: Channel, count: number) => Promise<void> | void) {
  let count = 0;
  return {
    get count() {
      return count;
    },
    async dial(): Promise<Channel> {
      const [near, far] = memoryChannelPair();
      count += 1;
      const place = count;
      void far.receive().then(() => answer(far, place));
      return near;
    },
  };
}

/** A host that waits there, and takes and drops whoever comes. */
async function host(there: ReturnType<typeof relay>) {
  const stop = new AbortController();
  const troubles: ConnectionError[] = [];
  let failure: ConnectionError | undefined;
  const listening = listenAtRelay({
    room: new Uint8Array(32),
    dial: there.dial,
    signal: stop.signal,
    address: { host: '127.0.0.1', port: 1 },
    onTrouble: (error) => troubles.push(error),
  });
  const take = async (listener: Listener) => {
    for (let one = await listener.accept(); one !== undefined; one = await listener.accept()) one.destroy();
  };
  const taking = listening.then(take).catch((error: ConnectionError) => {
    failure = error;
  });
  return { troubles, stop, taking, listening, failure: () => failure };
}

/** A moment, so that what was sent before arrives by itself. */
const later = () => new Promise((resolve) => setTimeout(resolve, 10));
const status = (...bytes: number[]) => Uint8Array.from(bytes);

describe('a host at a relay', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it.each<[string, (channel: Channel) => Promise<void>]>([
    ['says "paired" at once', (channel) => channel.send(status(waiting, paired))],
    ['says nothing but "paired"', (channel) => channel.send(status(paired))],
    [
      'says "paired" and drops the connection',
      async (channel) => {
        await channel.send(status(waiting, paired));
        await channel.close();
      },
    ],
  ])('that %s draws few connections, the person is told, and it ends', async (_, answer) => {
    const there = relay(answer);
    const { troubles, taking, failure } = await host(there);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(there.count).toBeLessThan(12);
    expect(troubles.map(({ message }) => message)).toEqual([
      'the relay brings one connection after another that is not the other side',
    ]);
    await vi.advanceTimersByTimeAsync(10 * minutes);
    expect(there.count).toBeLessThan(100);
    await vi.advanceTimersByTimeAsync(60 * minutes);
    await taking;
    expect(there.count).toBeLessThan(105);
    expect(troubles).toHaveLength(1);
    expect(failure()).toMatchObject({ code: 'ERR_CONNECT' });
  });

  it.each<[string, (channel: Channel, count: number) => Promise<void>, RegExp]>([
    [
      'lets it wait and drops it',
      async (channel) => {
        await channel.send(status(waiting));
        await later();
        await channel.close();
      },
      /closed the connection/,
    ],
    [
      'turns out to be something else',
      async (channel) => {
        await channel.send(status(waiting));
        await later();
        await channel.send(status(9));
      },
      /not a Parley relay/,
    ],
    [
      'is full once it has let it in',
      async (channel, count) => {
        await channel.send(status(count > 2 ? relayStatus.full : waiting));
        await later();
        await channel.close();
      },
      /is full|closed the connection/,
    ],
  ])('that %s is tried ever more slowly, the person is told, and it ends', async (_, answer, message) => {
    const there = relay(answer);
    const { troubles, taking, failure } = await host(there);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(there.count).toBeLessThan(6);
    await vi.advanceTimersByTimeAsync(10 * minutes);
    await taking;
    expect(there.count).toBeLessThan(20);
    for (const trouble of troubles) expect(trouble.message).toMatch(message);
    expect(troubles.length).toBeGreaterThan(0);
    expect(failure()?.message).toMatch(message);
  });

  it('that goes away for a minute, and comes back, is waited at as before', async () => {
    let away = false;
    const open = new Set<Channel>();
    const there = relay(async (channel) => {
      if (away) return channel.destroy();
      open.add(channel);
      await channel.send(status(waiting));
    });
    const { troubles, stop, taking, failure } = await host(there);
    const signs = setInterval(() => {
      for (const channel of open) channel.send(status(waiting)).catch(() => open.delete(channel));
    }, 15_000);
    await vi.advanceTimersByTimeAsync(5 * minutes);
    expect(there.count).toBe(2);
    away = true;
    for (const channel of open) channel.destroy();
    await vi.advanceTimersByTimeAsync(minutes);
    expect(troubles).not.toHaveLength(0);
    away = false;
    await vi.advanceTimersByTimeAsync(10 * minutes);
    const settled = there.count;
    await vi.advanceTimersByTimeAsync(10 * minutes);
    expect(there.count).toBe(settled);
    expect(failure()).toBeUndefined();
    stop.abort();
    await vi.advanceTimersByTimeAsync(1);
    clearInterval(signs);
    await taking;
  });

  it('that strangers come to from time to time is come back to at once', async () => {
    const there = relay(async (channel) => {
      await channel.send(status(waiting));
      await new Promise((resolve) => setTimeout(resolve, 45_000));
      await channel.send(status(paired));
    });
    const { troubles, stop, taking } = await host(there);
    await vi.advanceTimersByTimeAsync(20 * 45_000 + 1_000);
    expect(there.count).toBe(2 * 21);
    expect(troubles).toEqual([]);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1);
    await taking;
  });

  it('that is not there ends it at once', async () => {
    const dial = async () => {
      throw new ConnectionError('ERR_CONNECT', 'nothing there');
    };
    const { listening, taking, failure } = await host({ count: 0, dial });
    await expect(listening).rejects.toThrow('nothing there');
    await taking;
    expect(failure()).toMatchObject({ message: 'nothing there' });
  });
});
