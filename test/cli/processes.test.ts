import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import { canonicalText } from '../../src/documents/json.ts';
import { parseTerms, type TermsDraft } from '../../src/documents/terms.ts';
import { WIRE_VERSION } from '../../src/link/handshake.ts';
import { connect as connectTo } from '../../src/node/net/tcp.ts';
import { openSession, type Session } from '../../src/session/index.ts';
import { desk, freePort, inProcess, parley, start } from './support.ts';

const { files, put, path, terms, seller, buyer } = desk();

vi.setConfig({ testTimeout: 120_000 });

describe('parley run', () => {
  it('runs both parties, and prints one JSON document', async () => {
    const { code, stdout, stderr } = await parley(
      ...['run', '--terms', files.draft, '--mandate-a', files.asks, '--mandate-b', files.bids],
      ...['--security', 'semi-honest', '--json'],
    );
    expect(code).toBe(0);
    const { outcome, agreement, stats } = JSON.parse(stdout);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(outcome).toEqual({ deal: true, price: '485617' });
    const count = expect.any(Number);
    expect(stats).toEqual({
      ands: count,
      bytes: { aToB: count, bToA: count },
      flights: count,
      ms: { total: count, setup: count },
      maxRssMiB: { a: count, b: count },
    });
    expect(stats.flights).toBeLessThanOrEqual(12);
    expect(stats.ms.total).toBeGreaterThan(stats.ms.setup);
    expect(stderr).toContain('deal at 4,856.17 USD');
    const saved = put('run.agreement', `${canonicalText(agreement)}\n`);
    expect((await inProcess('verify', saved, '--unpinned')).code).toBe(0);
  });

  it('tells no deal by the same exit code', async () => {
    const abstains = put('abstains.json', { abstain: true });
    const { code, stdout } = await parley(
      ...['run', '--terms', files.terms, '--mandate-a', abstains, '--mandate-b', files.bids, '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).outcome).toEqual({ deal: false });
  });
});

describe('parley demo', () => {
  it('tells a story, and verifies what came out', async () => {
    const { code, stdout, stderr } = await parley('demo', '--json');
    expect(code).toBe(0);
    const { deal, price } = JSON.parse(stdout).outcome;
    expect(deal).toBe(true);
    expect(Number(price)).toBeGreaterThanOrEqual(450_000);
    expect(Number(price)).toBeLessThanOrEqual(520_000);
    expect(stderr).toMatch(/Ana’s limit +4,500\.00 USD +never/); // C6: not from the price
    for (const part of ['Ana', 'Ben', 'deal at ', 'verified', 'parley verify', 'her seal']) {
      expect(stderr).toContain(part);
    }
    expect(stderr).not.toContain('\u001b');
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });
});

describe('parley keygen', () => {
  it('writes a private key once, mode 0600, and prints the public one', async () => {
    const out = path('new.key');
    const { code, stdout, stderr } = await parley('keygen', '--out', out);
    expect(code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const { d, ...rest } = JSON.parse(readFileSync(out, 'utf8'));
    expect(JSON.parse(stdout)).toEqual(rest);
    expect(stdout + stderr).not.toContain(d);
    const again = await inProcess('keygen', '--out', out, '--json');
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout).error.code).toBe('ERR_FILE');
    expect(JSON.parse(readFileSync(out, 'utf8')).d).toBe(d);
  });
});

describe('parley host and join', () => {
  it('survives a port scan and garbage, and ends with the same agreement on both sides', async () => {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const host = start([
      ...['host', '--terms', files.terms, '--mandate', files.asks, '--identity', files.sellerKey],
      ...['--listen', address, '--wait', '60s', '--out', path('seller.agreement')],
    ]);
    await host.said('waiting for the buyer');
    for (const garbage of [
      '',
      'GET / HTTP/1.0\r\n\r\n',
      `PARLEY${String.fromCharCode(WIRE_VERSION + 1)}\u0000`.padEnd(60, 'x'),
      'x'.repeat(9_000),
    ]) {
      await poke(port, garbage);
    }
    const hanging = connect(port, '127.0.0.1').on('error', () => undefined);
    const stranger = put('stranger.key', desk().buyer.exportPrivate());
    const intruder = await parley(
      ...['join', '--terms', put('theirs.json', { ...terms, parties: { seller: seller.publicKey } })],
      ...['--mandate', files.bids, '--identity', stranger, '--connect', address, '--json'],
    );
    expect(intruder.code).toBe(1);
    const guest = await parley(
      ...['join', '--terms', files.terms, '--mandate', files.bids, '--identity', files.buyerKey],
      ...['--connect', address, '--out', path('buyer.agreement'), '--json'],
    );
    const { code, stdout, stderr } = await host.ended;
    hanging.destroy();
    expect([code, guest.code], stderr + guest.stderr).toEqual([0, 0]);
    expect(stdout).toBe('');
    expect(stderr).toContain('still listening');
    const agreement = readFileSync(path('seller.agreement'));
    expect(Buffer.compare(agreement, readFileSync(path('buyer.agreement')))).toBe(0);
    const printed = JSON.parse(guest.stdout);
    const count = expect.any(Number);
    expect(printed.outcome).toEqual({ deal: true, price: '485617' });
    expect(printed.stats).toEqual({
      ands: count,
      bytes: { sent: count, received: count },
      flights: count,
      ms: count,
      maxRssMiB: count,
    });
    expect(`${canonicalText(printed.agreement)}\n`).toBe(agreement.toString());
    await checkVerify(path('seller.agreement'));
  });

  it('pairs by --peer and --role, by fingerprint too; the nonce comes from both sides', async () => {
    const port = await freePort();
    const { parties: _, nonce: __, ...open } = terms;
    const openTerms = put('open.json', open);
    const host = start([
      ...['host', '--terms', openTerms, '--mandate', files.asks, '--identity', files.sellerKey, '--json'],
      ...[
        '--wait',
        '60s',
        '--listen',
        `${port}`,
        '--role',
        'seller',
        '--peer',
        files.buyerPublic,
        '--out',
        path('open.agreement'),
      ],
    ]);
    await host.said('waiting for');
    const { fingerprint } = await import('../../src/documents/identity.ts');
    const guest = await parley(
      ...['join', '--terms', openTerms, '--mandate', files.bids, '--identity', files.buyerKey, '--json'],
      ...['--connect', `127.0.0.1:${port}`, '--role', 'buyer', '--peer', await fingerprint(seller.publicKey)],
    );
    const { code, stdout } = await host.ended;
    expect([code, guest.code], guest.stderr).toEqual([0, 0]);
    expect(JSON.parse(stdout).agreement).toEqual(JSON.parse(guest.stdout).agreement);
  });

  it('keeps the engagement of a peer that leaves once the outcome can be known', async () => {
    const port = await freePort();
    const out = path('left.agreement');
    const host = start([
      ...['host', '--terms', files.terms, '--mandate', files.asks, '--identity', files.sellerKey, '--json'],
      ...['--listen', `127.0.0.1:${port}`, '--wait', '60s', '--out', out],
    ]);
    await host.said('waiting for');
    let signatures = 0;
    const leaver = {
      publicKey: buyer.publicKey,
      sign(bytes: Uint8Array) {
        signatures += 1; // the handshake, the engagement, the agreement
        if (signatures === 3) session.destroy();
        return buyer.sign(bytes);
      },
    };
    const channel = await connectTo({ host: '127.0.0.1', port });
    const session: Session = await openSession({ channel, initiator: true, identity: leaver });
    await expect(
      session.negotiate({ terms: terms as TermsDraft, mandate: { reservation: 500_000n } }),
    ).rejects.toThrowError();
    const { code, stdout } = await host.ended;
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('ERR_PEER_LEFT');
    expect(error.hint).toContain(`${out}.engagement`);
    const pin = ['--party', `buyer=${files.buyerPublic}`];
    const verified = await inProcess('verify', '--engagement', `${out}.engagement`, ...pin, '--json');
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      valid: true,
      kind: 'engagement',
      role: 'buyer',
      pinned: true,
    });
    const other = ['--party', `buyer=${files.sellerPublic}`];
    expect((await inProcess('verify', '--engagement', `${out}.engagement`, ...other)).code).toBe(1);
  });

  it('ends on both sides when the terms differ', async () => {
    const port = await freePort();
    // A matter without an attempt: one whose attempts are used up is refused before the terms are compared.
    const own = put('own.json', { ...terms, subject: 'another' });
    const host = start([
      ...['host', '--terms', own, '--mandate', files.asks, '--identity', files.sellerKey, '--json'],
      ...['--listen', `127.0.0.1:${port}`, '--wait', '60s', '--out', path('never.agreement')],
    ]);
    await host.said('waiting for');
    expect(statSync(path('never.agreement')).size).toBe(0); // its place is kept
    const guest = await parley(
      ...['join', '--terms', put('differ.json', { ...terms, subject: 'other' }), '--mandate', files.bids],
      ...['--identity', files.buyerKey, '--connect', `127.0.0.1:${port}`, '--json'],
    );
    const { code, stdout } = await host.ended;
    expect([code, guest.code]).toEqual([1, 1]);
    for (const text of [stdout, guest.stdout]) {
      expect(JSON.parse(text).error.code).toBe('ERR_TERMS_MISMATCH');
    }
    expect(existsSync(path('never.agreement'))).toBe(false);
  });

  it('stops at Ctrl-C with exit code 130, and after --wait with 1', async () => {
    const flags = ['--terms', files.terms, '--mandate', files.asks, '--identity', files.sellerKey, '--json'];
    const interrupted = start(['host', ...flags, '--listen', '127.0.0.1:0']);
    const late = start(['host', ...flags, '--listen', '127.0.0.1:0', '--wait', '300ms']);
    await interrupted.said('waiting for');
    interrupted.child.kill('SIGINT');
    const first = await interrupted.ended;
    expect(first.code).toBe(130);
    expect(JSON.parse(first.stdout).error.code).toBe('ERR_INTERRUPTED');
    const second = await late.ended;
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout).error.code).toBe('ERR_TIMEOUT');
  });
});

/** `verify` on a good agreement, unpinned and pinned, and on bad ones. */
async function checkVerify(good: string): Promise<void> {
  const unpinned = await inProcess('verify', good, '--json');
  expect(unpinned.code).toBe(3);
  expect(unpinned.stderr).toContain('not pinned');
  expect(JSON.parse(unpinned.stdout)).toMatchObject({
    valid: true,
    pinned: false,
    outcome: { deal: true, price: '485617' },
    parties: { seller: { pinned: false, key: seller.publicKey }, buyer: { key: buyer.publicKey } },
  });
  const pins = [
    '--party',
    `seller=${files.sellerPublic}`,
    '--party',
    `buyer=${JSON.stringify(buyer.publicKey)}`,
  ];
  const pinned = await inProcess('verify', ...pins, good, '--json');
  expect(JSON.parse(pinned.stdout)).toMatchObject({ valid: true, pinned: true });
  const swapped = await inProcess('verify', good, '--party', `buyer=${files.sellerPublic}`, '--json');
  expect(swapped.code).toBe(1);
  expect(JSON.parse(swapped.stdout)).toEqual({ valid: false, code: 'ERR_AGREEMENT_PARTIES' });

  const changed = readFileSync(good);
  changed[100]! ^= 1;
  writeFileSync(path('changed.agreement'), changed);
  const bad = await inProcess('verify', path('changed.agreement'), '--json');
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.stdout)).toEqual({ valid: false, code: expect.stringMatching(/^ERR_AGREEMENT_/) });
  expect(bad.stderr).toContain('NOT VALID');

  // Two other people sign the same outcome.
  const others = desk();
  const parties = { seller: others.seller.publicKey, buyer: others.buyer.publicKey };
  const rule = rules.find(({ name }) => name === 'split')!;
  const theirs = parseTerms(
    { ...terms, rule: { name: 'split', sellerShare: '1/2' }, seals: 'none', attempts: 1, parties },
    rule,
  );
  const outcome = { deal: true, price: '485617' } as const;
  const document = agreementDocument({ terms: theirs, outcome, session: new Uint8Array(32) });
  const resigned = document.assemble(
    { key: parties.seller, signature: await document.sign(others.seller) },
    { key: parties.buyer, signature: await document.sign(others.buyer) },
  );
  writeFileSync(path('resigned.agreement'), serializeAgreement(resigned));
  expect((await inProcess('verify', path('resigned.agreement'))).code).toBe(3);
  expect((await inProcess('verify', path('resigned.agreement'), ...pins)).code).toBe(1);
}

/** Connects, says something, and waits until the other side hangs up or two seconds have passed. */
function poke(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      if (bytes === '') socket.destroy();
      else socket.write(bytes);
    });
    const timer = setTimeout(() => socket.destroy(), 2_000);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      throw new Error('an answer to garbage');
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
