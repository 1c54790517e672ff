import { parseXml } from '@rgrove/parse-xml';
import { describe, expect, it } from 'vitest';
import { plotLeakage } from '../../../protocols/leakage/plot.ts';
import type { RuleTerms } from '../../../protocols/rule.ts';

const plot = (terms: RuleTerms, subject = 'used car') => plotLeakage({ ...terms, subject });

const range = { min: '0', max: '1023', step: '1', unit: 'USD', decimals: 0 };

describe('the leakage plot', () => {
  it('is well-formed SVG with labelled axes, both sides and the averages', async () => {
    const svg = await plot({ rule: { name: 'split', sellerShare: '1/2' }, range });
    const root = parseXml(svg).root!;
    expect(root.name).toBe('svg');
    const text = root.text;
    expect(text).toContain('used car: what the outcome of ‘split’ tells');
    expect(text).toContain('What the buyer learns about the seller');
    expect(text).toContain('the seller’s own reservation (USD)');
    expect(text).toContain('1,023');
    expect(text).toContain('on average 9.00 bits on a deal');
    expect(svg.match(/<path d="M/g)!.length).toBe(6);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('escapes what the terms say', async () => {
    const svg = await plot({ rule: { name: 'zopa' }, range: { ...range, unit: '<b>"&' } }, '<script>&\u202e');
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('\u202e');
    expect(parseXml(svg).root!.text).toContain('<b>"&');
  });

  it('plots a range too large for exact figures, in people’s notation', async () => {
    const large = { min: '0', max: '100000000', step: '1', unit: 'USD', decimals: 2 };
    expect(await plot({ rule: { name: 'zopa' }, range: large })).toContain('1,000,000.00');
  });

  it('plots a range of one price', async () => {
    const svg = await plot({ rule: { name: 'zopa' }, range: { ...range, max: '0' } });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
