import { describe, expect, it } from 'vitest';
import { type DescribableTerms, describeTerms, summarizeTerms } from '../../protocols/describe.ts';
import { ruleOf } from '../../protocols/registry.ts';
import type { Rule, RuleTerms } from '../../protocols/rule.ts';
import { zopa } from '../../protocols/zopa/index.ts';
import { menuMethods } from '../support/menus.ts';
import { changed } from '../support/rules.ts';

const range = { min: '0', max: '102300', step: '100', unit: 'USD', decimals: 2 };

function terms(rule: RuleTerms['rule'], more: Partial<DescribableTerms> = {}): DescribableTerms {
  const given = { rule, range } as RuleTerms;
  return { subject: 'used car', ...ruleOf(given).under(given).terms, ...more };
}

const prices: RuleTerms['rule'][] = [
  { name: 'zopa' },
  { name: 'zopa', rounds: 3, nearMiss: '5%' },
  { name: 'split' },
  { name: 'split', sellerShare: '0/1' },
  { name: 'split', sellerShare: '1/1' },
  { name: 'split', sellerShare: '1/4', grid: '6400' },
  { name: 'random-split' },
  { name: 'posted-price', price: '51200' },
  { name: 'posted-price', price: 'random' },
];

describe('describeTerms', () => {
  it.each(prices)('%j in lines of at most 80 columns, without a hole', async (rule) => {
    const text = await describeTerms(terms(rule));
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/undefined|NaN|null|\[object|\S {2}/);
    expect(text).toMatch(/1,024\sprices/);
    expect(text.split('\n\n').length).toBeGreaterThanOrEqual(5);
  });

  it('says what a deal tells each side, and what there is to gain', async () => {
    const split = (await describeTerms(terms({ name: 'split' }))).replaceAll('\n', ' ');
    expect(split).toContain('A deal tells the buyer 9.00 of 10.00 bits about the seller’s reservation');
    expect(split).toContain('exactly in 50% of cases');
    expect(split).toContain('2v/3 + 1/12');
    const posted = (await describeTerms(terms({ name: 'posted-price', price: '51200' }))).replaceAll(
      '\n',
      ' ',
    );
    expect(posted).toContain('There is a deal at 512.00 USD if both sides accept');
    expect(posted).toContain('Nothing is gained by misstating');
    expect(posted).toContain('A deal tells the buyer 1.00 of 10.00 bits');
  });

  it.each(menuMethods)('a menu by %s', async (method, rule) => {
    const issues = Array.from({ length: 10 }, (_, i) => ({ name: `issue ${i}`, values: ['yes', 'no'] }));
    const given = { rule, menu: { issues } } as RuleTerms;
    const text = await describeTerms({ subject: 'contract', ...ruleOf(given).under(given).terms });
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/undefined|NaN|null|\[object|\S {2}/);
    expect(text.replaceAll('\n', ' ')).toContain('The menu has 1,024 options: “issue 0” (2)');
    expect(text.replaceAll('\n', ' ')).toContain('at most 10.0 bits');
    const ties = /Ties go to the (larger sum|option that stands first)/.exec(text.replaceAll('\n', ' '));
    expect(ties?.[1]).toBe(method === 'nash' ? 'option that stands first' : 'larger sum');
  });

  it('says how the computation is protected', async () => {
    const protectedBy = {
      security: 'semi-honest',
      seals: 'none',
      attempts: 1,
      expires: '2027-01-31T12:00:00Z',
    } as const;
    const text = (await describeTerms(terms({ name: 'zopa' }, protectedBy))).replaceAll('\n', ' ');
    expect(text).toContain('only from a side that follows the protocol');
    expect(text).toContain('after 2027-01-31 12:00:00 UTC');
  });

  it('keeps to 80 columns with long words and wide characters, and shows nothing unsafe', async () => {
    const subject = `${'x'.repeat(190)}\u202e\u001b[2J`;
    for (const line of (await describeTerms(terms({ name: 'zopa' }, { subject }))).split('\n')) {
      expect([...line].length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/\p{Cc}|\u202e/u);
    }
    const wide = await describeTerms(terms({ name: 'zopa' }, { subject: '価格 '.repeat(40).trim() }));
    expect(wide.split('\n')[0].length).toBeLessThan(60);
  });

  it('says so where a rule has no figures', async () => {
    const like = changed(zopa, () => ({ leakage: undefined }));
    const mine: Rule = { ...like, name: 'mine', under: () => like.under({ rule: { name: 'zopa' }, range }) };
    const text = await describeTerms({ subject: 'x', rule: { name: 'mine' }, range }, { rules: [mine] });
    expect(text.replaceAll('\n', ' ')).toContain(
      'is not known: the rule mine does not say what its outcomes tell',
    );
  });

  it('C7: in four sentences: what is asked, what the other side learns, what binds, until when', () => {
    const known = [
      ['zopa', {}, 'both learn that a deal is possible', 'and nothing else'],
      ['split', {}, 'the middle between them', 'work out your limit, almost exactly'],
      ['split', { sellerShare: '1/4' }, 'the seller gets 1/4', 'almost exactly'],
      ['split', { grid: '1000' }, 'the middle', 'about where your limit is'],
      ['random-split', { rounds: 3 }, 'each of 3 rounds', 'learns little about your limit'],
      ['posted-price', { price: '500' }, 'a deal at 5.00 USD', 'that you accept its price'],
      ['posted-price', { price: 'random', nearMiss: '5%' }, 'drawn from the whole range', 'if both opt in'],
    ] as const;
    for (const [name, members, asked, learned] of known) {
      const given = terms({ name, ...members }, { expires: '2027-01-31T12:00:00Z' });
      const sentences = summarizeTerms(given);
      expect(sentences).toEqual([
        expect.stringContaining(asked),
        expect.stringContaining(learned),
        'Once both have entered theirs, you are bound by what comes out; both sign it.',
        'You can stop until then, and nothing is agreed after 2027-01-31 12:00:00 UTC.',
      ]);
      expect(sentences.join(' ')).not.toMatch(/\bbits\b|reservation|equilibri/);
    }
    const open = summarizeTerms(terms({ name: 'zopa' }, { security: 'semi-honest' }));
    expect(open).toHaveLength(5);
    expect(open[2]).toContain('these terms do not protect');
    expect(open[4]).toBe('You can stop until then.');
  });

  it('C7: and also where the rule says nothing of itself', () => {
    const like = changed(zopa, (bound) => {
      const { brief: _, ...rest } = bound.describe(['seller', 'buyer']);
      return { describe: () => rest };
    });
    const mine: Rule = { ...like, name: 'mine', under: () => like.under({ rule: { name: 'zopa' }, range }) };
    const [asked, learned] = summarizeTerms(
      { subject: 'x', rule: { name: 'mine' }, range },
      { rules: [mine] },
    );
    expect(asked).toContain('the rule “mine” makes the outcome');
    expect(learned).toContain('what follows from it');
  });

  it('refuses a rule that nobody knows', async () => {
    await expect(describeTerms({ subject: 'x', rule: { name: 'mine' }, range })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TERMS_INVALID' }),
    );
  });
});

describe('an arbiter', () => {
  it('is told of in the sentences and in the explanation, with the time to complain', async () => {
    const arbiter = { card: { payload: '', signatures: [] }, window: 600 };
    const named = terms({ name: 'split' }, { arbiter });
    expect(summarizeTerms(named).at(-1)).toMatch(/^If a side leaves after that, the arbiter gives both/);
    const text = (await describeTerms(named)).replaceAll('\n', ' ');
    expect(text).toContain('the other has 10 minutes to complain');
    expect(text).toContain('unless it is in league with a side');
    const without = terms({ name: 'split' });
    expect(summarizeTerms(without).join(' ') + (await describeTerms(without))).not.toMatch(/arbiter/i);
  });
});
