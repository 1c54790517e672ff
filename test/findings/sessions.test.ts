import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Channel, memoryChannelPair } from '../../src/index.ts';
import { fileSessionLog } from '../../src/node.ts';
import { openPair } from '../support/sessions.ts';

/** A channel that stops passing anything, either way, without ending: the peer's machine is asleep. */
function freezing(channel: Channel): Channel & { freeze(): void } {
  let frozen = false;
  const never = new Promise<never>(() => undefined);
  return {
    initiator: channel.initiator,
    send: (bytes) => (frozen ? Promise.resolve() : channel.send(bytes)),
    receive: async () => {
      const chunk = await channel.receive();
      return frozen ? never : chunk;
    },
    close: () => channel.close(),
    destroy: () => channel.destroy(),
    freeze() {
      frozen = true;
    },
  };
}

describe('B15: what goes wrong around a session is said', () => {
  test('B15: a torn line in the log of negotiations costs at most one place', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'parley-log-')), 'log');
    const log = fileSessionLog(path);
    expect(await log.take(5, 0)).toBe(true);
    writeFileSync(path, `${readFileSync(path, 'utf8')}take 0f3`);
    const taken = await log.take(5, 0).catch(({ code }) => code);
    expect(taken).toBe(true);
    expect(await log.take(5, 0)).toBe(true);
  });

  test('B15: a timeout of a month is one, not a millisecond', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    const ended = openPair({ timeout: 31 * 86_400_000 }).then((sessions) => {
      for (const session of sessions) session.destroy();
      return 'ok';
    });
    expect(await ended.catch(({ code }) => code)).toBe('ok');
    expect(timers.mock.calls.filter(([, delay]) => delay !== undefined && delay >= 2 ** 31)).toEqual([]);
  });

  test('B15: a session in which nothing runs notices that the peer is gone', async () => {
    const [left, right] = memoryChannelPair();
    const frozen = freezing(left);
    const [session, other] = await openPair({ channels: [frozen, right], timeout: 250 });
    const failed = new Promise<string>((resolve) => session.onFailure(({ code }) => resolve(code)));
    frozen.freeze();
    const late = new Promise<string>((resolve) => setTimeout(resolve, 1_200, 'nothing noticed'));
    const noticed = await Promise.race([failed, late]);
    session.destroy();
    other.destroy();
    expect(noticed).toBe('ERR_TIMEOUT');
  });
});
