import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateIdentity, thumbprint } from '../../src/documents/identity.ts';
import { desk, freePort, inProcess, start } from './support.ts';

const scope = {
  rules: ['split'],
  roles: ['seller', 'buyer'],
  minimumSecurity: 'semi-honest',
  unit: 'USD',
  decimals: 2,
  min: '0',
  max: '1000000',
};

/** A desk where an owner has a key, and has written down what the seller may do for it. */
function office() {
  const at = desk();
  const owners = [generateIdentity(), generateIdentity()] as const;
  const keys = owners.map((owner, i) => at.put(`owner-${i}.key`, owner.exportPrivate()));
  const publicKeys = owners.map(({ publicKey }) => publicKey);
  const draft = { delegate: at.seller.publicKey, scope, expires: '2999-01-01T00:00:00Z' };
  return {
    ...at,
    owners,
    keys: keys as [string, string],
    publicKeys,
    draft,
    certificate: at.path('certificate'),
  };
}

describe('a principal', () => {
  test('issues a certificate, and anybody checks it', async () => {
    const { put, draft, keys, owners, certificate, files } = office();
    const issued = await inProcess(
      'mandate',
      'issue',
      put('d.json', draft),
      '--out',
      certificate,
      '--identity',
      keys[0],
    );
    expect(issued).toMatchObject({ code: 0, stderr: `${certificate} is signed\n` });
    const principal = thumbprint(owners[0].publicKey);
    const checked = await inProcess(
      'mandate',
      'verify',
      certificate,
      '--principal',
      principal,
      '--terms',
      files.terms,
    );
    expect(checked.code).toBe(0);
    expect(checked.stderr).toContain('valid mandate certificate\n');
    expect(checked.stderr).toContain(`Principal: ${principal}`);
    expect(checked.stderr).toContain('Prices: from 0.00 USD to 10,000.00 USD');
    expect(checked.stderr).toContain('it covers these terms');
    expect((await inProcess('mandate', 'verify', certificate)).code).toBe(3);
    const wrong = await inProcess('mandate', 'verify', certificate, '--principal', 'x'.repeat(43), '--json');
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toEqual({ valid: false, code: 'ERR_DELEGATION_SIGNATURE' });
    const shown = await inProcess('show', certificate);
    expect(shown.stdout).toMatch(/^Mandate certificate\n/);
    const misread = await inProcess('verify', certificate);
    expect(misread).toMatchObject({ code: 1 });
    expect(misread.stderr).toContain('mandate verify');
  });

  test('of several members needs enough of them', async () => {
    const { put, path, draft, keys, publicKeys, certificate } = office();
    const given = put('d.json', { ...draft, principal: { members: publicKeys, threshold: 2 } });
    const half = path('half');
    const issued = await inProcess('mandate', 'issue', given, '--out', half, '--identity', keys[0], '--json');
    expect(JSON.parse(issued.stdout)).toEqual({ out: half, lacking: 1 });
    expect((await inProcess('mandate', 'verify', half, '--unpinned')).code).toBe(1);
    await inProcess('mandate', 'cosign', half, '--out', certificate, '--identity', keys[1]);
    expect((await inProcess('mandate', 'verify', certificate, '--unpinned')).code).toBe(0);
  });

  test('revokes it, and what was revoked stays revoked', async () => {
    const { put, path, draft, keys, certificate } = office();
    await inProcess('mandate', 'issue', put('d.json', draft), '--out', certificate, '--identity', keys[0]);
    const [empty, list, next] = [path('empty'), path('list'), path('next')];
    const own = ['--identity', keys[0]];
    await inProcess('mandate', 'revoke', '--of', certificate, '--out', empty, ...own);
    const verified = (revocations: string) =>
      inProcess('mandate', 'verify', certificate, '--unpinned', '--json', '--revocations', revocations);
    expect((await verified(empty)).code).toBe(0);
    await inProcess('mandate', 'revoke', certificate, '--out', list, ...own);
    await inProcess('mandate', 'revoke', '--of', list, '--out', next, ...own);
    for (const one of [list, next]) {
      expect(JSON.parse((await verified(one)).stdout)).toEqual({
        valid: false,
        code: 'ERR_DELEGATION_REVOKED',
      });
    }
    expect((await inProcess('show', next)).stdout).toMatch(/^List of revocations\n/);
    expect((await inProcess('mandate', 'revoke', '--out', path('none'), ...own)).code).toBe(2);
  });

  test('revokes only its own, and by a key that may', async () => {
    const { put, path, draft, keys, owners, certificate } = office();
    const other = path('other');
    const revoker = [owners[0].publicKey];
    for (const [out, key, changes] of [
      [certificate, keys[0], {}],
      [other, keys[1], { revokers: revoker }],
    ] as const) {
      const file = put(`${key.length}-${out.length}.json`, { ...draft, ...changes });
      await inProcess('mandate', 'issue', file, '--out', out, '--identity', key);
    }
    const revoke = (key: string, out: string, ...which: string[]) =>
      inProcess('mandate', 'revoke', ...which, '--out', path(out), '--identity', key);
    expect((await revoke(keys[0], 'both', certificate, other)).code).toBe(2);
    expect((await revoke(keys[1], 'foreign', certificate)).code).toBe(2);
    expect((await revoke(keys[0], 'allowed', other)).code).toBe(0);
    const checked = await inProcess('mandate', 'verify', other, '--unpinned');
    expect(checked.stderr).toContain('none was given (--revocations)');
  });

  test('sees whether it covers terms with their parties', async () => {
    const { put, draft, keys, owners, certificate, files } = office();
    await inProcess('mandate', 'issue', put('d.json', draft), '--out', certificate, '--identity', keys[0]);
    const terms = JSON.parse(readFileSync(files.terms, 'utf8'));
    const [seller, buyer] = owners.map(({ publicKey }) => publicKey);
    const strange = put('strange.json', { ...terms, parties: { seller, buyer } });
    const checked = await inProcess(
      'mandate',
      'verify',
      certificate,
      '--unpinned',
      '--json',
      '--terms',
      strange,
    );
    expect(JSON.parse(checked.stdout)).toEqual({ valid: false, code: 'ERR_DELEGATION_SCOPE' });
  });

  test('is told what a draft lacks', async () => {
    const { put, draft, keys, certificate } = office();
    const { scope: _, ...without } = draft;
    const issued = await inProcess(
      'mandate',
      'issue',
      put('d.json', without),
      '--out',
      certificate,
      '--identity',
      keys[0],
    );
    expect(issued).toMatchObject({ code: 2 });
    expect(issued.stderr).toContain('scope');
  });
});

test('a host acts for its principal, whom the other side sees and the agreement binds', async () => {
  const { put, path, draft, keys, owners, files, terms, certificate } = office();
  await inProcess('mandate', 'issue', put('d.json', draft), '--out', certificate, '--identity', keys[0]);
  const { parties: _, nonce: _nonce, expires: _expires, ...offered } = terms;
  const given = put('offered.json', offered);
  const port = await freePort();
  const hosting = start([
    ...['host', '--invite', '--terms', given, '--identity', files.sellerKey, '--role', 'seller'],
    ...[
      '--mandate',
      files.asks,
      '--as',
      certificate,
      '--listen',
      `127.0.0.1:${port}`,
      '--out',
      path('a.json'),
    ],
  ]);
  const invite = /parley1-\S+/.exec(await hosting.printed('parley1-'))![0];
  const digest = JSON.parse((await inProcess('mandate', 'verify', certificate, '--json')).stdout).digest;
  const expected = put('expected.json', { ...offered, mandates: { seller: digest } });
  const joined = await inProcess(
    ...['join', invite, '--identity', files.buyerKey, '--mandate', files.bids, '--terms', expected],
    ...['--out', path('b.json')],
  );
  const principal = thumbprint(owners[0].publicKey);
  expect(joined).toMatchObject({ code: 0 });
  expect(joined.stderr).toContain(
    `The seller acts for somebody else, whom the agreement will bind: ${principal}.`,
  );
  expect(joined.stderr).toContain(`--party seller=${principal}`);
  expect((await hosting.ended).code).toBe(0);
  expect(readFileSync(path('a.json'))).toEqual(readFileSync(path('b.json')));
  const verified = await inProcess('verify', path('b.json'), '--party', `seller=${principal}`);
  expect(verified.code).toBe(0);
  expect(verified.stderr).toContain(
    `bound by a delegate, ${thumbprint(JSON.parse(readFileSync(files.sellerPublic, 'utf8')))}`,
  );
  const byKey = await inProcess('verify', path('b.json'), '--party', `seller=${files.sellerPublic}`);
  expect(byKey.code).toBe(1);
}, 60_000);

test('--revocations without --as is refused', async () => {
  const { files, put } = office();
  const ended = await inProcess('host', '--terms', files.draft, '--revocations', put('x', '{}'));
  expect(ended).toMatchObject({ code: 2 });
});
