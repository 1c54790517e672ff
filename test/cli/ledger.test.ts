import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { agreementName, serializeAgreement } from '../../src/documents/agreement.ts';
import { fingerprint, rawPublicKey } from '../../src/documents/identity.ts';
import type { CheatReport, DepartureReport } from '../../src/ledger/index.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { openPair, splitTerms } from '../support/sessions.ts';
import { desk, freePort, inProcess, start, strikeDeal } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const { files, path, seller, buyer } = desk();
const theSeller = rawPublicKey(seller.publicKey);
const theBuyer = rawPublicKey(buyer.publicKey);
const digest = Buffer.alloc(32, 7).toString('base64url');
const cheat: CheatReport = { session: digest, after: 'mandate-given', check: 'gate check' };
const departure: DepartureReport = {
  session: digest,
  after: 'engaged',
  terms: digest,
  matter: 'used car',
  engaged: true,
  shared: true,
};

let folder: string;
const before = process.env.PARLEY_HOME;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-ledger-'));
  process.env.PARLEY_HOME = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env.PARLEY_HOME;
  else process.env.PARLEY_HOME = before;
});
const book = () => fileLedger(join(folder, 'ledger'));
const at = () => ['--ledger', join(folder, 'ledger')];

describe('parley ledger', () => {
  it('says who was caught cheating and who left, in words and in JSON', async () => {
    const ledger = await book();
    await ledger.cheated(theSeller, { ...cheat, terms: digest, matter: 'used car' });
    await ledger.left(theSeller, departure);
    await ledger.left(theSeller, { ...departure, shared: false });
    await ledger.left(theSeller, { ...departure, after: 'outcome-known' });
    await ledger.left(theSeller, { ...departure, after: 'mandate-given', engaged: false, shared: false });
    const name = await fingerprint(seller.publicKey);
    const { code, stderr, stdout } = await inProcess('ledger', ...at(), '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('caught cheating during the computation (gate check)  “used car”');
    expect(stderr).toContain('left before it gave its share; it may know the outcome, you do not');
    expect(stderr).toContain('left after it had promised to be bound; nobody knows the outcome');
    expect(stderr).toContain('left before it had promised anything; nobody knows the outcome');
    expect(stderr).toContain('left without signing the agreement; both sides know the outcome');
    expect(stderr).toContain(`ledger --forgive ${name}`);
    const [row] = JSON.parse(stdout).peers;
    expect(row).toMatchObject({ fingerprint: name, barred: true, disclosedBits: 0, attempts: [] });
    expect(row.cheats).toMatchObject([{ check: 'gate check', forgiven: false, matter: 'used car' }]);
    expect(row.departures).toHaveLength(4);
    expect(row.departures[0]).toMatchObject({ shared: true, after: 'engaged' });
  });

  it.each([
    ['its fingerprint', () => fingerprint(seller.publicKey)],
    ['its key', async () => files.sellerPublic],
  ])('forgives a peer by %s, once', async (_, key) => {
    await (await book()).cheated(theSeller, cheat);
    const forgiving = ['ledger', ...at(), '--forgive', await key()];
    const { code, stderr } = await inProcess(...forgiving);
    expect(code).toBe(0);
    expect(stderr).toContain('(gate check), forgiven');
    expect(stderr).not.toContain('--forgive');
    await (await book()).refuseCheater(theSeller);
    expect(await inProcess(...forgiving)).toMatchObject({ code: 2 });
  });

  it('B7: lists agreements, and writes one out again, to the byte', async () => {
    const [left, right] = await openPair({ right: { ledger: await book() } });
    const [{ agreement }] = await Promise.all([
      left.negotiate({ terms: splitTerms(), mandate: { reservation: 400n } }),
      right.negotiate({ terms: splitTerms(), mandate: { reservation: 500n } }),
    ]);
    await Promise.all([left.close(), right.close()]);
    const name = agreementName(agreement);
    const listed = await inProcess('ledger', ...at(), '--json');
    expect(listed.stderr).toContain(`agreement ${name}  “used car”`);
    expect(JSON.parse(listed.stdout).peers[0].agreements).toMatchObject([{ name, matter: 'used car' }]);
    const out = join(folder, 'again.json');
    expect((await inProcess('ledger', ...at(), '--agreement', name, '--out', out)).code).toBe(0);
    const bytes = Buffer.from(serializeAgreement(agreement));
    expect(readFileSync(out)).toEqual(bytes);
    const printed = await inProcess('ledger', ...at(), '--agreement', name);
    expect(printed.stdout).toBe(bytes.toString());
    expect(await inProcess('ledger', ...at(), '--agreement', 'AAAAAAAA')).toMatchObject({ code: 2 });
    expect(await inProcess('ledger', ...at(), '--out', out)).toMatchObject({ code: 2 });
  });

  it('forgives nobody who was not caught', async () => {
    await (await book()).left(theSeller, departure);
    for (const key of [files.buyerPublic, files.sellerPublic, await fingerprint(buyer.publicKey)]) {
      const { code, stdout } = await inProcess('ledger', ...at(), '--forgive', key, '--json');
      expect(code).toBe(2);
      expect(JSON.parse(stdout).error).toMatchObject({
        code: 'ERR_USAGE',
        message: 'there is nothing to forgive that key',
      });
    }
  });
});

describe('a peer that was caught cheating', () => {
  const host = () => ['host', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks];
  const refused = {
    error: {
      code: 'ERR_PEER_BARRED',
      message: expect.stringMatching(/^the other side was caught cheating at \d/),
      hint: expect.stringContaining('parley ledger --forgive KEY'),
    },
  };

  it('whose key is known is refused before anything is listened on, dialled or asked', async () => {
    await (await book()).cheated(theBuyer, cheat);
    const hosted = await inProcess(...host(), ...at(), '--listen', '127.0.0.1:0', '--json');
    expect(hosted.code).toBe(1);
    expect(JSON.parse(hosted.stdout)).toEqual(refused);
    expect(hosted.stderr).not.toContain('listening');
    const joined = await inProcess(
      ...['join', '--terms', files.terms, '--identity', files.sellerKey, '--mandate', files.asks],
      ...[...at(), '--connect', '127.0.0.1:1', '--json'],
    );
    expect(JSON.parse(joined.stdout)).toEqual(refused);
  });

  it('by invite, is refused by the side that joins, before the terms are fetched', async () => {
    await (await book()).cheated(theSeller, cheat);
    const port = await freePort();
    const hosting = start([
      ...['host', '--terms', files.draft, '--invite', '--role', 'seller', '--identity', files.sellerKey],
      ...['--mandate', files.asks, '--listen', `127.0.0.1:${port}`, '--ledger', path('host.ledger')],
    ]);
    const invite = /parley1-\S+/.exec(await hosting.printed('parley1-'))![0];
    const joined = await inProcess(
      ...['join', invite, '--identity', files.buyerKey, '--mandate', files.bids],
      ...['--terms', files.draft, ...at(), '--json'],
    );
    expect(joined.code).toBe(1);
    expect(JSON.parse(joined.stdout)).toEqual(refused);
    expect(joined.stderr).not.toContain('connected');
  });

  it('by invite, ends the waiting of the side that hosts, before the terms are sent', async () => {
    await (await book()).cheated(theBuyer, cheat);
    const port = await freePort();
    const hosting = start([
      ...['host', '--terms', files.draft, '--invite', '--role', 'seller', '--identity', files.sellerKey],
      ...['--mandate', files.asks, '--listen', `127.0.0.1:${port}`, ...at()],
    ]);
    const invite = /parley1-\S+/.exec(await hosting.printed('parley1-'))![0];
    const joined = await inProcess(
      ...['join', invite, '--identity', files.buyerKey, '--mandate', files.bids],
      ...['--terms', files.draft, '--ledger', path('guest.ledger'), '--json'],
    );
    expect(joined.code).toBe(1);
    const { code, stderr } = await hosting.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('the other side was caught cheating at');
    expect(stderr).not.toContain('is reading the terms');
  });

  it('negotiates again once it is forgiven', async () => {
    await (await book()).cheated(theBuyer, cheat);
    expect((await inProcess('ledger', ...at(), '--forgive', files.buyerPublic)).code).toBe(0);
    await strikeDeal(files.terms, path, {
      host: ['--identity', files.sellerKey, '--mandate', files.asks, ...at()],
      guest: ['--identity', files.buyerKey, '--mandate', files.bids],
    });
  });
});
