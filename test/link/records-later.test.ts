import { describe, expect, test, vi } from 'vitest';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { message } from '../../src/link/message.ts';
import { RecordOpener, RecordSealer, recordKind } from '../../src/link/records.ts';
import { secureLinks, tcpChannelPair, testRandom } from '../support/channels.ts';
import { WebAead } from '../support/web-aead.ts';

vi.mock('#platform', async (original) => {
  const { platform } = await original<typeof import('#platform')>();
  return { platform: { ...platform, aead: (key: Uint8Array) => new WebAead(key) } };
});

const ping = message(0xf2, 'later ping', () => ({ token: 4 }));
const blob = message(0xf3, 'later blob', (size: number) => ({ body: size }));
const clocks = { timeout: 20_000, wait: 20_000 };

describe.each([
  ['memory', async () => memoryChannelPair()],
  ['TCP', tcpChannelPair],
])('a secure link over %s on a platform whose AEAD answers later', (_name, makeChannels) => {
  test('carries messages of any size both ways at once, and closes in order', async () => {
    const [left, right] = await secureLinks({ ...clocks, channels: await makeChannels() });
    const random = testRandom(4);
    const bodies = [70_000, 3 << 20, 1].map((size) => random(size));
    const talk = async (link: typeof left) => {
      const sent: Promise<void>[] = [];
      for (const body of bodies) {
        sent.push(link.send(ping, undefined, { token: new Uint8Array(4) }));
        sent.push(link.send(blob, body.length, { body }));
      }
      for (const body of bodies) {
        await link.receive(ping, undefined);
        const received = await link.receive(blob, body.length);
        expect(Buffer.compare(received.body, body)).toBe(0);
      }
      await Promise.all(sent);
      await link.close();
    };
    await Promise.all([talk(left), talk(right)]);
  });

  test('waits for what was sent to be taken before it closes', async () => {
    const [left, right] = await secureLinks({ ...clocks, channels: await makeChannels() });
    await left.send(ping, undefined, { token: Uint8Array.of(1, 2, 3, 4) });
    const closing = left.close();
    expect((await right.receive(ping, undefined)).token).toEqual(Uint8Array.of(1, 2, 3, 4));
    await right.close();
    await closing;
  });

  test('tells the peer of an abort', async () => {
    const [left, right] = await secureLinks({ ...clocks, channels: await makeChannels() });
    const waiting = right.receive(ping, undefined);
    await left.send(blob, 3, { body: new Uint8Array(3) });
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
    await expect(left.receive(ping, undefined)).rejects.toMatchObject({ code: 'ERR_PEER_ABORTED' });
  });
});

describe('records on a platform whose AEAD answers later', () => {
  test('leave in the order in which they were sealed', async () => {
    const key = () => new Uint8Array(32).fill(5);
    const [sealer, opener] = [new RecordSealer(key()), new RecordOpener(key())];
    const order: number[] = [];
    const chunks: Uint8Array[] = [];
    const messages = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i, i));
    await Promise.all(
      messages.map(async (message, index) => {
        chunks[index] = Buffer.concat([...(await sealer.seal(recordKind.data, [message]))]);
        order.push(index);
        message.fill(0); // the caller's own again
      }),
    );
    expect(order).toEqual(messages.map((_, index) => index));
    const opened: number[] = [];
    await opener.push(Buffer.concat(chunks), ({ pieces }) => opened.push(pieces[0]![0]!));
    expect(opened).toEqual(order);
  });

  test('a record that does not verify rejects', async () => {
    const sealer = new RecordSealer(new Uint8Array(32));
    const record = Buffer.concat([...(await sealer.seal(recordKind.data, [new Uint8Array(9)]))]);
    record[8]! ^= 1;
    const opened: unknown[] = [];
    const opening = new RecordOpener(new Uint8Array(32)).push(record, (one) => opened.push(one));
    await expect(opening).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
    expect(opened).toEqual([]);
  });
});
