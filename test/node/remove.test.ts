import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { generateIdentity } from '../../src/documents/identity.ts';
import { fileHome } from '../../src/node/home/home.ts';
import { removeHome } from '../../src/node/home/remove.ts';
import { SocketLocks } from '../../src/node/store/socket-locks.ts';

const before = vi.hoisted(() => ({ rename: async (_from: unknown): Promise<void> => undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<{ rename: typeof rename }>();
  return {
    ...real,
    rename: async (...names: Parameters<typeof rename>) => {
      await before.rename(names[0]);
      return real.rename(...names);
    },
  };
});

const root = mkdtempSync(join(tmpdir(), 'parley-remove-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => {
  before.rename = async () => undefined;
});

let home: string;
beforeEach(async () => {
  home = join(mkdtempSync(join(root, 'at-')), 'home');
  const files = fileHome({ folder: home });
  await files.keepIdentity(generateIdentity());
  await files.peers.add('sally', generateIdentity().publicKey);
});

const contents = () => readdirSync(home, { recursive: true }).sort();

it('all of it stays where it is if a part of it cannot be moved', async () => {
  const whole = contents();
  before.rename = async (from) => {
    if (from === join(home, 'peers')) throw Object.assign(new Error('a mount point'), { code: 'EBUSY' });
  };
  await expect(removeHome(home)).rejects.toMatchObject({ code: 'ERR_FILE' });
  expect(contents()).toEqual(whole);
});

it.each([true, false])(
  'all of it stays where it is if a session begins meanwhile (not its first: %j)',
  async (later) => {
    const locks = join(home, 'identity.json.ledger', 'locks');
    if (later) mkdirSync(locks, { recursive: true });
    const whole = contents();
    let held: Awaited<ReturnType<SocketLocks['hold']>>;
    before.rename = async () => {
      before.rename = async () => undefined;
      held = await new SocketLocks(locks).hold('a session', 0);
    };
    await expect(removeHome(home)).rejects.toMatchObject({ code: 'ERR_SESSION_BUSY' });
    await held!.release();
    if (!later) rmSync(join(home, 'identity.json.ledger'), { recursive: true });
    expect(contents()).toEqual(whole);
  },
);
