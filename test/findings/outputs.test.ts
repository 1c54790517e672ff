import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { negotiate } from '../../src/index.ts';
import { connect, fileLedger } from '../../src/node.ts';
import { desk, freePort, inProcess, start } from '../cli/support.ts';
import { program } from '../support/program.ts';
import { openPair } from '../support/sessions.ts';
import { termsOf } from './support.ts';

const { files, folder, path, put, terms, seller, buyer } = desk();

/** `parley …` as a process of its own, with its standard output and error where a test wants them. */
function parley(args: readonly string[], stdout: number | 'pipe' | 'ignore', stderr: 'pipe' | 'ignore') {
  const child = spawn(process.execPath, [...program('src/cli/main.ts'), ...args], {
    cwd: folder,
    stdio: ['ignore', stdout, stderr],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The exit code of a command whose standard output goes to a full disk. */
async function onFullDisk(...args: string[]): Promise<number> {
  const [code] = await once(parley(args, openSync('/dev/full', 'w'), 'ignore'), 'exit');
  return code as number;
}

describe('B7: a deal that is made is not lost', () => {
  const asBuyer = ['--terms', files.terms, '--identity', files.buyerKey, '--mandate', files.bids];

  test('B7: an agreement that could not be saved is refused before anybody is met', async () => {
    const out = join(folder, 'missing', 'agreement.json');
    const address = `127.0.0.1:${await freePort()}`;
    const { code, stdout } = await inProcess(
      'join',
      ...asBuyer,
      '--connect',
      address,
      '--out',
      out,
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_FILE' } });
    expect(code).toBe(2);
  });

  test('B7: a folder that goes away meanwhile does not take the outcome with it', async () => {
    const folderOfSeller = path('away');
    mkdirSync(folderOfSeller);
    const port = await freePort();
    const host = start([
      ...['host', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks],
      ...['--listen', `127.0.0.1:${port}`, '--out', join(folderOfSeller, 'agreement.json')],
    ]);
    await host.said('listening');
    rmSync(folderOfSeller, { recursive: true });
    const result = await negotiate({
      channel: await connect({ host: '127.0.0.1', port }),
      identity: buyer,
      peer: seller.publicKey,
      terms,
      mandate: { reservation: 520_001n },
    } as Parameters<typeof negotiate>[0]);
    expect(result.deal).toBe(true);
    const { code, stderr } = await host.ended;
    expect(stderr).toContain('deal at 4,856.17 USD');
    expect(code).toBe(1);
  });

  test('B7: the ledger holds the agreement itself', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parley-agreed-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const [left, right] = await openPair({ right: { ledger: await fileLedger(directory) } });
    const [{ agreement }] = await Promise.all([
      left.negotiate({ terms: termsOf(), mandate: { reservation: 400n } }),
      right.negotiate({ terms: termsOf(), mandate: { reservation: 500n } }),
    ]);
    await Promise.all([left.close(), right.close()]);
    const kept = readdirSync(directory)
      .filter((file) => file.endsWith('.log'))
      .map((file) => readFileSync(join(directory, file), 'utf8'));
    expect(kept.some((text) => text.includes(agreement.payload))).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('B17: what could not be said was not said', () => {
  test('B17: a public key that could not be printed is no success', async () => {
    expect(await onFullDisk('keygen', '--out', path('full.key'))).not.toBe(0);
  });

  test('B17: nor are terms', async () => {
    const flags = ['--subject', 'car', '--rule', 'zopa', '--min', '0', '--max', '9'];
    expect(await onFullDisk('terms', 'new', ...flags)).not.toBe(0);
  });

  describe.runIf(process.env.PARLEY_FULL)('in full', () => {
    test('B17: nor is an agreement', async () => {
      const pair = [
        '--terms',
        put('pair.json', { ...terms, parties: undefined }),
        '--mandate-a',
        files.asks,
        '--mandate-b',
        files.bids,
      ];
      expect(await onFullDisk('run', ...pair, '--json')).not.toBe(0);
    }, 120_000);
  });

  test('B17: a reader of standard error that goes away ends no session', async () => {
    const port = await freePort();
    const host = parley(
      [
        ...['host', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks],
        ...['--listen', `127.0.0.1:${port}`, '--json', '--ledger', path('quiet.ledger')],
      ],
      'ignore',
      'pipe',
    );
    const exited = once(host, 'exit');
    for await (const chunk of host.stderr!) if (String(chunk).includes('listening')) break;
    const ended = negotiate({
      channel: await connect({ host: '127.0.0.1', port }),
      identity: buyer,
      peer: seller.publicKey,
      terms,
      mandate: { reservation: 520_001n },
    } as Parameters<typeof negotiate>[0]);
    await expect(ended).resolves.toMatchObject({ deal: true });
    expect(await exited).toEqual([0, null]);
  });
});
