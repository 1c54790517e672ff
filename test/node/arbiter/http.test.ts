import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type Arbiter,
  type ArbiterRequest,
  complain,
  defineArbiter,
  memoryCases,
  questionOf,
  requestOf,
} from '../../../src/arbiter/index.ts';
import { MAX_COMPLAINT } from '../../../src/documents/complaint.ts';
import { ArbiterError } from '../../../src/errors.ts';
import { arbiterClient } from '../../../src/node/arbiter/client.ts';
import { type ServeOptions, serveArbiter } from '../../../src/node/arbiter/serve.ts';
import {
  arbiterIdentity,
  buyer,
  DEADLINE,
  DEAL,
  disputeOf,
  type Engaged,
  engaged,
  arbiter as escrowKey,
  seller,
} from '../../arbiter/support.ts';

let deal: Engaged;
let complaint: ArbiterRequest;
beforeAll(async () => {
  deal = await engaged();
  complaint = await requestOf(disputeOf(deal, 'buyer'), buyer);
});

/** An arbiter on loopback, whose clock is the test's. */
async function served(options: Partial<ServeOptions> & { arbiter?: Arbiter } = {}) {
  const clock = { time: DEADLINE };
  const store = memoryCases();
  const own = defineArbiter({ identity: arbiterIdentity, escrowKey, store, now: () => clock.time });
  const { arbiter = own, ...rest } = options;
  const serving = await serveArbiter(arbiter, { host: '127.0.0.1', port: 0, ...rest });
  onTestFinished(() => serving.close());
  const at = `http://127.0.0.1:${serving.address.port}`;
  return { clock, at, port: serving.address.port, send: arbiterClient(at, { configured: true }) };
}

/** A server that says what a test wants. */
async function saying(...handlers: Parameters<typeof createServer>[1][]) {
  const server: Server = createServer(...(handlers as [Parameters<typeof createServer>[1]]));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One request, as bytes say it. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('over HTTP', () => {
  test('a dispute ends as it does without', async () => {
    const { send, clock } = await served();
    const alone = disputeOf(deal, 'buyer', { both: false });
    expect(await complain({ dispute: alone, identity: buyer, send })).toMatchObject({ kind: 'pending' });
    const end = await complain({ dispute: disputeOf(deal, 'seller'), identity: seller, send });
    expect(end).toMatchObject({ kind: 'proved', agreement: { outcome: DEAL } });
    clock.time += 3_600_000;
    expect(await complain({ dispute: alone, identity: buyer, send })).toMatchObject({
      kind: 'proved',
      agreement: { outcome: DEAL },
    });
  });

  test('a void, and a refusal with its code', async () => {
    const { send, clock } = await served();
    clock.time = DEADLINE + 1;
    await expect(send(complaint)).rejects.toMatchObject({ code: 'ERR_COMPLAINT_LATE' });
    await expect(send({ kind: 'question', document: complaint.document })).rejects.toMatchObject({
      code: 'ERR_COMPLAINT_FORMAT',
    });
    clock.time = DEADLINE + 10_001;
    expect(await complain({ dispute: disputeOf(deal, 'buyer'), identity: buyer, send })).toMatchObject({
      kind: 'void',
    });
  });

  test.each([
    ['GET /parley/1/complaints', 405],
    ['POST /parley/2/complaints', 404],
    ['POST /parley/1/complaints?x', 404],
    ['POST /', 404],
    ['POST /constructor', 404],
  ])('%s gets %i', async (line, status) => {
    const { port } = await served();
    const answer = await raw(port, `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('"code":"ERR_USAGE"');
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('a request that is too long is refused before it is read', async () => {
    const { port } = await served();
    const head = `POST /parley/1/complaints HTTP/1.1\r\nhost: x\r\ncontent-length: ${MAX_COMPLAINT + 1}\r\n\r\n`;
    expect(await raw(port, head)).toMatch(/^HTTP\/1.1 413 [\s\S]*ERR_COMPLAINT_FORMAT/);
  });

  test('one that does not end counts for nothing, and is dropped in time', async () => {
    const asked: number[] = [];
    const arbiter: Arbiter = {
      answer: async ({ length }) => {
        asked.push(length);
        return new Uint8Array(1);
      },
      ask: async () => undefined,
    };
    const limits = { headerTime: 100, requestTime: 200 };
    const { port, send } = await served({ arbiter, limits });
    const head = 'POST /parley/1/complaints HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n';
    const started = Date.now();
    await raw(port, `${head}{"payload"`);
    await raw(port, 'POST /parley/1/complaints HT');
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(asked).toEqual([]);
    await send(complaint);
    expect(asked).toEqual([complaint.document.length]);
  });

  test('nobody keeps a connection by not reading the answer, or by asking for nothing', async () => {
    const long = new Uint8Array(32 << 20);
    const arbiter: Arbiter = { answer: async () => long, ask: async () => undefined };
    const { port } = await served({ arbiter, limits: { headerTime: 100, requestTime: 200 } });
    const silent = connect(port, '127.0.0.1');
    const idle = connect(port, '127.0.0.1');
    for (const socket of [silent, idle]) socket.on('error', () => undefined).pause();
    silent.write('POST /parley/1/complaints HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    for (const socket of [silent, idle]) {
      const read = once(socket, 'close').then(() => socket.bytesRead);
      socket.resume();
      expect(await read).toBeLessThan(long.length);
    }
  });

  test('the oldest upload gives way when memory for uploads is short', async () => {
    const { port, send } = await served({ limits: { uploading: 200_000 } });
    const head = 'POST /parley/1/complaints HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n';
    const slow = raw(port, head + 'x'.repeat(150_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = raw(port, head + 'x'.repeat(150_000));
    await slow;
    expect(await send(complaint)).toBeInstanceOf(Uint8Array);
    const third = raw(port, head + 'x'.repeat(150_000));
    await next;
    const fourth = raw(port, head + 'x'.repeat(150_000));
    await third;
    void fourth;
  });

  test('connections that ask for nothing keep nobody out', async () => {
    const { port, send } = await served({ limits: { connections: 3 } });
    const idle = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    const dropped = Promise.race(idle.map((socket) => once(socket.resume(), 'close')));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    await dropped;
    expect(await send(complaint)).toBeInstanceOf(Uint8Array);
    for (const socket of idle) socket.destroy();
  });

  test('but they do not push out those that wait for their answers', async () => {
    let answer: (document: Uint8Array) => void = () => undefined;
    const arbiter: Arbiter = {
      answer: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      ask: async () => undefined,
    };
    const { port, send } = await served({ arbiter, limits: { connections: 1 } });
    const asked = send(complaint);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await raw(port, 'POST /parley/1/questions HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    answer(Uint8Array.of(1));
    expect(await asked).toEqual(Buffer.of(1));
  });

  test('several requests on one connection count as one, and use up nothing', async () => {
    const busy: Arbiter = { answer: () => new Promise(() => undefined), ask: async () => undefined };
    const { port } = await served({ arbiter: busy, behindProxy: true, limits: { byAddress: 2 } });
    const head = (path: string) =>
      `POST /parley/1/${path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 198.51.100.1\r\ncontent-length: 0\r\n\r\n`;
    const answers = await raw(port, head('none').repeat(3));
    expect(answers.match(/HTTP\/1.1/g)).toHaveLength(1);
    const held = connect(port, '127.0.0.1').on('error', () => undefined);
    held.write(head('complaints'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await raw(port, head('questions'))).toMatch(/^HTTP\/1.1 202 /);
    held.destroy();
  });

  test('one address has a few connections; behind a proxy, requests', async () => {
    const busy: Arbiter = { answer: () => new Promise(() => undefined), ask: async () => undefined };
    const direct = await served({ arbiter: busy, limits: { byAddress: 2 } });
    for (const _ of [1, 2]) void direct.send(complaint).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(direct.send(questionOf(disputeOf(deal, 'buyer')))).rejects.toMatchObject({
      code: 'ERR_CONNECT',
    });
    const proxied = await served({ arbiter: busy, behindProxy: true, limits: { byAddress: 1 } });
    const from = (address: string) =>
      new Promise<number>((resolve) => {
        const headers = { 'x-forwarded-for': `203.0.113.1, ${address}` };
        const options = { port: proxied.port, path: '/parley/1/questions', method: 'POST', headers };
        request(options, ({ statusCode }) => resolve(statusCode!)).end('{}');
      });
    const path = '/parley/1/complaints';
    const held = request({
      ...{ port: proxied.port, path, method: 'POST', headers: { 'x-forwarded-for': '198.51.100.1' } },
    });
    held.on('error', () => undefined).end('{}');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await from('198.51.100.1')).toBe(503);
    expect(await from('198.51.100.2')).toBe(202);
  });

  test('one address is given so many documents an hour, and no more', async () => {
    const given: Arbiter = { answer: async () => Uint8Array.of(1), ask: async () => undefined };
    const { port } = await served({ arbiter: given, behindProxy: true, limits: { answersByAddress: 2 } });
    const from = (address: string, path: string) =>
      new Promise<number>((resolve) => {
        const headers = { 'x-forwarded-for': address };
        const options = { port, path: `/parley/1/${path}`, method: 'POST', headers };
        request(options, (response) => resolve(response.resume().statusCode!)).end('{}');
      });
    const seen: number[] = [];
    for (const path of ['complaints', 'questions', 'complaints', 'complaints', 'questions'])
      seen.push(await from('2001:db8::1', path));
    expect(seen).toEqual([200, 202, 200, 503, 503]);
    expect(await from('2001:db8::ffff', 'complaints')).toBe(503); // the same /64
    expect(await from('2001:db8:0:1::1', 'complaints')).toBe(200);
  });

  test('a fault is told to whoever runs the arbiter, and to nobody else', async () => {
    const faults: unknown[] = [];
    const broken = new ArbiterError('ERR_ARBITER_STORE', 'no', { cause: new Error('/secret/place') });
    const arbiter: Arbiter = {
      answer: () => Promise.reject(broken),
      ask: () => Promise.reject(new TypeError('/secret/place')),
    };
    const { at, send } = await served({ arbiter, onFailure: (error) => faults.push(error) });
    await expect(send(complaint)).rejects.toMatchObject({ code: 'ERR_ARBITER_STORE' });
    const answer = await fetch(`${at}/parley/1/questions`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(faults).toHaveLength(2);
  });
});

describe('the client', () => {
  test.each([
    ...['http://arbiter.example', 'https://127.0.0.1', 'https://[::1]', 'https://localhost\n', 'ftp://x'],
    ...['https://256.256.256.256'],
    ...['https://user:word@arbiter.example', 'https://arbiter.example/?x', '', 'file:///etc/passwd'],
  ])('does not take %s from a card', (at) => {
    expect(() => arbiterClient(at)).toThrow(
      expect.objectContaining({ name: expect.stringMatching(/^(InputError|ConnectionError)$/) }),
    );
  });

  test.each(['https://localhost', 'https://localhost:8443/parley', 'https://10.1.2.3', 'https://2130706433'])(
    'reaches nothing inside by %s from a card',
    async (at) => {
      const attempt = async () => arbiterClient(at, { timeout: 5_000 })(complaint);
      await expect(attempt()).rejects.toMatchObject({ code: 'ERR_CONNECT', message: /in its network/ });
    },
  );

  test('follows no redirect', async () => {
    let reached = false;
    const inside = await saying(() => {
      reached = true;
    });
    const at = await saying((_, response) => {
      response.writeHead(307, { location: `${inside}/parley/1/complaints` }).end();
    });
    await expect(arbiterClient(at, { configured: true })(complaint)).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      message: /status 307/,
    });
    expect(reached).toBe(false);
  });

  test('reads no answer without end, and waits for none', async () => {
    const endless = await saying((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1 << 20))) if (response.destroyed) return;
        response.once('drain', more);
      };
      more();
    });
    const failing = (at: string, timeout = 20_000) =>
      arbiterClient(at, { configured: true, timeout })(complaint);
    await expect(failing(endless)).rejects.toMatchObject({ code: 'ERR_CONNECT', message: /too long/ });
    const silent = await saying(() => undefined);
    await expect(failing(silent, 200)).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      message: /within 0.2 s/,
    });
    const refused = await saying((_, response) => {
      response.writeHead(400).end('x'.repeat(20_000));
    });
    await expect(failing(refused)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });

  test('shows nothing of what the arbiter says of its own, and takes only codes of a refusal', async () => {
    const answers = [
      { error: { code: 'ERR_COMPLAINT_LATE', message: 'call 555-0100', hint: 'or else' } },
      { error: { code: 'ERR_USAGE', message: 'call 555-0100' } },
      { error: { code: 'toString' } },
      { error: null },
      null,
    ];
    const got: { code: string; message: string }[] = [];
    for (const answer of answers) {
      const at = await saying((_, response) => response.writeHead(400).end(JSON.stringify(answer)));
      got.push(await arbiterClient(at, { configured: true })(complaint).catch((error) => error));
    }
    expect(got.map(({ code }) => code)).toEqual(['ERR_COMPLAINT_LATE', ...new Array(4).fill('ERR_CONNECT')]);
    for (const { message } of got) expect(message).not.toContain('555');
  });

  test('stops when its signal says so', async () => {
    const at = await saying(() => undefined);
    const stop = new AbortController();
    const asked = arbiterClient(at, { configured: true, signal: stop.signal })(complaint);
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(asked).rejects.toThrow('enough');
  });
});
