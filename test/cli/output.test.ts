import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { fileLedger } from '../../src/node.ts';
import { desk, freePort, start } from './support.ts';

const { files, path } = desk();
const agreement = fileURLToPath(new URL('../fixtures/v1/split-deal.json', import.meta.url));

/** A command in this process whose standard output takes nothing, or goes away: its exit code and what it says. */
async function refused(code: 'ENOSPC' | 'EPIPE', args: readonly string[]) {
  let stderr = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => {
    process.stdout.emit('error', Object.assign(new Error(code), { code }));
    return false;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    return { code: await runCommandLine(args, new AbortController().signal), stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

const price = ['--subject', 'car', '--rule', 'zopa', '--min', '0', '--max', '9'];

describe('B17: standard output that takes nothing is an error of every command', () => {
  test.each([
    ['keygen', '--out', path('new.key')],
    ['terms', 'new', ...price],
    ['terms', 'new', ...price, '--out', path('new.json'), '--json'],
    ['terms', 'check', files.terms, '--json'],
    ['leak', '--terms', files.terms, '--json'],
    ['circuit', '--terms', files.terms, '--json'],
    ['ledger', '--ledger', path('none'), '--json'],
    ['verify', agreement, '--json'],
    ['verify', agreement, '--unpinned', '--json'],
    ['show', agreement, '--json'],
    ['whoami', '--identity', files.sellerKey],
    ['completion', 'bash'],
    ['--help'],
    ['--version'],
  ])('B17: %s %s', async (...args) => {
    const full = await refused('ENOSPC', args);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('(no space left)') });
  });

  test('B17: so is a reader that is gone, and what was written to files stays', async () => {
    const out = path('kept.key');
    const { code, stderr } = await refused('EPIPE', ['keygen', '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toContain('standard output did not take what was printed (its reader is gone)');
    expect(existsSync(out)).toBe(true);
  });

  test('B17: an agreement for which nobody waits any more is in the ledger, and nobody has to hear of it', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const [kept, out] = [path('kept.ledger'), path('unheard.json')];
    const host = start([
      ...['host', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks],
      ...['--listen', address, '--ledger', kept, '--json'],
    ]);
    await host.said('waiting for');
    host.child.stdout!.destroy();
    const guest = start([
      ...['join', '--terms', files.terms, '--identity', files.buyerKey, '--mandate', files.bids],
      ...['--connect', address, '--out', out],
    ]);
    guest.child.stderr!.destroy();
    const [hosted, joined] = [await host.ended, await guest.ended];
    expect(hosted.code).toBe(1);
    expect(hosted.stderr).toContain('the deal stands, but standard output did not take what was printed');
    expect(hosted.stderr).toContain(`ledger --ledger ${kept} --agreement`);
    expect(await (await fileLedger(kept)).agreements()).toHaveLength(1);
    expect(joined.code).toBe(0);
    expect(existsSync(out)).toBe(true);
  }, 60_000);
});
