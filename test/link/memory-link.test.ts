import { describe, expect, test } from 'vitest';
import { type Intercept, memoryLinkPair } from '../../src/link/memory-link.ts';
import { message } from '../../src/link/message.ts';

const ping = message(0xf0, 'test ping', () => ({ token: 4 }));
const blob = message(0xf1, 'test blob', (size: number) => ({ head: 2, body: size }));
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('memory link', () => {
  test('carries messages in order, by value', async () => {
    const [a, b] = memoryLinkPair();
    const token = bytes(1, 2, 3, 4);
    const sent = a.send(ping, undefined, { token });
    token.fill(9);
    await sent;
    await a.send(blob, 3, { head: bytes(5, 6), body: bytes(7, 8, 9) });
    expect(await b.receive(ping, undefined)).toEqual({ token: bytes(1, 2, 3, 4) });
    expect(await b.receive(blob, 3)).toEqual({ head: bytes(5, 6), body: bytes(7, 8, 9) });
  });

  test('counts bytes and the longest chain of messages', async () => {
    const [a, b] = memoryLinkPair();
    const token = new Uint8Array(4);
    for (let turn = 0; turn < 3; turn += 1) {
      await a.send(ping, undefined, { token });
      await a.send(ping, undefined, { token });
      await b.receive(ping, undefined);
      await b.receive(ping, undefined);
      await b.send(ping, undefined, { token });
      await a.receive(ping, undefined);
    }
    expect(a.stats).toEqual({ sent: 24, received: 12, flights: 6 });
    expect(b.stats.flights).toBe(5);
  });

  test('refuses to send a field of another length', async () => {
    const [a] = memoryLinkPair();
    await expect(a.send(ping, undefined, { token: bytes(1) })).rejects.toThrow('test ping.token has 1 bytes');
  });

  test('another type, shape or length is ERR_PEER_CHEATED at the receiver', async () => {
    const cut: Intercept = (_side, _type, fields) => ({ ...fields, token: fields.token!.subarray(1) });
    const swap: Intercept = () => [{ type: blob, fields: { head: bytes(1, 2), body: bytes(3, 4) } }];
    for (const intercept of [cut, swap]) {
      const [a, b] = memoryLinkPair({ intercept });
      await a.send(ping, undefined, { token: bytes(1, 2, 3, 4) });
      await expect(b.receive(ping, undefined)).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
    }
    const [a, b] = memoryLinkPair();
    await a.send(blob, 3, { head: bytes(1, 2), body: bytes(3, 4, 5) });
    await expect(b.receive(blob, 4)).rejects.toMatchObject({ code: 'ERR_PEER_CHEATED' });
  });

  test('a hook changes, repeats and drops messages', async () => {
    const intercept: Intercept = (side, type, fields) => {
      if (side === 'b') return [];
      fields.token![0]! ^= 1;
      return [
        { type, fields },
        { type, fields },
      ];
    };
    const [a, b] = memoryLinkPair({ intercept, timeout: 20 });
    await a.send(ping, undefined, { token: bytes(0, 2, 3, 4) });
    await b.send(ping, undefined, { token: bytes(0, 2, 3, 4) });
    expect((await b.receive(ping, undefined)).token[0]).toBe(1);
    expect((await b.receive(ping, undefined)).token[0]).toBe(1);
    await expect(a.receive(ping, undefined)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  test('a party that leaves ends both sides receives', async () => {
    const [a, b] = memoryLinkPair();
    const waiting = b.receive(ping, undefined);
    const own = a.receive(ping, undefined);
    await a.send(ping, undefined, { token: bytes(1, 2, 3, 4) });
    a.destroy();
    await waiting;
    await expect(b.receive(ping, undefined)).rejects.toMatchObject({ code: 'ERR_PEER_LEFT' });
    await expect(own).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(b.send(ping, undefined, { token: bytes(1, 2, 3, 4) })).rejects.toMatchObject({
      code: 'ERR_PEER_LEFT',
    });
  });
});
