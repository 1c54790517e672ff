import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Leakage } from '../../protocols/leakage/index.ts';
import { defineDelegate, type Policy } from '../../src/desk/delegate.ts';
import { memorySessionLog } from '../../src/desk/session-log.ts';
import { fingerprint, generateIdentity } from '../../src/documents/identity.ts';
import { listen } from '../../src/node/net/tcp.ts';
import { fileSessionLog } from '../../src/node/store/session-log.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
import { buyer, codes, openPair, seller, splitTerms } from '../support/sessions.ts';

const policy: Policy = {
  peers: [seller.publicKey],
  rules: ['split'],
  security: 'semi-honest',
  price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
  maxBits: 10,
  sessionsPerDay: 2,
};
const figures = (bits: number, bitsGivenDeal = bits): Leakage => {
  const side = { bits, bitsGivenDeal, guessGivenDeal: 1 };
  return { seller: side, buyer: { bits: 99, bitsGivenDeal: 99, guessGivenDeal: 1 } };
};
const request = (terms = splitTerms(), leakage: Leakage | undefined = figures(9)) => ({
  terms,
  leakage,
  peer: seller.publicKey,
  role: 'buyer',
  signal: new AbortController().signal,
});
const mandate = { reservation: 500n };

describe('a delegate', () => {
  it('negotiates within its policy', async () => {
    const [left, right] = await openPair();
    const terms = splitTerms();
    const delegate = defineDelegate({ policy, mandate });
    const [, result] = await Promise.all([
      left.negotiate({ terms, mandate: { reservation: 400n } }),
      right.negotiate({ terms, mandate: delegate }),
    ]);
    expect(result).toMatchObject({ deal: true, price: 450n });
    await Promise.all([left.close(), right.close()]);
  });

  it('ends a session that its policy forbids, and the peer learns nothing of why', async () => {
    const [left, right] = await openPair();
    const terms = splitTerms();
    const ask = vi.fn();
    const delegate = defineDelegate({ policy: { ...policy, rules: ['zopa'] }, mandate: ask });
    const [atSeller, atBuyer] = await codes([
      left.negotiate({ terms, mandate: { reservation: 400n } }),
      right.negotiate({ terms, mandate: delegate }),
    ]);
    expect(atBuyer).toBe('ERR_POLICY_RULE');
    expect(atSeller).toBe('ERR_PEER_ABORTED');
    expect(ask).not.toHaveBeenCalled();
  });

  const other = generateIdentity().publicKey;
  const { range: _, ...withoutRange } = splitTerms();
  const menu = {
    ...withoutRange,
    rule: { name: 'menu' },
    menu: { issues: [{ name: 'Option', values: ['only'] }] },
  };
  it.each<[string, Partial<Policy>, ReturnType<typeof request>]>([
    ['PEER', { peers: [other] }, request()],
    ['PEER', { peers: [] }, request()],
    ['ROLE', { roles: ['seller'] }, request()],
    ['RULE', { rules: ['zopa', 'posted-price'] }, request()],
    ['SECURITY', { security: 'malicious' }, request()],
    ['SECURITY', { sealed: true }, request()],
    ['RANGE', { price: { ...policy.price!, unit: 'EUR' } }, request()],
    ['RANGE', { price: { ...policy.price!, decimals: 2 } }, request()],
    ['RANGE', { rules: ['menu'] }, request(menu)],
    ['DISCLOSURE', { maxBits: 8.9 }, request()],
    ['DISCLOSURE', {}, request(splitTerms(), figures(1, 11))],
    ['DISCLOSURE', {}, request(splitTerms(), figures(11, Number.NaN))],
    ['DISCLOSURE', {}, request(splitTerms(), {})],
    ['SESSIONS', { sessionsPerDay: 0 }, request()],
  ])('is not asked against its policy: %s (%#)', async (what, change, given) => {
    const ask = vi.fn();
    const delegate = defineDelegate({ policy: { ...policy, ...change }, mandate: ask });
    await expect(delegate(given)).rejects.toMatchObject({ code: `ERR_POLICY_${what}` });
    if (what !== 'SESSIONS')
      await expect(delegate.admit(given)).rejects.toMatchObject({ code: `ERR_POLICY_${what}` });
    expect(ask).not.toHaveBeenCalled();
  });

  it('knows peers by thumbprint, and anyone only if told', async () => {
    const peers = [await fingerprint(seller.publicKey)];
    for (const allowed of [peers, 'anyone'] as const) {
      expect(await defineDelegate({ policy: { ...policy, peers: allowed }, mandate })(request())).toEqual(
        mandate,
      );
    }
  });

  it.each([
    [{ reservation: 601n }, false],
    [{ reservation: '99' }, false],
    [{ reservation: 'lots' }, false],
    [{ reservations: [100n, 601n] }, false],
    [{ reservation: 0.5, utilities: [1] }, false],
    [{ reservation: 600n }, true],
    [{ reservation: '100' }, true],
    [{ reservations: [100n, '600'] }, true],
    [{ abstain: true as const }, true],
  ])('cannot give the mandate %o unless its policy allows it', async (given, allowed) => {
    const given_ = defineDelegate({ policy, mandate: () => given })(request());
    if (allowed) expect(await given_).toEqual(given);
    else await expect(given_).rejects.toMatchObject({ code: 'ERR_POLICY_MANDATE' });
  });

  it('keeps to the lowest utility over menus', async () => {
    const delegate = (reservation: number) =>
      defineDelegate({
        policy: { ...policy, rules: ['menu'], utility: { min: 0.4 } },
        mandate: { reservation, utilities: [1] },
      })(request(menu));
    expect(await delegate(0.4)).toMatchObject({ reservation: 0.4 });
    await expect(delegate(0.39)).rejects.toMatchObject({ code: 'ERR_POLICY_MANDATE' });
    await expect(delegate(Number.NaN)).rejects.toMatchObject({ code: 'ERR_POLICY_MANDATE' });
  });

  it('gives a copy, which nobody can change after the check', async () => {
    const mine = { reservation: 500n };
    const given = await defineDelegate({ policy, mandate: mine })(request());
    mine.reservation = 10_000n;
    expect(given).toEqual({ reservation: 500n });
  });

  it.each<Partial<Policy>>([
    { maxBits: Number.NaN },
    { maxBits: -1 },
    { sessionsPerDay: 1.5 },
    { sessionsPerDay: -1 },
    { peers: ['not a thumbprint'] },
    { utility: { min: Number.NaN } },
    { price: { ...policy.price!, min: 601n } },
    { price: { ...policy.price!, min: '1.5' } },
  ])('refuses a policy that cannot be meant: %o', (change) => {
    expect(() => defineDelegate({ policy: { ...policy, ...change }, mandate })).toThrowError(
      expect.objectContaining({ code: 'ERR_USAGE' }),
    );
  });
});

describe('the negotiations of a day', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-delegate-'));
  it.each([
    ['in memory', () => memorySessionLog()],
    ['in a file', () => fileSessionLog(join(folder, `${Math.random()}`))],
  ])('are counted %s, and come back', async (_, make) => {
    const log = make();
    const since = Date.now() - 1_000;
    const taken = await Promise.all(Array.from({ length: 3 }, () => log.take(3, since)));
    expect(taken).toEqual([true, true, true]);
    expect(await log.take(3, since)).toBe(false);
    expect(await log.take(4, since)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await log.take(1, Date.now() - 2)).toBe(true);
    const delegate = defineDelegate({ policy, mandate, sessions: make() });
    await delegate(request());
    await delegate(request());
    await expect(delegate(request())).rejects.toMatchObject({ code: 'ERR_POLICY_SESSIONS' });
  });

  it('survive the program, and a file that is something else is refused', async () => {
    const path = join(folder, 'log');
    expect(await fileSessionLog(path).take(1, 0)).toBe(true);
    expect(await fileSessionLog(path).take(1, 0)).toBe(false);
    writeFileSync(path, 'something else\n');
    await expect(fileSessionLog(path).take(1, 0)).rejects.toMatchObject({ code: 'ERR_FILE' });
    await expect(fileSessionLog(join(folder, 'no', 'log')).take(1, 0)).rejects.toMatchObject({
      code: 'ERR_FILE',
    });
  });
});

describe('the example', () => {
  const source = readFileSync(new URL('../../examples/delegate.ts', import.meta.url), 'utf8');

  it('has at most twenty lines, and strikes a deal', async () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const folder = mkdtempSync(join(tmpdir(), 'parley-example-'));
    const terms = {
      parley: 1,
      subject: 'used car',
      rule: { name: 'random-split' },
      range: { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 },
      parties: { seller: seller.publicKey, buyer: buyer.publicKey },
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    } as const;
    const put = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
    put('buyer.key', buyer.exportPrivate());
    put('seller.pub', seller.publicKey);
    put('terms.json', terms);
    const entry = (name: string) => new URL(`../../src/${name}.ts`, import.meta.url).href;
    const runnable = source
      .replace("'parley-mpc'", `'${entry('index')}'`)
      .replace("'parley-mpc/node'", `'${entry('node')}'`);
    writeFileSync(join(folder, 'delegate.mts'), runnable);
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const selling = listener.accept().then(async (channel) =>
      negotiate({
        channel: channel!,
        identity: seller,
        sealKey: await createSealKey(seller.publicKey),
        terms,
        mandate: { reservation: 519_999n },
      }),
    );
    const { execFile } = await import('node:child_process');
    const where = `127.0.0.1:${listener.address.port}`;
    const args = ['--import', import.meta.resolve('tsx'), 'delegate.mts', where];
    const said = new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, { cwd: folder }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
    const [{ outcome }, printed] = await Promise.all([selling, said]);
    expect(JSON.parse(printed)).toEqual(outcome);
    expect(outcome).toMatchObject({ deal: true, price: expect.stringMatching(/^5(19999|20000)$/) });
    await listener.close();
  });
});
