import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { defineDelegate } from '../../src/desk/delegate.ts';
import type { Policy } from '../../src/desk/policy.ts';
import { memorySessionLog, type SessionLog } from '../../src/desk/session-log.ts';
import { fingerprint, generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { formatTime, type Terms } from '../../src/documents/terms.ts';
import { listen } from '../../src/node/net/tcp.ts';
import { fileSessionLog } from '../../src/node/store/session-log.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { negotiate } from '../../src/session/negotiate.ts';
import { pay } from '../documents/obligations/support.ts';
import { signer } from '../documents/tlog/log.ts';
import { termsOf } from '../findings/support.ts';
import { alice } from '../paillier/keys.ts';
import { program } from '../support/program.ts';
import { buyer, codes, openPair, seller, splitTerms } from '../support/sessions.ts';

const policy: Policy = {
  peers: [seller.publicKey],
  subject: 'used car',
  roles: ['buyer'],
  rules: ['split'],
  maxDays: Number.POSITIVE_INFINITY,
  security: 'semi-honest',
  price: { unit: 'USD', decimals: 0, min: 100n, max: 600n },
  maxBits: 10,
  budget: 100,
  sessionsPerDay: 2,
};
const request = (terms = splitTerms()) => ({
  terms,
  leakage: async () => undefined,
  peer: seller.publicKey,
  role: 'buyer',
  signal: new AbortController().signal,
});
const mandate = { reservation: 500n };
const publish = {
  at: 'https://log.example',
  log: signer('log.example', 'log', 1).text,
  witnesses: [signer('witness.example', 'witness', 2).text],
  quorum: 1,
};
const ratify = {
  seller: { members: [generateIdentity().publicKey], threshold: 1, by: '2999-02-01T00:00:00Z' },
};
const inDays = (days: number) => formatTime(Date.now() + 86_400_000 * days);
const posted = (min: bigint, max: bigint): Partial<Policy> => ({
  rules: ['posted-price'],
  options: { 'posted-price': { price: { min, max } } },
});

/** That a log has counted so many bits. */
async function expectSpent(log: SessionLog, bits: number): Promise<void> {
  expect(await log.spend(0, bits - 1e-4)).toBe(false);
  expect(await log.spend(0, bits)).toBe(true);
}

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

  it('is asked what its policy allows before the session says anything', async () => {
    const [left, right] = await openPair();
    const terms = splitTerms();
    const ask = vi.fn();
    const delegate = defineDelegate({ policy: { ...policy, rules: ['zopa'] }, mandate: ask });
    const before = right.stats.sent;
    expect(await codes([right.negotiate({ terms, mandate: delegate })])).toEqual(['ERR_POLICY_RULE']);
    expect(right.stats.sent).toBe(before);
    expect(ask).not.toHaveBeenCalled();
    // Nothing has happened: the session serves for terms that the policy allows.
    const ended = codes([
      left.negotiate({ terms, mandate: { reservation: 400n } }),
      right.negotiate({ terms, mandate: defineDelegate({ policy, mandate }) }),
    ]);
    expect(await ended).toEqual(['ok', 'ok']);
  });

  it.each<[string, Partial<Policy>]>([
    ['SESSIONS', { sessionsPerDay: 1 }],
    ['BUDGET', { budget: 10 }],
  ])('says before it says anything that its limits are used up: %s', async (code, change) => {
    const ask = vi.fn(() => mandate);
    const sessions = memorySessionLog();
    const delegate = defineDelegate({ policy: { ...policy, ...change }, mandate: ask, sessions });
    await delegate.admit(request());
    await delegate.admit(request()); // looking counts nothing
    await delegate(request());
    const [left, right] = await openPair();
    const preparing = left.prepare(splitTerms());
    const before = right.stats.sent;
    const refused = await codes([right.negotiate({ terms: splitTerms(), mandate: delegate })]);
    expect(refused).toEqual([`ERR_POLICY_${code}`]);
    expect(right.stats.sent).toBe(before);
    expect(ask).toHaveBeenCalledTimes(1);
    await expectSpent(sessions, Math.log2(1002));
    await expect(delegate.admit({ ...request(), repeated: true })).resolves.toBeUndefined();
    right.destroy();
    expect(await codes([preparing])).not.toEqual(['ok']);
  });

  const other = generateIdentity().publicKey;
  const { range: _, ...withoutRange } = splitTerms();
  const menu = {
    ...withoutRange,
    rule: { name: 'menu' },
    menu: { issues: [{ name: 'Option', values: ['only'] }] },
  };
  const sealed = request(splitTerms({ security: 'malicious', seals: 'paillier' }));
  const bare = request(splitTerms({ security: 'malicious' }));
  const range = splitTerms().range!;
  const options = (rule: Terms['rule'], changes: Partial<Terms> = {}) =>
    request(termsOf({ rule, range, expires: '2999-01-01T00:00:00Z', ...changes }));
  const called = (a: string, b: string) => splitTerms({ roles: { a, b } });
  it.each<[string, Partial<Policy>, ReturnType<typeof request>]>([
    ['PEER', { peers: [other] }, request()],
    ['PEER', { peers: [] }, request()],
    ['ROLE', { roles: ['seller'] }, request()],
    ['ROLE', { roles: [] }, request()],
    ['ROLE', {}, request(called('Kate', 'Tim'))],
    ['ROLE', { called: { a: 'Kate', b: 'Tim' } }, request(called('Kate', 'Tom'))],
    ['SUBJECT', { subject: 'Used car' }, request()],
    ['SUBJECT', { subject: ['boat', 'house'] }, request()],
    ['SUBJECT', {}, request(splitTerms({ matter: 'm17' }))],
    ['SUBJECT', { matter: 'm16' }, request(splitTerms({ matter: 'm17' }))],
    ['SUBJECT', { subject: 'any' }, request(splitTerms({ matter: 'm17' }))],
    ['RULE', { rules: ['zopa', 'posted-price'] }, request()],
    ['SECURITY', { security: 'malicious' }, request()],
    ['SECURITY', {}, bare],
    ['SECURITY', { sealed: true }, bare],
    ['MEMBER', {}, request(splitTerms({ publish }))],
    [
      'MEMBER',
      { members: { publish: [{ ...publish, at: 'https://other.example' }] } },
      request(splitTerms({ publish })),
    ],
    ['MEMBER', { members: { publish: [publish] } }, request()],
    ['MEMBER', {}, request(splitTerms({ obligations: [pay] }))],
    ['MEMBER', { members: { obligations: [[pay]] } }, request()],
    [
      'MEMBER',
      { members: { obligations: [[pay, { ...pay, id: 'more' }]] } },
      request(splitTerms({ obligations: [pay] })),
    ],
    [
      'MEMBER',
      { members: { obligations: [[pay]] } },
      request(splitTerms({ obligations: [{ ...pay, objection: 8 }] })),
    ],
    ['MEMBER', { members: { publish: 'any' } }, request(splitTerms({ publish, ratify }))],
    ['ATTEMPTS', {}, request(splitTerms({ attempts: 2 }))],
    ['ATTEMPTS', { attempts: 3 }, request(splitTerms({ attempts: 4 }))],
    ['DEADLINE', { maxDays: 31 }, request()],
    ['DEADLINE', { maxDays: 1 }, request(splitTerms({ expires: inDays(1.1) }))],
    ['RANGE', { price: { ...policy.price!, unit: 'EUR' } }, request()],
    ['RANGE', { price: { ...policy.price!, decimals: 2 } }, request()],
    ['RANGE', { rules: ['menu'] }, request(menu)],
    ['RANGE', { rules: ['menu'], utility: { min: 0, menu: undefined } }, request(menu)],
    ['RANGE', { rules: ['menu'], utility: { min: 0, menu: { options: ['other'] } } }, request(menu)],
    ['RANGE', {}, request(splitTerms({ range: { ...range, min: '101' } }))],
    ['RANGE', {}, request(splitTerms({ range: { ...range, max: '599' } }))],
    ['RANGE', {}, request(splitTerms({ range: { ...range, step: '2' } }))],
    ['RANGE', { price: { ...policy.price!, range: { min: 0n, max: 1_001n } } }, request()],
    ['RANGE', {}, options({ name: 'split', sellerShare: '1/1' })],
    ['RANGE', {}, options({ name: 'split', rounds: 2 })],
    ['RANGE', {}, options({ name: 'split', nearMiss: '5%' })],
    ['RANGE', {}, options({ name: 'split', grid: '10' })],
    ['RANGE', { options: { split: { rounds: [3] } } }, options({ name: 'split', rounds: 2 })],
    ['RANGE', { options: { zopa: { rounds: [2] } } }, options({ name: 'split', rounds: 2 })],
    ['RANGE', { rules: ['posted-price'] }, options({ name: 'posted-price', price: '599' })],
    ['RANGE', { rules: ['posted-price'] }, options({ name: 'posted-price', price: 'random' })],
    ['RANGE', posted(100n, 598n), options({ name: 'posted-price', price: '599' })],
    ['DISCLOSURE', { maxBits: 9.9 }, request()],
    ['BUDGET', { budget: 9.9 }, request()],
    ['SESSIONS', { sessionsPerDay: 0 }, request()],
  ])('is not asked against its policy: %s (%#)', async (what, change, given) => {
    const ask = vi.fn();
    const delegate = defineDelegate({ policy: { ...policy, ...change }, mandate: ask });
    await expect(delegate(given)).rejects.toMatchObject({ code: `ERR_POLICY_${what}` });
    if (what !== 'SESSIONS' && what !== 'BUDGET')
      await expect(delegate.admit(given)).rejects.toMatchObject({ code: `ERR_POLICY_${what}` });
    expect(ask).not.toHaveBeenCalled();
  });

  it.each<[Partial<Policy>, ReturnType<typeof request>]>([
    [{ security: 'malicious', maxBits: 10 }, sealed],
    [{ sealed: false }, bare],
    [{ subject: ['boat', 'used car'] }, request()],
    [{ subject: 'any', matter: 'any', roles: 'any' }, request(splitTerms({ matter: 'm17' }))],
    [{ called: { a: 'Kate', b: 'Tim' } }, request(called('Kate', 'Tim'))],
    [{ called: 'any' }, request(called('Kate', 'Tom'))],
    [{ matter: ['m16', 'm17'] }, request(splitTerms({ matter: 'm17' }))],
    [{}, request(splitTerms({ matter: 'used car' }))],
    [{ attempts: 4 }, request(splitTerms({ attempts: 4 }))],
    [{ maxDays: 2 }, request(splitTerms({ expires: inDays(1.1) }))],
    [{ price: { ...policy.price!, step: 2n } }, request(splitTerms({ range: { ...range, step: '2' } }))],
    [
      { price: { ...policy.price!, range: { min: '500', max: '500' } } },
      request(splitTerms({ range: { ...range, min: '450' } })),
    ],
    [{}, options({ name: 'split', sellerShare: '1/2' })],
    [
      { maxBits: 12, options: { split: { rounds: { min: 2, max: 3 }, sellerShare: ['1/2', '1/1'] } } },
      options({ name: 'split', rounds: 2, sellerShare: '1/1' }),
    ],
    [posted(100n, 599n), options({ name: 'posted-price', price: '599' })],
    [
      { rules: ['posted-price'], options: { 'posted-price': { price: ['random'] } } },
      options({ name: 'posted-price', price: 'random' }),
    ],
    [{ rules: ['menu'], utility: { min: 0, menu: 'any' } }, request(menu)],
    [{ members: { publish: 'any' } }, request(splitTerms({ publish }))],
    [{ members: { publish: 'any' } }, request()],
    [{ members: { publish: [undefined, publish] } }, request()],
    [{ members: { publish: [undefined, publish] } }, request(splitTerms({ publish }))],
    [
      { members: { obligations: [[pay]], publish: [publish] } },
      request(splitTerms({ publish, obligations: [pay] })),
    ],
    [{ members: { publish: 'any', ratify: [ratify] } }, request(splitTerms({ publish, ratify }))],
    [{ members: { publish: [{ ...publish }] } }, request(splitTerms({ publish }))],
  ])('admits what its policy says: %o', async (change, given) => {
    const ask = vi.fn();
    await defineDelegate({ policy: { ...policy, ...change }, mandate: ask }).admit(given);
    expect(ask).not.toHaveBeenCalled();
  });

  // Whoever adds a member to terms has to say here what a policy makes of it. The nonce is a session's own.
  const everything: Record<Exclude<keyof Terms, 'parley' | 'nonce'>, Partial<Terms>> = {
    subject: { subject: 'one bag of gravel' },
    rule: { rule: { name: 'split', rounds: 2 } },
    range: { range: { ...range, min: '499' } },
    menu: { rule: menu.rule, menu: menu.menu },
    roles: { roles: { a: 'Kate', b: 'Tim' } },
    parties: { parties: { seller: other, buyer: buyer.publicKey } },
    security: { security: 'semi-honest', seals: 'none' },
    seals: { seals: 'none' },
    attempts: { attempts: 2 },
    matter: { matter: 'm17' },
    arbiter: {
      arbiter: { card: { payload: '', signatures: [{ protected: '', signature: '' }] }, window: 600 },
    },
    expires: { expires: inDays(32) },
    publish: { publish },
    obligations: { obligations: [pay] },
    ratify: { publish, ratify },
    mandates: { mandates: { seller: 'A'.repeat(43) } },
  };
  it('B3: pins every member of the terms, if no more is said than what it needs', async () => {
    const { peers, subject, roles, rules, price, maxBits, sessionsPerDay } = policy;
    const least = { peers, subject, roles, rules, price, maxBits, sessionsPerDay } as Policy;
    const { admit } = defineDelegate({ policy: least, mandate });
    const meant = { range, security: 'malicious', seals: 'paillier', expires: inDays(1) } as const;
    const about = (changes: Partial<Terms>) => {
      const { range: its, arbiter, ...rest } = { ...meant, ...changes };
      const completed = termsOf({ ...rest, ...(changes.menu === undefined && { range: its! }) });
      const terms = { ...completed, ...(arbiter !== undefined && { arbiter }) };
      return { ...request(terms), peer: Object.values(terms.parties)[0]! };
    };
    await admit(about({}));
    for (const [name, changes] of Object.entries(everything)) {
      await expect(admit(about(changes)), name).rejects.toMatchObject({ name: 'PolicyError' });
    }
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
        policy: { ...policy, rules: ['menu'], utility: { min: 0.4, menu: { options: ['only'] } } },
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
    { maxBits: Number.POSITIVE_INFINITY },
    { budget: -1 },
    { budget: Number.NaN },
    { attempts: 0.5 },
    { maxDays: -1 },
    { subject: undefined as never },
    { roles: undefined as never },
    { price: { ...policy.price!, step: 0n } },
    { price: { ...policy.price!, range: { min: 2n, max: 1n } } },
    { utility: { min: Number.NaN, menu: 'any' } },
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
    expect([await log.canTake(3, since), await log.take(3, since)]).toEqual([false, false]);
    expect([await log.canTake(4, since), await log.canTake(4, since)]).toEqual([true, true]);
    expect(await log.take(4, since)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await log.take(1, Date.now() - 2)).toBe(true);
    const delegate = defineDelegate({ policy, mandate, sessions: make() });
    await delegate(request());
    await delegate(request());
    await expect(delegate(request())).rejects.toMatchObject({ code: 'ERR_POLICY_SESSIONS' });
  });

  it.each([
    ['in memory', () => memorySessionLog()],
    ['in a file', () => fileSessionLog(join(folder, `${Math.random()}`))],
  ])('count what they may have told, %s', async (_, make) => {
    const log = make();
    const spent = await Promise.all(Array.from({ length: 4 }, () => log.spend(Math.log2(3), 5)));
    expect(spent.filter((one) => one).length).toBeGreaterThanOrEqual(1);
    expect(spent.filter((one) => one).length).toBeLessThanOrEqual(3);
    while (await log.spend(Math.log2(3), 5));
    await expectSpent(log, 3 * Math.log2(3));
    expect([await log.canSpend(0.3, 5), await log.spend(0.3, 5)]).toEqual([false, false]);
    expect([await log.canSpend(0.2, 5), await log.canSpend(0.2, 5)]).toEqual([true, true]);
    expect(await log.spend(0.2, 5)).toBe(true);
    expect(await log.spend(4, 9)).toBe(true);
    expect(await log.take(1, 0)).toBe(true);
    await expectSpent(log, 3 * Math.log2(3) + 4.2);
  });

  it('B2: are bounded over all peers and runs, by what they may tell', async () => {
    const path = join(folder, 'budget');
    const run = () =>
      defineDelegate({
        policy: { ...policy, peers: 'anyone', budget: 20, sessionsPerDay: 9 },
        mandate,
        sessions: fileSessionLog(path),
      });
    for (let asked = 0; asked < 2; asked++) {
      await run()({ ...request(), peer: generateIdentity().publicKey });
    }
    const stranger = { ...request(), peer: generateIdentity().publicKey };
    await expect(run()(stranger)).rejects.toMatchObject({ code: 'ERR_POLICY_BUDGET' });
    expect(readFileSync(path, 'utf8')).not.toMatch(/\b500\b/);
  });

  it('B2: tell no more than one outcome may, where the policy has no budget', async () => {
    const { budget: _, ...without } = policy;
    const delegate = defineDelegate({ policy: without, mandate });
    await delegate(request());
    await expect(delegate(request())).rejects.toMatchObject({ code: 'ERR_POLICY_BUDGET' });
  });

  it('B2: count from when the mandate is asked for, whatever becomes of it', async () => {
    const sessions = memorySessionLog();
    const fails = () => Promise.reject(new Error('nobody answers'));
    await expect(defineDelegate({ policy, mandate: fails, sessions })(request())).rejects.toThrow('nobody');
    await expectSpent(sessions, Math.log2(1002));
  });

  it('survive the program, and a file that is something else is refused', async () => {
    const path = join(folder, 'log');
    expect(await fileSessionLog(path).take(1, 0)).toBe(true);
    expect(await fileSessionLog(path).take(1, 0)).toBe(false);
    const expectTold = async (text: string, bits: number) => {
      writeFileSync(path, text);
      await expectSpent(fileSessionLog(path), bits);
    };
    const line = `tell ${randomUUID()} 2.500000000`;
    await expectTold(`${line}\n`, 2.5);
    for (let cut = 0; cut < line.length; cut++) {
      // What is left of a line whose writer died takes nothing, and spoils nothing behind it.
      await expectTold(`${line.slice(0, cut)}${line}\n`, 2.5);
    }
    writeFileSync(path, 'something else\n');
    await expect(fileSessionLog(path).take(1, 0)).rejects.toMatchObject({ code: 'ERR_FILE' });
    for (const bad of [path, join(folder, 'no', 'log')]) {
      const log = fileSessionLog(bad);
      for (const use of [() => log.take(1, 0), () => log.canTake(1, 0), () => log.canSpend(0, 1)])
        await expect(use()).rejects.toMatchObject({ code: 'ERR_FILE' });
    }
  });
});

describe('the example', () => {
  const source = readFileSync(new URL('../../examples/delegate.ts', import.meta.url), 'utf8');

  it('has about twenty lines, and strikes a deal', async () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
    const folder = mkdtempSync(join(tmpdir(), 'parley-example-'));
    const terms = {
      parley: 1,
      subject: 'used car',
      rule: { name: 'random-split' },
      range: { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 },
      parties: { seller: seller.publicKey, buyer: buyer.publicKey },
      expires: inDays(1),
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    } as const;
    const put = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
    put('buyer.key', buyer.exportPrivate());
    put('seller.pub', seller.publicKey);
    put('terms.json', terms);
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const selling = listener.accept().then(async (channel) =>
      negotiate({
        channel: channel!,
        identity: seller,
        sealKey: proveSealKey(alice, rawPublicKey(seller.publicKey)),
        terms,
        mandate: { reservation: 519_999n },
      }),
    );
    const { execFile } = await import('node:child_process');
    const where = `127.0.0.1:${listener.address.port}`;
    const said = new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        [...program('examples/delegate.ts'), where],
        { cwd: folder },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
    });
    const [{ outcome }, printed] = await Promise.all([selling, said]);
    expect(JSON.parse(printed)).toEqual(outcome);
    expect(outcome).toMatchObject({ deal: true, price: expect.stringMatching(/^5(19999|20000)$/) });
    await listener.close();
  }, 120_000);
});
