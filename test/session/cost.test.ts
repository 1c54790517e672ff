import { expect, test } from 'vitest';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { Result } from '../../src/session/result.ts';
import type { Session } from '../../src/session/session.ts';
import { tcpChannelPair } from '../support/channels.ts';
import { openPair, splitTerms } from '../support/sessions.ts';

/** Bytes of a record without data. */
const HEARTBEAT = 21;

type Bytes = Result['stats']['bytes'];

/** A channel that takes some milliseconds for each record, so that what is sent meanwhile queues behind it. */
function slow(channel: Channel): Channel {
  return {
    initiator: channel.initiator,
    async send(bytes) {
      await channel.send(bytes);
      await new Promise((resolve) => setTimeout(resolve, 3));
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}

/** The bytes of some negotiations, which each side goes through as fast as it can, without waiting for the other in between. */
function costs(
  [left, right]: readonly [Session, Session],
  steps: readonly ('negotiate' | 'prepare')[],
  security: 'malicious' | 'semi-honest',
): Promise<[Bytes[], Bytes[]]> {
  const terms = splitTerms({ security });
  const play = async (session: Session, reservation: bigint) => {
    const bytes: Bytes[] = [];
    for (const step of steps) {
      if (step === 'prepare') await session.prepare(terms);
      else bytes.push((await session.negotiate({ terms, mandate: { reservation } })).stats.bytes);
    }
    return bytes;
  };
  return Promise.all([play(left, 400n), play(right, 500n)]);
}

const exchanged = (bytes: readonly Bytes[]): Bytes[] =>
  bytes.map(({ sent, received }) => ({ sent: received, received: sent }));

const sum = (bytes: readonly Bytes[], way: keyof Bytes): number =>
  bytes.reduce((total, each) => total + each[way], 0);

test.each([
  ['memory', memoryChannelPair],
  ['TCP', tcpChannelPair],
  ['slow memory', () => memoryChannelPair().map(slow) as [Channel, Channel]],
])('each side counts the bytes of a negotiation as the other does, over %s', async (_, channels) => {
  for (const security of ['malicious', 'semi-honest'] as const) {
    const pair = await openPair({ channels: await channels() });
    const cold = await costs(pair, ['negotiate', 'negotiate', 'negotiate'], security);
    expect(cold[1]).toEqual(exchanged(cold[0]));
    // All that has gone over the channel belongs to one of them, but for a heartbeat here or there.
    for (const way of ['sent', 'received'] as const) {
      const beside = pair[0].stats[way] - sum(cold[0], way);
      expect(beside).toBeGreaterThanOrEqual(0);
      expect(beside % HEARTBEAT).toBe(0);
    }
    const more = await costs(pair, ['prepare', 'negotiate', 'negotiate', 'prepare', 'negotiate'], security);
    expect(more[1]).toEqual(exchanged(more[0]));
    for (const session of pair) session.destroy();
  }
});

test('heartbeats belong to no negotiation', async () => {
  const terms = splitTerms();
  const bytes: Bytes[][] = [];
  for (const pause of [0, 600]) {
    const pair = await openPair({ timeout: 400 });
    const mandates = [
      { reservation: 400n },
      () => new Promise((resolve) => setTimeout(resolve, pause, { reservation: 500n })),
    ];
    const results = await Promise.all(
      pair.map((session, side) =>
        session.negotiate({ terms, mandate: mandates[side] as { reservation: bigint }, timeout: 400 }),
      ),
    );
    bytes.push(results.map(({ stats }) => stats.bytes));
    const raw = pair[1].stats.sent;
    if (pause > 0) expect(raw).toBeGreaterThan(results[1]!.stats.bytes.sent);
    for (const session of pair) session.destroy();
  }
  for (const [left, right] of bytes) expect(right).toEqual(exchanged([left!])[0]);
});
