import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeBase64url } from '../../src/documents/json.ts';
import type { LogLine } from '../../src/link/log.ts';
import { findPlanted } from '../support/planted.ts';
import { desk, freePort, inProcess, parley, start } from './support.ts';

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine & { side?: string });

test('two people find out from their logs that they have different terms', async () => {
  const { files, put, path, terms } = desk();
  const port = await freePort();
  const other = put('other.json', { ...terms, subject: 'used cars' });
  const host = start([
    ...['host', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks],
    ...['--listen', `127.0.0.1:${port}`, '--json', '--log', path('host.log')],
  ]);
  await host.said('waiting for');
  const guest = await parley(
    ...['join', '--terms', other, '--identity', files.buyerKey, '--mandate', files.bids],
    ...['--connect', `127.0.0.1:${port}`, '--json', '--log', path('guest.log')],
  );
  expect([guest.code, (await host.ended).code]).toEqual([1, 1]);
  const [left, right] = [linesOf(path('host.log')), linesOf(path('guest.log'))];
  expect(left[0]).toMatchObject({ event: 'listening', endpoint: `127.0.0.1:${port}`, relay: false });
  expect(right[0]).toMatchObject({ event: 'dialled', endpoint: `127.0.0.1:${port}`, relay: false });
  const [mine, theirs] = [left, right].map(
    (lines) => lines.find(({ event }) => event === 'terms') as Extract<LogLine, { event: 'terms' }>,
  );
  expect(mine!.session).toBe(theirs!.session);
  expect(mine!.digest).not.toBe(theirs!.digest);
  for (const lines of [left, right]) expect(lines.at(-1)!.event).toBe('over');
  expect([left, right].map((lines) => lines.at(-1))).toContainEqual(
    expect.objectContaining({ code: 'ERR_TERMS_MISMATCH' }),
  );
  expect(statSync(path('host.log')).mode & 0o777).toBe(0o600);
}, 180_000);

test('run logs both sides, and nothing that they keep to themselves', async () => {
  const { files, path, seller, buyer } = desk();
  for (let run = 0; run < 2; run++) {
    const done = await parley(
      ...['run', '--terms', files.draft, '--mandate-a', files.asks, '--mandate-b', files.bids],
      ...['--security', 'semi-honest', '--log', path('run.log')],
    );
    expect(done.code).toBe(0);
  }
  const lines = linesOf(path('run.log'));
  expect(new Set(lines.map(({ side }) => side))).toEqual(new Set(['seller', 'buyer']));
  expect(lines.filter(({ event }) => event === 'closed')).toHaveLength(4);
  expect(new Set(lines.map(({ session }) => session)).size).toBe(1 + 2);
  const secrets = {
    asks: '451234',
    bids: '520001',
    ...{
      seller: decodeBase64url(seller.exportPrivate().d)!,
      buyer: decodeBase64url(buyer.exportPrivate().d)!,
    },
  };
  expect(findPlanted(readFileSync(path('run.log')), secrets)).toEqual([]);
}, 180_000);

test.runIf(process.platform === 'linux')(
  'a log that cannot be written is said once, and ends nothing',
  async () => {
    const { files } = desk();
    const run = [
      'run',
      '--terms',
      files.draft,
      '--mandate-a',
      files.asks,
      '--mandate-b',
      files.bids,
      '--security',
      'semi-honest',
    ];
    const done = await parley(...run, '--json', '--log', '/dev/full');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout).outcome.deal).toBe(true);
    expect(done.stderr.match(/the log ends here/g)).toHaveLength(1);
    expect(await inProcess(...run, '--log', '/no/such/folder/run.log')).toMatchObject({ code: 2 });
  },
  180_000,
);
