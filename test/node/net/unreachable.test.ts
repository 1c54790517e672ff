import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseEndpoint } from '../../../src/link/endpoint.ts';
import { dial } from '../../../src/node/net/network.ts';
import { unreachable } from '../../../src/node/net/unreachable.ts';
import { freePort } from '../../cli/support.ts';

const at = (text: string) => parseEndpoint(text)!;

/** A server of plain TCP that does what is asked with each connection. */
async function server(onConnection: (socket: import('node:net').Socket) => void): Promise<number> {
  const listening = createServer(onConnection);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listening.close();
  });
  return (listening.address() as { port: number }).port;
}

describe('what cannot be reached says why', () => {
  it.each([
    ['ENOTFOUND', 'unknown-host', 'the name host.example leads to no machine'],
    ['EAI_AGAIN', 'unknown-host', 'the name host.example leads to no machine'],
    ['ECONNREFUSED', 'refused', 'nobody is listening at host.example:4466'],
    ['EHOSTUNREACH', 'no-route', 'there is no way from this machine to host.example:4466'],
    ['ENETUNREACH', 'no-route', 'there is no way from this machine to host.example:4466'],
    ['ETIMEDOUT', 'no-answer', 'host.example:4466 does not answer'],
    ['EPROTO', undefined, 'cannot reach host.example:4466 (EPROTO)'],
    [undefined, undefined, 'cannot reach host.example:4466 (what answers there is something else)'],
  ])('%s', (code, reason, message) => {
    const error = unreachable('host.example:4466', 'host.example', Object.assign(new Error(), { code }));
    expect(error).toMatchObject({ code: 'ERR_CONNECT', reason, message });
    expect(error.hint).not.toBe('');
  });

  it.each(['', 'ws://'])('on a real network (%s)', async (scheme) => {
    const closed = await freePort();
    await expect(dial(at(`${scheme}127.0.0.1:${closed}`))).rejects.toMatchObject({ reason: 'refused' });
    // RFC 6761: a name that exists nowhere.
    await expect(dial(at(`${scheme}nobody.invalid:4466`))).rejects.toMatchObject({ reason: 'unknown-host' });
  });

  it('behind something that never answers, and something that is no WebSocket', async () => {
    const silent = await server((socket) => socket.resume());
    await expect(dial(at(`ws://127.0.0.1:${silent}`), { timeout: 200 })).rejects.toMatchObject({
      reason: 'no-answer',
    });
    const page = await server((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    await expect(dial(at(`ws://127.0.0.1:${page}`))).rejects.toMatchObject({
      reason: undefined,
      message: expect.stringContaining('something else'),
    });
  });

  it('takes no time that is none', async () => {
    for (const where of ['127.0.0.1:1', 'ws://127.0.0.1:1']) {
      await expect(dial(at(where), { timeout: 0 })).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
  });
});
