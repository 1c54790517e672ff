import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDraft } from '../../src/desk/drafts.ts';
import { parseDraft } from '../../src/documents/terms.ts';
import { desk, inProcess, parley } from './support.ts';

const { put, path, terms, files, seller, buyer } = desk();
const car = ['--subject', 'used car', '--unit', 'USD', '--min', '0', '--max', '10,000.00'];
const read = (text: string) => parseDraft(JSON.parse(text));

async function written(...args: string[]) {
  const { code, stdout, stderr } = await inProcess('terms', 'new', ...args);
  expect(code, stderr).toBe(0);
  return read(stdout);
}

describe('parley terms new', () => {
  it('as a process: writes a draft that run takes', async () => {
    const out = path('car.json');
    const made = await parley('terms', 'new', ...car, '--rule', 'split', '--expires', '2d', '--out', out);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toBe('');
    expect(made.stderr).toContain(`parley terms check ${out}`);
    const draft = read(readFileSync(out, 'utf8'));
    expect(draft).toMatchObject({
      parley: 1,
      subject: 'used car',
      rule: { name: 'split', sellerShare: '1/2' },
      range: { min: '0', max: '1000000', step: '1', unit: 'USD', decimals: 2 },
    });
    const hours = (Date.parse(draft.expires!) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(47.5);
    expect(hours).toBeLessThan(48.5);
    const again = await inProcess('terms', 'new', ...car, '--rule', 'split', '--out', out);
    expect(again.code).toBe(2);
    const ran = await parley(
      ...['run', '--json', '--terms', out, '--mandate-a', files.asks, '--mandate-b', files.bids],
    );
    expect(JSON.parse(ran.stdout).outcome, ran.stderr).toEqual({ deal: true, price: '485617' });
  });

  it('puts every flag into the draft, amounts as integers', async () => {
    const draft = await written(
      ...[...car, '--rule', 'split', '--step', '0.05', '--grid', '10', '--seller-share', '1/4'],
      ...['--rounds', '3', '--near-miss', '5%', '--security', 'semi-honest', '--attempts', '2'],
      ...['--party', `seller=${files.sellerPublic}`, '--party', `buyer=${JSON.stringify(buyer.publicKey)}`],
      ...['--expires', '2099-01-01T00:00:00Z'],
    );
    expect(draft).toEqual({
      parley: 1,
      subject: 'used car',
      rule: { name: 'split', sellerShare: '1/4', grid: '1000', rounds: 3, nearMiss: '5%' },
      range: { min: '0', max: '1000000', step: '5', unit: 'USD', decimals: 2 },
      parties: { seller: seller.publicKey, buyer: buyer.publicKey },
      security: 'semi-honest',
      attempts: 2,
      expires: '2099-01-01T00:00:00Z',
    });
    expect(checkDraft(draft).missing).toEqual(['nonce']);
  });

  it.each([
    [['--rule', 'zopa'], { name: 'zopa' }],
    [['--rule', 'random-split'], { name: 'random-split' }],
    [['--rule', 'posted-price'], { name: 'posted-price', price: 'random' }],
    [['--rule', 'posted-price', '--price', '5000'], { name: 'posted-price', price: '500000' }],
  ])('%j', async (args, rule) => {
    expect((await written(...car, ...args)).rule).toEqual(rule);
  });

  it('a menu from issues', async () => {
    const args = ['--subject', 'supply', '--rule', 'menu', '--solution', 'kalai-smorodinsky'];
    const list = ['--issue', 'Price: 4.37, 4.12', '--issue', 'Terms: net 30, no fee; net 60'];
    const draft = await written(...args, ...list);
    expect(draft.rule).toEqual({ name: 'menu', solution: 'kalai-smorodinsky', version: 2 });
    expect(draft.menu).toEqual({
      issues: [
        { name: 'Price', values: ['4.37', '4.12'] },
        { name: 'Terms', values: ['net 30, no fee', 'net 60'] },
      ],
    });
    expect((await written(...args, ...list, '--out', path('menu.json'), '--json')).menu).toEqual(draft.menu);
  });

  it.each<[string, string[], string, RegExp]>([
    ['nothing to go by', [], 'ERR_USAGE', /--subject is missing/],
    ['no range', ['--subject', 'x', '--rule', 'zopa'], 'ERR_USAGE', /--min is missing/],
    ['no issues', ['--subject', 'x', '--rule', 'menu'], 'ERR_USAGE', /--issue is missing/],
    ['an unknown rule', [...car, '--rule', 'dice'], 'ERR_USAGE', /none of the choices/],
    ['a price that is none', [...car, '--rule', 'zopa', '--step', 'some'], 'ERR_USAGE', /not an amount/],
    ['too fine a price', [...car, '--rule', 'zopa', '--step', '0.001'], 'ERR_USAGE', /not an amount/],
    ['a flag of another rule', [...car, '--rule', 'zopa', '--price', '5'], 'ERR_USAGE', /--price means/],
    ['an empty range', [...car, '--rule', 'zopa', '--min', '20000'], 'ERR_TERMS_INVALID', /above max/],
    ['a broken deadline', [...car, '--rule', 'zopa', '--expires', 'soon'], 'ERR_USAGE', /not a duration/],
    [
      'a fingerprint',
      [...car, '--rule', 'zopa', '--party', `seller=${'A'.repeat(43)}`],
      'ERR_KEY_INVALID',
      /whole/,
    ],
    ['no role', [...car, '--rule', 'zopa', '--party', files.sellerPublic], 'ERR_USAGE', /ROLE=KEY/],
  ])('refuses %s', async (_, args, code, message) => {
    const { code: exit, stdout, stderr } = await inProcess('terms', 'new', '--json', ...args);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
    expect(stderr).toMatch(/^parley: .+; .+/);
  });

  it('terms alone, or with another word, says what there is', async () => {
    for (const args of [['terms'], ['terms', 'make']]) {
      const { code, stderr } = await inProcess(...args);
      expect(code).toBe(2);
      expect(stderr).toContain('parley terms new');
    }
  });
});

describe('parley terms check', () => {
  it('explains a draft, with what it still needs', async () => {
    const { code, stdout, stderr } = await inProcess('terms', 'check', files.draft, '--json');
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).toEqual(['terms', 'missing', 'expired', 'leakage', 'description']);
    expect(found.missing).toEqual(['parties.seller', 'parties.buyer', 'expires', 'nonce']);
    expect(found.terms.rule).toEqual({ name: 'split', sellerShare: '1/2' });
    expect(found.terms.parties).toBeUndefined();
    expect(found.leakage.buyer.bitsGivenDeal).toBeCloseTo(18.93, 2);
    expect(stderr).toContain('Both sides gain by shading');
    expect(stderr).toContain('18.93 of 19.93 bits');
    expect(stderr).toContain('No key for seller and buyer');
    expect(stderr).not.toContain('The terms name both sides’ keys');
    for (const line of stderr.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  it('explains complete terms, and terms that have expired', async () => {
    const ready = await inProcess('terms', 'check', files.terms);
    expect(ready.stderr).toContain('Ready for host and join.');
    expect(ready.stderr).toMatch(/The terms name\s+both\s+sides’ keys/);
    expect(ready.stderr).toContain('2099-01-01 00:00:00 UTC');
    const past = put('past.json', { ...terms, expires: '2020-01-01T00:00:00Z' });
    const { code, stdout, stderr } = await inProcess('terms', 'check', past, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ expired: true, missing: [] });
    expect(stderr).toContain('expired');
    expect(stderr).not.toContain('Ready');
  });

  it('says where there is no figure', async () => {
    const wide = put('wide.json', { ...terms, range: { min: '0', max: `${2n ** 60n}` } });
    const { code, stdout, stderr } = await inProcess('terms', 'check', wide, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).leakage).toBeNull();
    expect(stderr).toContain('is not known');
  });

  it('refuses what is no terms file', async () => {
    const { code, stdout } = await inProcess('terms', 'check', files.asks, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_TERMS_INVALID' } });
  });
});

describe('a terms file', () => {
  const subject = 'used car in Zürich';
  const draft = { parley: 1, subject, rule: { name: 'zopa' }, range: { min: '0', max: '1000', unit: 'USD' } };
  const json = JSON.stringify(draft);

  it.each<[string, Uint8Array]>([
    ['UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${json}`, 'utf16le')],
    ['UTF-8 with a byte-order mark', Buffer.from(`\uFEFF${json}`)],
  ])('is read in %s', async (_, bytes) => {
    const file = path('encoded.json');
    writeFileSync(file, bytes);
    const checked = await inProcess('terms', 'check', file);
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout + checked.stderr).toContain(subject);
  });

  it.each<[string, Uint8Array, string]>([
    ['in Latin-1', Buffer.from(json, 'latin1'), 'ERR_JSON'],
    [
      'with 4,200 levels',
      Buffer.from(json.replace('{', `{"x":${'['.repeat(4200)}${']'.repeat(4200)},`)),
      'ERR_JSON',
    ],
    ['with an infinite number', Buffer.from(json.replace(':1,', ':1e400,')), 'ERR_JSON'],
    ['with what nobody sees', Buffer.from(json.replace('car', 'c\u00ADar')), 'ERR_TERMS_INVALID'],
    ['with digits for a unit', Buffer.from(json.replace('USD', '00')), 'ERR_TERMS_INVALID'],
  ])('is refused %s', async (_, bytes, code) => {
    const file = path('refused.json');
    writeFileSync(file, bytes);
    const checked = await inProcess('terms', 'check', file, '--json');
    expect(checked.code).toBe(2);
    expect(JSON.parse(checked.stdout)).toMatchObject({ error: { code } });
  });

  it.each([
    ['an infinite number', '[1e400]'],
    ['3,000 levels', `${'['.repeat(3000)}${']'.repeat(3000)}`],
  ])('or agreement whose payload is %s is not valid, and no fault of Parley', async (_, payload) => {
    const encoded = Buffer.from(payload).toString('base64url');
    const file = put('hostile.json', `{"payload":"${encoded}","signatures":[]}\n`);
    const verified = await inProcess('verify', file, '--json');
    expect(verified.code).toBe(1);
    expect(JSON.parse(verified.stdout)).toEqual({ valid: false, code: 'ERR_AGREEMENT_FORMAT' });
  });
});
