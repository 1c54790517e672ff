import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import { host } from '../../src/desk/host.ts';
import { formatInvite, type InvitePlace, makeInvite } from '../../src/desk/invite.ts';
import { join } from '../../src/desk/join.ts';
import type { Network } from '../../src/desk/network.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import { ConnectionError, type ParleyError, type Unreachable } from '../../src/errors.ts';
import { parseEndpoint } from '../../src/link/endpoint.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { relayStatus } from '../../src/link/relay-messages.ts';
import { anyHome } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';

const random = seededRandom(new Uint8Array(16).fill(3));
const someone = await fingerprint(generateIdentity(random).publicKey);
const terms = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000' },
  security: 'semi-honest',
} as const;
const buying = () => ({ home: anyHome('join'), terms, mandate: { reservation: 500n } });
const selling = () => ({ home: anyHome('host'), terms, role: 'seller', mandate: { reservation: 400n } });

const place = (text: string): InvitePlace => {
  const kind = text.startsWith('relay:') ? 'relay' : 'direct';
  return { kind, endpoint: parseEndpoint(text.replace('relay:', ''))! };
};

/** What somebody is told who follows an invite, over a network that answers as given. */
async function following(where: string, dial: Network['dial'], timeout = 5_000) {
  const events: DeskEvent[] = [];
  const invite = formatInvite(makeInvite(someone, place(where), random));
  const error = await join({
    ...buying(),
    network: { ...memoryNetwork(), dial },
    person: { told: (event) => events.push(event) },
    invite,
    timeout,
  }).then(
    () => expect.unreachable(),
    (error: ParleyError) => error,
  );
  return { error, events };
}

const failing = (reason: Unreachable) => async () => {
  throw new ConnectionError('ERR_CONNECT', `because of ${reason}`, { reason });
};

describe('who follows an invite is told what is wrong', () => {
  it.each<[Unreachable, string, RegExp]>([
    [
      'unknown-host',
      'host.example:1',
      /^check that this machine is online, or ask for an invite with another/,
    ],
    ['unknown-host', 'printer.local:1', /with another address$/],
    [
      'refused',
      '192.0.2.7:1',
      /^the invite has been used or has expired: ask for a new one \(or the network/,
    ],
    ['refused', '127.0.0.1:1', /; 127\.0\.0\.1 can be reached from the host’s own machine only$/],
    [
      'no-route',
      '192.0.2.7:1',
      /^check that this machine is online, or ask for an invite that leads through/,
    ],
    ['no-answer', '192.168.1.5:1', /; 192\.168\.1\.5 can be reached from the host’s own network only$/],
    ['no-answer', '192.0.2.7:1', /^a firewall may be in the way, .* meet at a relay$/],
  ])('%s, %s', async (reason, where, hint) => {
    const { error, events } = await following(where, failing(reason));
    expect(error).toMatchObject({ code: 'ERR_CONNECT', message: `because of ${reason}`, reason });
    expect(error.hint).toMatch(hint);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'reachingHost', atRelay: false }));
  });

  it('that the relay is not there', async () => {
    const { error } = await following('relay:192.0.2.7:1', failing('refused'));
    expect(error.message).toBe('the relay cannot be reached: because of refused');
    expect(error.hint).toMatch(/^check that this machine is online; if the relay is down, meet at another$/);
  });

  it('that the relay is there, and the host is not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const dial = async () => {
      const [near, far] = memoryChannelPair();
      await far.send(Uint8Array.of(relayStatus.waiting));
      // the relay has read who comes in, and then nobody does
      void far.receive().then(() => vi.advanceTimersByTimeAsync(20_000));
      return near;
    };
    const { error, events } = await following('relay:192.0.2.7:1', dial);
    expect(error.message).toBe('the other side is not at the relay');
    expect(error.hint).toMatch(/the invite has been used or has expired: ask for a new one/);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'reachingHost', atRelay: true }));
  });

  it.each([
    ['192.0.2.7:1', '192.0.2.7:1 takes the connection, but does not answer'],
    ['relay:192.0.2.7:1', 'the relay has connected you to the other side, but it does not answer'],
  ])('that there is silence at %s', async (where, message) => {
    const dial = async () => {
      const [near, far] = memoryChannelPair();
      if (where.startsWith('relay')) await far.send(Uint8Array.of(relayStatus.paired));
      return near;
    };
    const { error } = await following(where, dial, 200);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', message });
  });
});

describe('who makes an invite is told', () => {
  /** What is told until there is an invite. */
  async function hosting(ways: object, network: Network = memoryNetwork()) {
    const events: DeskEvent[] = [];
    const stop = new AbortController();
    const person = { told: (event: DeskEvent) => void events.push(event) };
    const { invite, result } = host({ ...selling(), network, person, signal: stop.signal, ...ways });
    return { invite, events, result, stop };
  }

  it.each([
    ['192.168.1.5', 'network'],
    ['127.0.0.1', 'machine'],
    ['192.0.2.7', 'anywhere'],
    ['host.example', 'anywhere'],
  ])('from where %s can be reached', async (address, scope) => {
    const { invite, events, result, stop } = await hosting({ address: `${address}:4466` });
    await invite;
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'invited',
        scope,
        endpoint: expect.objectContaining({ host: address }),
      }),
    );
    stop.abort();
    await expect(result).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('that the relay is not there', async () => {
    const network = { ...memoryNetwork(), dial: failing('unknown-host') };
    const { result } = await hosting({ relay: 'relay.example:4467' }, network);
    await expect(result).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      message: 'the relay cannot be reached: because of unknown-host',
    });
  });

  it('that the relay brings nobody but strangers', async () => {
    const dial = async () => {
      const [near, far] = memoryChannelPair();
      await far.send(Uint8Array.of(relayStatus.waiting, relayStatus.paired));
      return near;
    };
    const { events, result, stop } = await hosting({ relay: '192.0.2.7:4467' }, { ...memoryNetwork(), dial });
    while (!events.some(({ kind }) => kind === 'relayTrouble')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    stop.abort();
    await expect(result).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('that a time is none, before anything is made', async () => {
    for (const times of [{ wait: Number.NaN }, { timeout: -1 }, { wait: Number.POSITIVE_INFINITY }]) {
      const { result } = await hosting(times);
      await expect(result).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
  });
});
