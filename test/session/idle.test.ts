import { describe, expect, it } from 'vitest';
import { generateIdentity } from '../../src/documents/identity.ts';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { message } from '../../src/link/message.ts';
import { converse } from '../../src/session/converse.ts';
import { openSession, type Session } from '../../src/session/index.ts';

const [ana, ben] = [generateIdentity(), generateIdentity()];
const word = message(0xf5, 'a word', () => ({ token: 1 }));
const token = Uint8Array.of(7);

/** Two sessions over memory; `freeze` takes away what the second side sends from then on. */
async function sessions(timeout: number) {
  const [left, right] = memoryChannelPair();
  let frozen = false;
  const frail: Channel = {
    initiator: false,
    send: async (bytes) => (frozen ? undefined : right.send(bytes)),
    receive: () => right.receive(),
    close: () => right.close(),
    destroy: () => right.destroy(),
  };
  const pair = await Promise.all([
    openSession({ channel: left, identity: ana, timeout }),
    openSession({ channel: frail, identity: ben, timeout: 60_000 }),
  ]);
  return {
    pair,
    freeze: () => {
      frozen = true;
    },
  };
}

const end = (session: Session) => new Promise<unknown>((resolve) => session.onFailure(resolve));
const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

// All three wait for real seconds: at the same time.
describe.concurrent('a session between negotiations', () => {
  it('ends once the peer goes silent', async () => {
    const { pair, freeze } = await sessions(4_000);
    const ended = end(pair[0]);
    freeze();
    expect(await ended).toMatchObject({ code: 'ERR_TIMEOUT' });
    await expect(converse(pair[0], {}, async () => undefined)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  }, 20_000);

  it('ends so also after an exchange that had a longer clock', async () => {
    const { pair, freeze } = await sessions(4_000);
    await Promise.all([
      converse(pair[0], { timeout: 60_000 }, (link) => link.receive(word, undefined)),
      converse(pair[1], {}, async (link) => {
        await link.send(word, undefined, { token });
        link.flush();
      }),
    ]);
    const ended = end(pair[0]);
    freeze();
    expect(await ended).toMatchObject({ code: 'ERR_TIMEOUT' });
  }, 20_000);

  it('lives on as long as the peer does, also while the peer waits for it to begin', async () => {
    const { pair } = await sessions(4_000);
    const waiting = converse(pair[1], {}, (link) => link.receive(word, undefined));
    await pause(6_000);
    await converse(pair[0], {}, async (link) => {
      await link.send(word, undefined, { token });
      link.flush();
    });
    expect((await waiting).token).toEqual(token);
    for (const session of pair) session.destroy();
  }, 20_000);
});
