import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { desk, freePort, inProcess, start, strikeDeal } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });

const { files, put, path, terms } = desk();
const sealed = put('sealed.json', { ...terms, security: 'malicious' });
const sides = [
  { role: 'seller', key: files.sellerKey, mandate: files.asks, reservation: '451234' },
  { role: 'buyer', key: files.buyerKey, mandate: files.bids, reservation: '520001' },
] as const;

it('seals bids, opens them later, and keeps a ledger', async () => {
  const agreement = await strikeDeal(sealed, path, {
    host: ['--mandate', files.asks, '--identity', files.sellerKey],
    guest: ['--mandate', files.bids, '--identity', files.buyerKey],
  });

  const openings: string[] = [];
  for (const { role, key } of sides) {
    expect(statSync(`${key}.seal`).mode & 0o777).toBe(0o600);
    const out = path(`${role}.opening`);
    expect((await inProcess('open', agreement, '--identity', key, '--out', out)).code).toBe(0);
    openings.push('--opening', out);
  }
  const both = await inProcess('verify', '--unpinned', agreement, ...openings, '--json');
  expect(both.code).toBe(0);
  expect(both.stderr).toContain('the seller had entered 4,512.34 USD');
  expect(JSON.parse(both.stdout)).toMatchObject({
    valid: true,
    openings: { seller: { reservation: '451234' }, buyer: { reservation: '520001' } },
    confirmed: true,
  });
  const one = await inProcess('verify', '--unpinned', agreement, ...openings.slice(0, 2), '--json');
  expect(JSON.parse(one.stdout)).toMatchObject({ openings: { seller: {} }, confirmed: false });
  expect(
    (await inProcess('verify', '--unpinned', agreement, ...openings, ...openings.slice(0, 2))).code,
  ).toBe(2);

  const opening = JSON.parse(readFileSync(path('seller.opening'), 'utf8'));
  for (const [change, code] of [
    [{ value: `${BigInt(opening.value) + 1n}` }, 'ERR_OPENING_INVALID'],
    [
      { agreement: opening.agreement.replace(/^./, (first: string) => (first === 'A' ? 'B' : 'A')) },
      'ERR_OPENING_AGREEMENT',
    ],
    [{ party: 'buyer' }, 'ERR_OPENING_AGREEMENT'],
    [{ party: 'broker' }, 'ERR_OPENING_INVALID'],
  ] as const) {
    const changed = put('changed.opening', { ...opening, ...change });
    const bad = await inProcess('verify', agreement, '--opening', changed, '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toEqual({ valid: false, code });
  }

  // Each side has verified the other's seal key, and will not do so again.
  for (const { key } of sides) {
    expect(readFileSync(`${key}.ledger/verified-seal-keys`, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  }

  for (const { key } of sides) {
    const listed = JSON.parse((await inProcess('ledger', '--identity', key, '--json')).stdout);
    expect(listed.peers).toHaveLength(1);
    expect(listed.peers[0].attempts).toMatchObject([{ matter: 'used car', agreed: true }]);
  }

  // Another bid on the same matter is refused by this side's own ledger, before anything is released.
  const again = await freePort();
  const second = start([
    ...['host', '--terms', put('again.json', { ...terms, security: 'malicious', nonce: 'A'.repeat(22) })],
    ...['--mandate', put('other.json', { reservation: '460000' }), '--identity', files.sellerKey, '--json'],
    ...['--listen', `127.0.0.1:${again}`, '--wait', '60s', '--out', path('again.agreement')],
  ]);
  await second.said('waiting for');
  const retry = await inProcess(
    ...['join', '--terms', path('again.json'), '--mandate', files.bids, '--identity', files.buyerKey],
    ...['--connect', `127.0.0.1:${again}`, '--out', path('retry.agreement')],
  );
  const { code, stdout } = await second.ended;
  expect([code, retry.code]).toEqual([1, 1]);
  expect(JSON.parse(stdout).error.code).toMatch(/^ERR_(ATTEMPTS_EXHAUSTED|PEER_ABORTED)$/);

  writeFileSync(path('no.agreement'), '{}');
  const key = ['--identity', files.sellerKey, '--out', path('x')];
  const notSigned = await inProcess('open', path('no.agreement'), ...key);
  expect(notSigned).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not a signed Parley document'),
  });

  writeFileSync(`${files.sellerKey}.seal`, '{"parley":1}');
  const damaged = await inProcess('open', agreement, ...key);
  expect(damaged).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a seal key') });
});
