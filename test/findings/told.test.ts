import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { rawPublicKey } from '../../src/documents/identity.ts';
import {
  fingerprint,
  formatInvite,
  type InvitePlace,
  offerTerms,
  openSession,
  serializeAgreement,
} from '../../src/index.ts';
import { fileLedger, listen } from '../../src/node.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { closeAll, hasTerminals, person, type } from '../cli/pseudo-terminal.ts';
import { desk, freePort, inProcess, start } from '../cli/support.ts';
import { alice, bob } from '../paillier/keys.ts';
import * as pair from '../support/sessions.ts';
import { negotiateOn, sealKeyFile, termsOf } from './support.ts';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  networkInterfaces: () => ({ wifi: [{ address: '192.168.1.5', family: 'IPv4', internal: false }] }),
}));

const root = fileURLToPath(new URL('../..', import.meta.url));
const { files, folder, put, path, seller, buyer, draft } = desk();
const home = mkdtempSync(join(tmpdir(), 'parley-told-'));
process.env.PARLEY_HOME = home;
mkdirSync(join(home, 'peers'));
writeFileSync(join(home, 'peers', 'bob.json'), JSON.stringify(pair.seller.publicKey));
afterEach(closeAll);

put('seller.key.seal', sealKeyFile(alice, seller));
put('buyer.key.seal', sealKeyFile(bob, buyer));

const secret = new Uint8Array(16).fill(7);
const inviteTo = async (place: InvitePlace) =>
  formatInvite({ host: await fingerprint(seller.publicKey), secret, place });
const at = (host: string, port: number) => ({ transport: 'tcp' as const, host, port, path: '' });
const hosting = [
  'host',
  '--invite',
  '--terms',
  files.draft,
  '--identity',
  files.sellerKey,
  '--mandate',
  files.asks,
  '--role',
  'seller',
];
const joining = ['--identity', files.buyerKey, '--terms', files.draft, '--mandate', files.bids];

test('C2: whether a deal is possible, then at which price, are two questions', async () => {
  const directory = join(folder, 'two-questions');
  const both = {
    left: { sealKey: proveSealKey(alice, rawPublicKey(pair.seller.publicKey)), knownKeys: new Set<string>() },
    right: {
      sealKey: proveSealKey(bob, rawPublicKey(pair.buyer.publicKey)),
      knownKeys: new Set<string>(),
      ledger: await fileLedger(directory),
    },
  };
  for (const name of ['zopa', 'random-split']) {
    const terms = termsOf({ rule: { name }, security: 'malicious', seals: 'paillier' });
    const came = await negotiateOn(
      terms,
      { mandate: { reservation: 400n } },
      { mandate: { reservation: 500n } },
      both,
    );
    expect(came.ended, name).toEqual(['ok', 'ok']);
  }
});

describe.runIf(hasTerminals)('C7, C15: at a terminal of 80 columns', () => {
  test('C7: a person is asked after a few plain sentences', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => listener.close());
    const place: InvitePlace = { kind: 'direct', endpoint: at('127.0.0.1', listener.address.port) };
    const guest = type(
      person(),
      `parley join ${await inviteTo(place)} --identity ${files.buyerKey} --ledger ${path('guest.ledger')}`,
    );
    const session = await openSession({ channel: (await listener.accept())!, identity: seller, secret });
    onTestFinished(() => session.destroy());
    const { completeOffer, rules } = await import('../../src/index.ts');
    const rule = rules.find(({ name }) => name === 'split')!;
    offerTerms(session, completeOffer(draft as never, session, 'seller', rule)).catch(() => undefined);
    await guest.sees('[y/N]');
    const shown = guest.screen().split('connected with')[1]!;
    expect(shown).not.toMatch(/\bbits\b|equilibri/);
    expect(shown.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(14);
  });

  test('C15: no word is broken at the edge', async () => {
    const joins = type(person(), 'parley join hello');
    await joins.ended;
    expect(
      joins
        .screen()
        .split('\n')
        .filter((line) => [...line].length > 80),
    ).toEqual([]);
  });
});

describe('C8: the line to send', () => {
  test('C8: can be run by somebody who has not got this folder', async () => {
    const host = start([...hosting, '--listen', `127.0.0.1:${await freePort()}`], {
      env: { npm_lifecycle_event: 'parley', npm_command: 'run-script' },
    });
    expect(await host.printed('parley1-')).not.toContain('npm run');
  });
});

describe('C9: each cause has its own sentence', () => {
  test('C9: a host that no name server knows', async () => {
    const invite = await inviteTo({ kind: 'direct', endpoint: at('no-such-host.invalid', 4466) });
    const { stderr } = await inProcess('join', invite, ...joining);
    expect(stderr.trimEnd().split('\n').at(-1)).not.toMatch(/has been used|has expired/);
  });

  test('C9: a relay that is not there', async () => {
    const invite = await inviteTo({ kind: 'relay', endpoint: at('127.0.0.1', await freePort()) });
    const { stderr } = await inProcess('join', invite, ...joining);
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('relay');
    expect(stderr.trimEnd().split('\n').at(-1)).not.toMatch(/other side|used|expired/);
  });
});

describe('C13: what was agreed is told in people’s words', () => {
  const menu = {
    issues: [
      { name: 'Price', values: ['4.37', '4.12'] },
      { name: 'Delivery', values: ['60 days', '45 days'] },
    ],
  };
  const rated = { mandate: { reservation: 0.1, utilities: [0.9, 0.5, 0.5, 0.2] } };

  test('C13: an agreement on a menu is valid', async () => {
    const { agreement } = await negotiateOn(
      termsOf({ rule: { name: 'menu', solution: 'nash' }, menu }),
      rated,
      rated,
    );
    writeFileSync(path('menu.json'), serializeAgreement(agreement!));
    expect((await inProcess('verify', path('menu.json'))).stderr).toContain('valid agreement');
  });

  test('C13: verify names issues in the order of the terms', async () => {
    expect((await inProcess('verify', path('menu.json'))).stderr).toMatch(/Price.*Delivery/s);
  });

  test('C13: show prints all terms of an agreement', async () => {
    const { code, stdout, stderr } = await inProcess('show', path('menu.json'));
    expect(code).toBe(0);
    for (const part of ['used car', '4.12', '45 days', '2999', 'nash'])
      expect(stdout + stderr).toContain(part);
  });

  test('C13: verify knows peers by the names that a person gave them', async () => {
    const { code, stderr } = await inProcess('verify', path('menu.json'), '--party', 'a=bob');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('bob');
  });

  test('C13: so does the ledger', async () => {
    const directory = path('named.ledger');
    const right = { ledger: await fileLedger(directory) };
    await negotiateOn(
      termsOf(),
      { mandate: { reservation: 400n } },
      { mandate: { reservation: 500n } },
      { right },
    );
    const { stderr } = await inProcess('ledger', '--ledger', directory);
    expect(stderr).toContain('used car');
    expect(stderr).toContain('bob');
  });
});

describe('C15: what surprises is said', () => {
  test('C15: an invite to an address of this network only', async () => {
    const { stdout, stderr } = await inProcess(...hosting, '--wait', '1s');
    expect(stdout).toContain('@192.168.1.5:');
    expect(stderr).toMatch(/same network|local network|private address/i);
  });

  test('C15: bench --help measures nothing', async () => {
    const line = ['--import', import.meta.resolve('tsx'), join(root, 'bench/main.ts'), '--help'];
    const bench = spawn(process.execPath, line, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = await new Promise<string>((resolve) => {
      for (const stream of [bench.stdout, bench.stderr])
        stream.once('data', (chunk) => resolve(String(chunk)));
      bench.once('exit', () => resolve(''));
    });
    bench.kill('SIGKILL');
    expect(said).toMatch(/usage|npm run bench/i);
  });
});
