import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { integerToBytes } from '../../src/crypto/integers.ts';
import { host } from '../../src/desk/host.ts';
import { parseInvite } from '../../src/desk/invite.ts';
import { join as follow } from '../../src/desk/join.ts';
import { generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { decodeBase64url } from '../../src/documents/json.ts';
import { lockIdentity } from '../../src/documents/passphrase.ts';
import { fileHome } from '../../src/node/home/home.ts';
import { openLineLog } from '../../src/node/home/line-log.ts';
import { nodeNetwork } from '../../src/node/net/network.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { alice } from '../paillier/keys.ts';
import { findPlanted } from '../support/planted.ts';

vi.mock('../../src/documents/passphrase-cost.ts', () => import('../support/quick-passphrases.ts'));

const root = mkdtempSync(join(tmpdir(), 'parley-log-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('a file of lines', () => {
  it('is added to, and is its owner’s only', async () => {
    const path = join(root, 'a.jsonl');
    const event = 'sent';
    for (let run = 0; run < 2; run++) {
      const log = await openLineLog(path, () => expect.unreachable());
      for (let line = 0; line < 3; line++) {
        log.write({ run, event, line });
        if (line === 1) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await log.settle();
    }
    const lines = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([0, 1].flatMap((run) => [0, 1, 2].map((line) => ({ run, event, line }))));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.runIf(process.platform === 'linux')('that cannot be written is said once', async () => {
    const troubles: unknown[] = [];
    const log = await openLineLog('/dev/full', (error) => troubles.push(error));
    for (let line = 0; line < 3; line++) {
      log.write({ line });
      await log.settle();
    }
    expect(troubles).toMatchObject([{ code: 'ERR_FILE', message: expect.stringContaining('no space left') }]);
  });

  it('that is something else, such as a key, is left as it is', async () => {
    for (const content of [JSON.stringify(generateIdentity().exportPrivate()), '{"ti', 'notes\n']) {
      const path = join(root, 'else.json');
      writeFileSync(path, content);
      const opened = openLineLog(path, () => expect.unreachable());
      await expect(opened).rejects.toMatchObject({
        code: 'ERR_FILE',
        message: expect.stringContaining('no log'),
      });
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
  });

  it.runIf(process.platform === 'linux')('that is a pipe nobody reads holds nobody up', async () => {
    const path = join(root, 'pipe');
    execFileSync('mkfifo', [path]);
    const opened = openLineLog(path, () => expect.unreachable());
    const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'late'));
    const first = await Promise.race([opened.catch(({ code }) => code), late]);
    // Whoever waits for a reader gets one, so that the test can end.
    if (first === 'late') closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    expect(first).toBe('ERR_FILE');
  });

  it('that cannot be opened is refused', async () => {
    for (const path of [join(root, 'no', 'a.jsonl'), root]) {
      await expect(openLineLog(path, () => undefined)).rejects.toMatchObject({ code: 'ERR_FILE' });
    }
  });
});

it('nothing that was planted in a negotiation is in its logs, nor in those of one that fails', async () => {
  const PASSPHRASE = 'correct horse battery';
  const limits = [48_213_577_041n, 77_120_934_555n] as const;
  const folder = mkdtempSync(join(root, 'at-'));
  const identities = [generateIdentity(), generateIdentity()] as const;
  const files = ['host.key', 'guest.key'].map((name) => join(folder, name));
  writeFileSync(files[0]!, JSON.stringify(await lockIdentity(identities[0], PASSPHRASE)));
  writeFileSync(files[1]!, JSON.stringify(identities[1].exportPrivate()));
  const logs = await Promise.all(
    files.map((file) => openLineLog(`${file}.jsonl`, () => expect.unreachable())),
  );
  const secrets: Record<string, Uint8Array | string> = { PASSPHRASE };
  const planted = async (at: 0 | 1) => {
    const home = fileHome({ folder, identity: files[at], keepsAgreements: false });
    if (at === 1) await home.keepSealKey(proveSealKey(alice, rawPublicKey(identities[at].publicKey)));
    const person = { passphrase: () => PASSPHRASE, accepts: () => true };
    const log = logs[at]!.write;
    const { exportPrivate } = identities[at];
    secrets[`key ${at}`] = decodeBase64url(exportPrivate.call(identities[at]).d)!;
    secrets[`limit ${at}`] = integerToBytes(limits[at], 8);
    secrets[`limit ${at} as text`] = limits[at].toString();
    return {
      home,
      person,
      log,
      network: nodeNetwork,
      mandate: { reservation: limits[at] },
      wait: 20_000,
      timeout: 20_000,
    };
  };
  const terms = {
    parley: 1,
    subject: 'used car',
    rule: { name: 'split' },
    range: { min: '0', max: '1000000000000' },
  } as const;
  const [mine, theirs] = [await planted(0), await planted(1)];
  const { invite, result } = host({
    ...mine,
    terms,
    role: 'seller',
    listen: '127.0.0.1:0',
    address: { transport: 'tcp', host: '127.0.0.1', port: 0, path: '' },
  });
  const line = await invite;
  secrets.invite = line.split('@')[0]!;
  secrets['secret of the invite'] = parseInvite(line).secret;
  const [, joined] = await Promise.all([result, follow({ ...theirs, invite: line })]);
  expect(joined.deal).toBe(true);
  const again = follow({ ...theirs, invite: line }); // nobody is there any more
  await expect(again).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  const { p, q } = (await theirs.home.sealKey(identities[1].publicKey))!.key.exportJson();
  Object.assign(secrets, { p: decodeBase64url(p)!, q: decodeBase64url(q)! });
  await Promise.all(logs.map((log) => log.settle()));
  const [ours, others] = files.map((file) => readFileSync(`${file}.jsonl`, 'utf8'));
  for (const text of [ours!, others!]) {
    expect(text.length).toBeGreaterThan(2_000);
    expect(findPlanted(text, secrets)).toEqual([]);
  }
  // What finds them would have found them.
  expect(
    findPlanted(JSON.stringify({ invite: line, limit: String(limits[0]) }), secrets).map(
      ({ secret }) => secret,
    ),
  ).toEqual(expect.arrayContaining(['invite', 'limit 0 as text', 'limit 0', 'secret of the invite']));
  const events = others!
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one));
  expect(
    events.map(({ event }) => event).filter((event) => event !== 'sent' && event !== 'received'),
  ).toEqual([
    ...['dialled', 'connected', 'authenticated', 'accepted', 'terms'],
    ...['phase', 'phase', 'phase', 'phase', 'phase', 'closing', 'closed', 'over'],
    ...['dialled', 'over'],
  ]);
  expect(events.at(-1)).toMatchObject({ event: 'over', code: 'ERR_CONNECT' });
  expect(ours).toContain('"event":"listening"');
}, 180_000);
