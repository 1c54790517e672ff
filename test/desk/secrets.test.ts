import { beforeEach, expect, it, vi } from 'vitest';
import { host } from '../../src/desk/host.ts';
import type { Invite } from '../../src/desk/invite.ts';
import { join } from '../../src/desk/join.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { anyHome } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { codes } from '../support/sessions.ts';

/** Every invite that was made or read, with its secret as it was then. */
const seen: { readonly invite: Invite; readonly secret: Uint8Array }[] = [];
vi.mock('../../src/desk/invite.ts', async (original) => {
  const actual = await original<typeof import('../../src/desk/invite.ts')>();
  const keep = (invite: Invite) => {
    seen.push({ invite, secret: invite.secret.slice() });
    return invite;
  };
  return {
    ...actual,
    makeInvite: (...given: Parameters<typeof actual.makeInvite>) => keep(actual.makeInvite(...given)),
    parseInvite: (text: string) => keep(actual.parseInvite(text)),
  };
});
beforeEach(() => {
  seen.length = 0;
});

const terms = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000' },
  security: 'semi-honest',
} as const;
const options = { network: memoryNetwork(), terms, wait: 20_000, timeout: 20_000 };
const selling = () => ({ ...options, home: anyHome('host'), role: 'seller', mandate: { reservation: 400n } });
const buying = () => ({ ...options, home: anyHome('join'), mandate: { reservation: 500n } });

function expectZeroed(count: number): void {
  expect(seen).toHaveLength(count);
  for (const { invite, secret } of seen) {
    expect(secret.some((byte) => byte !== 0)).toBe(true);
    expect(invite.secret.every((byte) => byte === 0)).toBe(true);
  }
}

it('the secret of an invite is gone once the two have met', async () => {
  const { invite, result } = host(selling());
  await Promise.all([join({ ...buying(), invite: await invite }), result]);
  expectZeroed(2);
  expect(seen[0]!.secret).toEqual(seen[1]!.secret);
});

it('and over a connection that something else makes', async () => {
  const [left, right] = memoryChannelPair();
  const { invite, result } = host({ ...selling(), channel: left });
  await Promise.all([join({ ...buying(), invite: await invite, channel: right }), result]);
  expectZeroed(2);
});

it('and where the host stops waiting', async () => {
  const stop = new AbortController();
  const { invite, result } = host({ ...selling(), signal: stop.signal });
  await invite;
  stop.abort();
  expect(await codes([result])).toEqual(['ERR_CANCELLED']);
  expectZeroed(1);
});

it('and where the relay is not there', async () => {
  const { result } = host({ ...selling(), relay: '192.0.2.7:9' });
  expect(await codes([result])).toEqual(['ERR_CONNECT']);
  expectZeroed(1);
});

it.each([
  ['nobody comes', { wait: 50 }, undefined, ['ERR_TIMEOUT']],
  ['nobody is there', { wait: 50 }, {}, ['ERR_TIMEOUT', 'ERR_CONNECT']],
  ['nobody can answer', { wait: 50 }, { mandate: undefined }, ['ERR_TIMEOUT', 'ERR_USAGE']],
] as const)('and where %s', async (_, atHost, atJoin, expected) => {
  const { invite, result } = host({ ...selling(), ...atHost });
  const text = await invite;
  const found = await codes([result]);
  if (atJoin !== undefined) found.push(...(await codes([join({ ...buying(), ...atJoin, invite: text })])));
  expect(found).toEqual(expected);
  expectZeroed(atJoin === undefined ? 1 : 2);
});
