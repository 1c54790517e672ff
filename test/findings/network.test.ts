import { createConnection } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Channel, fingerprint, generateIdentity, openSession, parseInvite } from '../../src/index.ts';
import { listenAtRelay } from '../../src/link/relay-client.ts';
import { encodeEntry, relayStatus } from '../../src/link/relay-messages.ts';
import { serveRelay } from '../../src/node/net/relay.ts';
import { listen } from '../../src/node.ts';
import { closeAll, hasTerminals, person, type } from '../cli/pseudo-terminal.ts';
import { desk, freePort, start } from '../cli/support.ts';
import { alice } from '../paillier/keys.ts';
import { piped, sealKeyFile } from './support.ts';

const { files, folder, put, seller } = desk();
put('seller.key.seal', sealKeyFile(alice, seller));
afterEach(closeAll);

/** A host that waits for whoever holds its invite, and that invite. */
async function hosting() {
  const host = start([
    ...['host', '--invite', '--terms', files.draft, '--identity', files.sellerKey, '--mandate', files.asks],
    ...['--role', 'seller', '--listen', `127.0.0.1:${await freePort()}`],
  ]);
  const [line] = /parley1-\S+/.exec(await host.printed('parley1-'))!;
  const { place } = parseInvite(line);
  await host.said('listening');
  return { line, port: place.kind === 'direct' ? place.endpoint.port : 0 };
}

describe('B14: an invite is for one person', () => {
  test('B14: what was sent once gets no second answer', async () => {
    const { line, port } = await hosting();
    const { secret, host } = parseInvite(line);
    const first = await new Promise<Uint8Array>((resolve) => {
      const tap: Channel = {
        initiator: true,
        send: async (bytes) => resolve(Uint8Array.from(bytes)),
        receive: () => Promise.reject(new Error('cut')),
        close: async () => undefined,
        destroy: () => undefined,
      };
      const accept = async (key: Parameters<typeof fingerprint>[0]) => (await fingerprint(key)) === host;
      openSession({ channel: tap, identity: generateIdentity(), secret, accept }).catch(() => undefined);
    });
    const replay = () =>
      new Promise<boolean>((resolve) => {
        const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(first));
        onTestFinished(() => {
          socket.destroy();
        });
        socket.on('data', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('close', () => resolve(false));
      });
    expect(await replay()).toBe(true);
    expect(await replay()).toBe(false);
  });

  test('B14: join takes the invite from a pipe', async () => {
    const line = ['join', '--terms', files.draft, '--mandate', files.bids, '--json'];
    const { stdout } = await piped('hello\n', line, { PARLEY_HOME: `${folder}/guest` });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_INVITE_INVALID' } });
  });

  describe.runIf(hasTerminals)('at a terminal', () => {
    test('B14: join asks for the invite', async () => {
      const guest = type(person(), 'parley join');
      const asked = guest.sees(/invite.*[?:] /i).then(
        () => 'asked',
        () => 'over',
      );
      expect(await asked).toBe('asked');
    });
  });
});

/** Names a room at a relay, and says whether it was paired. */
function enter(port: number, side: 'host' | 'joiner', room: number, localAddress: string): Promise<boolean> {
  const name = new Uint8Array(32);
  new DataView(name.buffer).setUint32(0, room);
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, localAddress }, () =>
      socket.write(encodeEntry({ side, room: name })),
    );
    onTestFinished(() => {
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('data', (bytes: Buffer) => {
      if (bytes.includes(relayStatus.paired)) resolve(true);
      if (bytes.includes(relayStatus.full)) resolve(false);
    });
  });
}

async function pairUp(port: number, room: number, address = '127.0.0.1'): Promise<boolean> {
  const sides = (['host', 'joiner'] as const).map(async (side) => {
    if (!(await enter(port, side, room, address))) throw new Error('not paired');
  });
  return Promise.all(sides).then(
    () => true,
    () => false,
  );
}

async function relaying() {
  const listener = await listen({ host: '127.0.0.1', port: 0, backlog: 512 });
  const relay = serveRelay([listener]);
  onTestFinished(() => relay.close());
  return { relay, port: listener.address.port };
}

describe('B16: a relay is there for everybody', () => {
  test('B16: a pair that sends nothing ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { relay, port } = await relaying();
    expect(await pairUp(port, 1)).toBe(true);
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(relay.stats.pairs).toBe(0);
  });

  test.runIf(process.platform === 'linux')('B16: pairs of two addresses', async () => {
    const { port } = await relaying();
    expect(await pairUp(port, 1, '127.0.0.2')).toBe(true);
  });

  describe.runIf(process.platform === 'linux')('from two addresses', () => {
    test('B16: one address cannot have all pairs', async () => {
      const { port } = await relaying();
      for (let room = 0; room < 140; room += 20) {
        await Promise.all(Array.from({ length: 20 }, (_, i) => pairUp(port, room + i)));
      }
      expect(await pairUp(port, 1_000, '127.0.0.2')).toBe(true);
    });
  });

  test('B16: a relay that says “paired” at once is not dialled without end', async () => {
    const stop = new AbortController();
    let dialled = 0;
    const paired = (): Channel => ({
      initiator: true,
      send: async () => undefined,
      receive: async () => Uint8Array.of(relayStatus.waiting, relayStatus.paired),
      close: async () => undefined,
      destroy: () => undefined,
    });
    const listener = await listenAtRelay({
      room: new Uint8Array(32),
      address: { host: '127.0.0.1', port: 1 },
      signal: stop.signal,
      dial: async () => {
        dialled += 1;
        if (dialled > 200) stop.abort();
        await new Promise((resolve) => setImmediate(resolve));
        return paired();
      },
    });
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await listener.close();
    expect(dialled).toBeLessThan(20);
  });
});
