import { createConnection } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, listen } from '../../../src/node/net/tcp.ts';

const failed = (code: string) => expect.objectContaining({ code, hint: expect.any(String) });

describe('TCP', () => {
  test('carries bytes both ways with back-pressure, then ends', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const left = await connect(listener.address);
    const right = (await listener.accept())!;
    const total = 32 << 20;
    let sent = 0;
    const sending = (async () => {
      while (sent < total) {
        await left.send(new Uint8Array(1 << 18).fill(sent >> 18));
        sent += 1 << 18;
      }
      await left.close();
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBeLessThan(total);
    let received = 0;
    for (;;) {
      const chunk = await right.receive();
      if (chunk === undefined) break;
      expect(chunk[0]).toBe((received >> 18) & 0xff);
      received += chunk.length;
    }
    expect(received).toBe(total);
    await sending;
    await right.close();
    await right.close();
    await listener.close();
    expect(await listener.accept()).toBeUndefined();
  });

  test('nobody there, a port in use, a signal', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    await expect(listen(listener.address)).rejects.toThrow(failed('ERR_CONNECT'));
    await listener.close();
    await expect(connect(listener.address)).rejects.toThrow(failed('ERR_CONNECT'));
    await expect(connect({ ...listener.address, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_CANCELLED',
    });
  });

  test('a connection that breaks rejects what is pending, on both sides', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const left = await connect(listener.address);
    const right = (await listener.accept())!;
    const pending = right.receive();
    const own = left.receive();
    left.destroy();
    await expect(own).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    const end = await pending.catch((error: { code: string }) => error.code);
    expect([undefined, 'ERR_PEER_LEFT']).toContain(end);
    await expect(left.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    right.destroy();
    await listener.close();
  });

  test('connections past the backlog are dropped, and the rest still served', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0, backlog: 2 });
    const sockets = Array.from({ length: 20 }, () => createConnection(listener.address));
    const dropped = await Promise.all(
      sockets.slice(0, 20).map(
        (socket) =>
          new Promise<number>((resolve) => {
            socket.on('error', () => undefined);
            socket.on('close', () => resolve(1));
            setTimeout(() => resolve(0), 150);
          }),
      ),
    );
    expect(dropped.reduce((sum, one) => sum + one, 0)).toBe(18);
    expect(await listener.accept()).toBeDefined();
    for (const socket of sockets) socket.destroy();
    await listener.close();
  });
});
