import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { desk, inProcess, parley } from './support.ts';

const { put, path, draft, files } = desk();
const small = { min: '0', max: '1023' };
const terms = (name: string, rule: object, more: object = { range: small }) =>
  put(`${name}.json`, { parley: 1, subject: 'a sale', rule, ...more });
const issues = [
  { name: 'Price', values: ['4.37', '4.12', '3.98'] },
  { name: 'Delivery', values: ['60 days', '45 days'] },
];

async function figures(name: string, rule: object, ...more: string[]) {
  const { code, stdout, stderr } = await inProcess('leak', '--json', '--terms', terms(name, rule), ...more);
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, Record<string, number | null>>;
}

describe('parley leak', () => {
  it.each([
    [{ name: 'zopa' }, 0.72],
    [{ name: 'split' }, 9],
    [{ name: 'split', sellerShare: '1/4' }, 9.5],
    [{ name: 'split', grid: '64' }, 3.16],
    [{ name: 'split', grid: '16' }, 5.04],
    [{ name: 'random-split' }, 1.55],
    [{ name: 'posted-price', price: 'random' }, 1.2],
    [{ name: 'posted-price', price: '512' }, 1],
  ])('%j tells the buyer %d bits on a deal, on 1,024 prices', async (rule, bits) => {
    const found = await figures(`exact-${JSON.stringify(rule).replaceAll(/\W/g, '-')}`, rule);
    expect(Object.keys(found)).toEqual(['seller', 'buyer']);
    expect(Object.keys(found.buyer!)).toEqual(['bits', 'bitsGivenDeal', 'guessGivenDeal']);
    expect(Math.abs((found.buyer!.bitsGivenDeal as number) - bits)).toBeLessThan(0.02);
  });

  it('as a process: a table in 80 columns for people, nothing on stdout', async () => {
    const { code, stdout, stderr } = await parley('leak', '--terms', files.draft);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('18.93 of 19.93 bits');
    expect(stderr).toMatch(/the buyer .*50% of deals/);
    expect(stderr).toContain('Sampled, standard error');
    for (const line of stderr.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  it('gives sampled figures with their error, and menus by party', async () => {
    const sampled = await inProcess('leak', '--json', '--terms', files.draft);
    const { seller } = JSON.parse(sampled.stdout) as { seller: Record<string, number> };
    expect(Object.keys(seller)).toEqual(['bits', 'bitsGivenDeal', 'guessGivenDeal', 'error']);
    const menu = terms('menu', { name: 'menu' }, { menu: { issues } });
    const { code, stdout, stderr } = await inProcess('leak', '--json', '--terms', menu);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Record<string, Record<string, number>>;
    expect(Object.keys(found)).toEqual(['a', 'b']);
    for (const side of ['a', 'b']) {
      expect(Object.keys(found[side]!)).toEqual(['bits', 'bitsGivenDeal', 'guessGivenDeal', 'error']);
      expect(found[side]!.bits).toBeGreaterThan(1);
      expect(found[side]!.bits).toBeLessThan(Math.log2(7));
    }
    expect(stderr).toContain('No more than 2.81 bits');
  });

  it('takes beliefs from a file', async () => {
    const narrow = { bins: [{ from: '500', to: '515', weight: 1 }] };
    const rule = { name: 'zopa' };
    const uniform = await figures('prior', rule);
    const believed = await figures('prior', rule, '--prior', put('narrow.json', narrow));
    expect(believed.buyer!.guessGivenDeal).toBeGreaterThan(20 * (uniform.buyer!.guessGivenDeal as number));
    const apart = {
      seller: { bins: [{ from: '900', to: '1000', weight: 1 }] },
      buyer: { bins: [{ from: '0', to: '100', weight: 1 }] },
    };
    const none = await figures('prior', rule, '--prior', put('apart.json', apart));
    expect(none).toEqual({
      seller: { bits: 0, bitsGivenDeal: null, guessGivenDeal: null },
      buyer: { bits: 0, bitsGivenDeal: null, guessGivenDeal: null },
    });
    const told = await inProcess('leak', '--terms', path('prior.json'), '--prior', path('apart.json'));
    expect(told.stderr).toContain('No deal is possible');
    expect(told.stderr).not.toContain('NaN');
  });

  it('draws a plot into a new file', async () => {
    const drawing = path('plot.svg');
    const args = ['leak', '--terms', terms('plot', { name: 'split' }), '--plot', drawing];
    expect((await inProcess(...args)).code).toBe(0);
    expect(readFileSync(drawing, 'utf8')).toMatch(/^<svg [\s\S]*a sale[\s\S]*<\/svg>\s*$/);
    const again = await inProcess(...args, '--json');
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'ERR_FILE' } });
  });

  const menu = () => terms('menu', { name: 'menu' }, { menu: { issues } });
  it.each<[string, () => string[], string]>([
    [
      'more prices than it can count',
      () => ['--terms', terms('wide', { name: 'zopa' }, { range: { min: '0', max: `${2n ** 60n}` } })],
      'ERR_LEAKAGE_RANGE',
    ],
    ['a broken prior', () => ['--terms', files.draft, '--prior', put('bad.json', {})], 'ERR_PRIOR_INVALID'],
    [
      'a prior outside the range',
      () => {
        const bins = [{ from: '0', to: '2000000', weight: 1 }];
        return ['--terms', files.draft, '--prior', put('outside.json', { bins })];
      },
      'ERR_PRIOR_INVALID',
    ],
    ['a prior for a menu', () => ['--terms', menu(), '--prior', put('any.json', {})], 'ERR_USAGE'],
    ['an unknown rule', () => ['--terms', terms('rule', { name: 'dice' })], 'ERR_TERMS_INVALID'],
    ['an unknown member', () => ['--terms', put('more.json', { ...draft, colour: 1 })], 'ERR_TERMS_INVALID'],
  ])('refuses %s in one line', async (_, args, code) => {
    const { code: exit, stdout, stderr } = await inProcess('leak', '--json', ...args());
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^parley: .+; .+/);
  });
});
