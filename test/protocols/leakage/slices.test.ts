import { describe, expect, it, vi } from 'vitest';
import { leakage, measureLeakage } from '../../../protocols/leakage/index.ts';
import type { Rule, RuleTerms } from '../../../protocols/rule.ts';
import { split } from '../../../protocols/split/index.ts';
import { changed } from '../../support/rules.ts';

const wide = { min: '0', max: String(2n ** 52n), step: '1', unit: 'USD', decimals: 0 };
const small = { ...wide, max: '1000' };
const slow: RuleTerms = { rule: { name: 'posted-price', price: 'random', rounds: 256 }, range: wide };
const issues = Array.from({ length: 4 }, (_, i) => ({
  name: `issue ${i}`,
  values: Array.from({ length: 10 }, (_, value) => String(value)),
}));

/** How often everything else could run while something was measured. */
async function rounds(measuring: Promise<unknown>): Promise<number> {
  let count = 0;
  let over = false;
  const measured = measuring.finally(() => {
    over = true;
  });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    count += 1;
  }
  await measured;
  return count;
}

/** A rule like `split` that counts how often its outcomes are looked into. */
function counting(): { readonly rule: Rule; readonly looked: ReturnType<typeof vi.fn> } {
  const looked = vi.fn();
  const rule = changed(split, ({ leakage: model }) => {
    if (model?.by !== 'prices') return {};
    const prices = () => {
      looked();
      return model.prices();
    };
    return { leakage: { ...model, prices } };
  });
  return { rule, looked };
}

describe('measuring', () => {
  it.each<[string, RuleTerms]>([
    ['many rounds over a wide range', slow],
    [
      'a large exact grid',
      { rule: { name: 'posted-price', price: 'random' }, range: { ...wide, max: '2000' } },
    ],
    ['a large menu', { rule: { name: 'menu' }, menu: { issues } }],
  ])(
    'B12: takes turns with other work: %s',
    async (_, terms) => {
      // Done at once, the others get one or two rounds.
      expect(await rounds(leakage(terms))).toBeGreaterThan(4);
    },
    120_000,
  );

  it('B12: is given up when its signal aborts', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const terms = { ...slow, range: { ...wide, max: String(2n ** 51n) } };
    const measured = leakage(terms, 'uniform', { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(measured).rejects.toBe(reason);
  });

  it('B12: ends when its steps are used up, with an error that says so', async () => {
    const terms: RuleTerms = { rule: { name: 'posted-price', price: 'random', rounds: 8 }, range: wide };
    const [whole, cut] = await Promise.all([
      leakage(terms, 'uniform', { samples: 512 }),
      leakage(terms, 'uniform', { samples: 512, steps: 2 ** 17 }),
    ]);
    expect(cut.buyer!.error).toBeGreaterThan(2 * whole.buyer!.error!);
    expect(Math.abs(cut.buyer!.bits - whole.buyer!.bits)).toBeLessThan(5 * cut.buyer!.error!);
  });

  it('B12: is done once for the same terms', async () => {
    const { rule, looked } = counting();
    const terms: RuleTerms = { rule: { name: 'split' }, range: small };
    const first = await measureLeakage(rule, terms);
    expect(await measureLeakage(rule, structuredClone(terms))).toBe(first);
    expect(looked).toHaveBeenCalledTimes(1);
    await measureLeakage(rule, { ...terms, range: { ...small, max: '900' } });
    expect(looked).toHaveBeenCalledTimes(2);
    expect(await measureLeakage(rule, terms, { bins: [{ from: 0, to: 10, weight: 1 }] })).not.toEqual(first);
    expect(looked).toHaveBeenCalledTimes(3);
    expect(await measureLeakage(rule, terms)).toBe(first);
  });

  it('B12: remembers what one rule found for itself alone, and not without end', async () => {
    const [one, other] = [counting(), counting()];
    const of = (max: number): RuleTerms => ({
      rule: { name: 'split' },
      range: { ...small, max: String(max) },
    });
    await measureLeakage(one.rule, of(10));
    await measureLeakage(other.rule, of(10));
    expect(other.looked).toHaveBeenCalledTimes(1);
    for (let max = 11; max < 30; max++) await measureLeakage(one.rule, of(max));
    one.looked.mockClear();
    await measureLeakage(one.rule, of(29));
    expect(one.looked).not.toHaveBeenCalled();
    await measureLeakage(one.rule, of(10));
    expect(one.looked).toHaveBeenCalledTimes(1);
  });

  it('refuses a rule that nobody knows', async () => {
    await expect(leakage({ rule: { name: 'mine' }, range: small })).rejects.toMatchObject({
      code: 'ERR_TERMS_INVALID',
    });
  });
});
