import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import { formatInvite, makeInvite } from '../../src/desk/invite.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import { isLocked, lockIdentity, unlockIdentity } from '../../src/documents/passphrase.ts';
import { WIRE_VERSION } from '../../src/link/handshake.ts';
import { filePeers } from '../../src/node/home/peers.ts';
import { listen } from '../../src/node/net/tcp.ts';
import { desk, freePort, inProcess, start } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const { files, put, path, seller, draft } = desk();
let home: string;
const before = process.env.PARLEY_HOME;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-home-'));
  process.env.PARLEY_HOME = home;
});
afterAll(() => {
  if (before === undefined) delete process.env.PARLEY_HOME;
  else process.env.PARLEY_HOME = before;
});

const someone = await fingerprint(seller.publicKey);
const inviteTo = (port: number) =>
  formatInvite(
    makeInvite(
      someone,
      { kind: 'direct', endpoint: { transport: 'tcp', host: '127.0.0.1', port, path: '' } },
      systemRandom,
    ),
  );
const joining = ['--mandate', files.bids, '--terms', files.draft];

describe('bad use of invites', () => {
  const nonced = put('nonced.json', { ...draft, nonce: 'AAECAwQFBgcICQoLDA0ODw' });
  const past = put('past.json', { ...draft, expires: '2020-01-01T00:00:00Z' });
  const hosting = ['host', '--terms', files.draft, '--mandate', files.asks];
  const good = inviteTo(1);
  const shared = mkdtempSync(join(tmpdir(), 'parley-home-'));
  beforeEach(() => {
    process.env.PARLEY_HOME = shared; // keys are made once
  });
  it.each<[string, readonly string[], string, number]>([
    ['something else', ['join', 'hello', ...joining], 'ERR_INVITE_INVALID', 2],
    [
      'a mistyped one',
      ['join', good.replace(/-(.)/, (_, c) => (c === 'A' ? '-B' : '-A')), ...joining],
      'ERR_INVITE_INVALID',
      2,
    ],
    ['an invite and an address', ['join', good, '--connect', '127.0.0.1:1', ...joining], 'ERR_USAGE', 2],
    ['an invite without a pipe, over one', ['join', good, '--stdio', ...joining], 'ERR_USAGE', 2],
    ['nobody to accept the terms', ['join', good, '--mandate', files.bids], 'ERR_USAGE', 2],
    ['nobody to type a figure', ['join', good, '--terms', files.draft], 'ERR_USAGE', 2],
    ['a name that is a path', ['join', good, '--name', '../x', ...joining], 'ERR_USAGE', 2],
    ['nobody to say the role', hosting, 'ERR_USAGE', 2],
    [
      'a relay and a port',
      [...hosting, '--role', 'seller', '--relay', 'x:1', '--listen', '1'],
      'ERR_USAGE',
      2,
    ],
    ['a relay without a port', [...hosting, '--role', 'seller', '--relay', 'x'], 'ERR_USAGE', 2],
    ['a draft with a nonce', ['host', '--terms', nonced, '--role', 'seller'], 'ERR_TERMS_INVALID', 2],
    ['a draft that has expired', ['host', '--terms', past, '--role', 'seller'], 'ERR_TERMS_EXPIRED', 1],
    ['an unknown role', [...hosting, '--role', 'broker'], 'ERR_USAGE', 2],
    [
      'an address that cannot be',
      [...hosting, '--role', 'seller', '--listen', '127.0.0.1:0', '--address', 'a b'],
      'ERR_USAGE',
      2,
    ],
    ['no shell', ['completion', 'tcsh'], 'ERR_USAGE', 2],
    ['a passphrase and no terminal', ['keygen', '--passphrase', '--out', path('locked.key')], 'ERR_USAGE', 2],
  ])('%s', async (_, args, code, exit) => {
    const { stderr, ...told } = await inProcess(...args);
    expect(told.code).toBe(exit);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^parley: .+; .+/);
    if (args.includes('--stdio')) return;
    const printed = await inProcess(...args, '--json');
    const last = printed.stdout.trimEnd().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ error: { code, hint: expect.stringMatching(/./) } });
  });

  it('no identity yet', async () => {
    process.env.PARLEY_HOME = join(home, 'empty');
    const { code, stderr } = await inProcess('whoami');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^parley: there is no identity yet; parley host and parley join make one/);
  });

  it('nobody is there any more', async () => {
    const port = await freePort();
    const { code, stderr } = await inProcess('join', inviteTo(port), ...joining);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /parley: nobody is listening at 127\.0\.0\.1:\d+; the invite has been used or has expired: ask/,
    );
  });

  it('the host there has another invite by now', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const dropping = (async () => {
      for (let channel = await listener.accept(); channel !== undefined; channel = await listener.accept()) {
        await channel.receive();
        channel.destroy();
      }
    })();
    const { code, stderr } = await inProcess('join', inviteTo(listener.address.port), ...joining);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /parley: the host refused this invite; it was used already, was replaced by a newer one, or has expired; ask/,
    );
    await listener.close();
    await dropping;
  });
});

describe('with files, and nobody to ask', () => {
  it('an invite goes through strangers to a deal, and makes known who the other is', async () => {
    const env = { PARLEY_HOME: join(home, 'host') };
    const quick = put('quick.json', { ...draft, security: 'semi-honest' });
    const host = start(
      [
        'host',
        '--terms',
        quick,
        '--role',
        'seller',
        '--mandate',
        files.asks,
        '--listen',
        '127.0.0.1:0',
      ].concat(['--wait', '50s', '--out', path('host.agreement')]),
      { env },
    );
    const invite = /parley1-\S+/.exec(await host.printed('parley1-'))![0];
    await host.said('listening on');
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      `PARLEY${String.fromCharCode(WIRE_VERSION)}\u0001${'x'.repeat(48)}`,
    ]) {
      await new Promise((resolve) => {
        const socket = createConnection({ host: '127.0.0.1', port: Number(invite.split(':').at(-1)) });
        socket
          .end(garbage, 'latin1')
          .resume()
          .on('close', resolve)
          .on('error', () => undefined);
      });
    }
    const join_ = await inProcess(
      ...['join', invite, '--name', 'sally', '--mandate', files.bids, '--terms', quick, '--json'],
    );
    expect(join_.code).toBe(0);
    expect(JSON.parse(join_.stdout)).toMatchObject({ outcome: { deal: true, price: '485617' } });
    const { code, stderr } = await host.ended;
    expect(code).toBe(0);
    expect(stderr.match(/refused a stranger/g)).toHaveLength(1);
    expect(stderr).toContain('refused a stranger (what connected does not speak Parley); still listening');
    expect(stderr).toContain('somebody came with another invite than this one; still listening');
    expect(stderr).toContain('deal at 4,856.17 USD');
    const whoami = JSON.parse((await inProcess('whoami', '--json')).stdout);
    expect(whoami).toMatchObject({
      fingerprint: expect.stringMatching(/^[\w-]{43}$/),
      peers: [{ name: 'sally' }],
    });
    expect(invite).toContain(
      Buffer.from(whoami.peers[0].fingerprint, 'base64url').toString('base64url').slice(0, 40),
    );
    expect(statSync(join(home, 'identity.json')).mode & 0o777).toBe(0o600);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('terms other than those expected are declined', async () => {
    const env = { PARLEY_HOME: join(home, 'host') };
    const host = start(
      [
        'host',
        '--terms',
        put('dear.json', { ...draft, subject: 'dear car', security: 'semi-honest' }),
        '--role',
        'seller',
      ].concat(['--mandate', files.asks, '--listen', '127.0.0.1:0']),
      { env },
    );
    const invite = /parley1-\S+/.exec(await host.printed('parley1-'))![0];
    const guest = await inProcess('join', invite, ...joining, '--json');
    expect(guest.code).toBe(1);
    expect(JSON.parse(guest.stdout)).toMatchObject({ error: { code: 'ERR_TERMS_DECLINED' } });
    const { code, stderr } = await host.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('parley: the other side declined the terms');
    expect(stderr).not.toContain('451234');
  });
});

it('a known peer with an invite of another key is refused loudly, and not even connected to', async () => {
  const folder = join(home, 'peers');
  await filePeers(folder).add('sally', generateIdentity().publicKey);
  const calling = ['join', inviteTo(await freePort()), '--name', 'sally', ...joining];
  const { code, stderr } = await inProcess(...calling);
  expect(code).toBe(1);
  expect(stderr).toContain('THE KEY OF sally HAS CHANGED');
  expect(stderr).toContain('parley: the key of sally has changed, so nothing was agreed');
  const printed = JSON.parse((await inProcess(...calling, '--json')).stdout);
  expect(printed.error).toMatchObject({
    code: 'ERR_PEER_IDENTITY',
    hint: expect.stringContaining(join(folder, 'sally.json')),
  });
});

describe('a key under a passphrase', () => {
  it('opens with it alone, and not at all once it is changed', async () => {
    const identity = generateIdentity();
    const file = await lockIdentity(identity, 'correct hörse');
    expect(isLocked(file)).toBe(true);
    expect(isLocked(identity.exportPrivate())).toBe(false);
    expect(JSON.stringify(file)).not.toContain(identity.exportPrivate().d);
    expect((await unlockIdentity(file, 'correct hörse'.normalize('NFD'))).publicKey).toEqual(
      identity.publicKey,
    );
    await expect(unlockIdentity(file, 'correct horse')).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    const header = JSON.parse(Buffer.from(file.protected!, 'base64url').toString());
    expect(header).toMatchObject({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 600_000 });
    for (const change of [{ p2c: 2_000_001 }, { alg: 'dir' }, { enc: 'A128GCM' }]) {
      const changed = Buffer.from(JSON.stringify({ ...header, ...change })).toString('base64url');
      const opened = unlockIdentity({ ...file, protected: changed }, 'correct hörse');
      await expect(opened).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
    }
    await expect(lockIdentity(identity, 'short')).rejects.toMatchObject({ code: 'ERR_PASSPHRASE' });
  });
});

describe('completion', () => {
  it('knows every command and its options', async () => {
    const scripts: Record<string, string> = {};
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await inProcess('completion', shell);
      expect(code).toBe(0);
      scripts[shell] = stdout;
    }
    expect(scripts.fish).toContain('-l max-disclosure -r');
    expect(scripts.zsh).toMatch(/^#compdef parley\n/);
    const bash = (line: string) =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `${scripts.bash}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _parley; echo "\${COMPREPLY[@]}"`,
        ],
        {
          encoding: 'utf8',
        },
      ).trim();
    expect(bash('parley jo')).toBe('join');
    expect(bash('parley host --rel')).toBe('--relay');
    expect(bash('parley terms n')).toBe('new');
    expect(bash('parley terms new --nea')).toBe('--near-miss');
    mkdirSync(path('mine'));
    writeFileSync(path('mine/car.json'), '');
    expect(bash(`parley host --terms ${path('mine')}/c`)).toBe(path('mine/car.json'));
    expect(existsSync(path('mine/car.json')) && readFileSync(path('mine/car.json'), 'utf8')).toBe('');
  });
});
