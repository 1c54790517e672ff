import { describe, expect, it } from 'vitest';
import { leakage, type PriorInput } from '../../../protocols/leakage/index.ts';
import { Prior, priorsOf } from '../../../protocols/leakage/prior.ts';

const range = { min: '100', max: '199', step: '1', unit: '', decimals: 0 };
const terms = { rule: { name: 'zopa' }, range };
const prior = (input: PriorInput) => priorsOf(input, range, 100).seller;

describe('priors', () => {
  it('a histogram spreads each bin’s weight evenly over its prices', async () => {
    const { seller } = priorsOf(
      {
        bins: [
          { from: '150', to: '153', weight: 1 },
          { from: '110', to: '110', weight: 3 },
        ],
      },
      range,
      100,
    );
    expect(seller.at(10)).toBe(0.75);
    expect(seller.at(50)).toBe(0.0625);
    expect(seller.at(54)).toBe(0);
    expect(seller.upTo(51)).toBe(0.875);
    expect(seller.between(9, 51)).toBe(0.875);
    expect(seller.quantile(0)).toBe(10);
    expect(seller.quantile(0.76)).toBe(50);
    expect(seller.masses().reduce((sum, mass) => sum + mass, 0)).toBe(1);
  });

  it('abstention takes its share from every price', async () => {
    const half = prior({ bins: [{ from: '100', to: '199', weight: 7 }], abstain: 0.5 });
    expect(half.at(0)).toBeCloseTo(0.005, 12);
    expect(half.upTo(99)).toBeCloseTo(0.5, 12);
  });

  it('reversed counts indices from the other end', async () => {
    const uneven = new Prior(10, [
      { start: 1, end: 2, mass: 0.8 },
      { start: 7, end: 7, mass: 0.2 },
    ]);
    const turned = uneven.reversed();
    expect([...turned.masses()]).toEqual([...uneven.masses()].reverse());
    expect(turned.quantile(0.1)).toBe(2);
  });

  it('finds the bin edges of a coarse grid with a negative minimum', async () => {
    const coarse = { ...range, min: '-7', max: '13', step: '5' };
    const { seller } = priorsOf({ bins: [{ from: '-3', to: '4', weight: 1 }] }, coarse, 5);
    expect([...seller.masses()]).toEqual([0, 1, 0, 0, 0].map((_, i) => (i === 1 || i === 2 ? 0.5 : 0)));
  });

  const bad: [string, unknown][] = [
    ['no bins', { bins: [] }],
    ['a bin outside the range', { bins: [{ from: '150', to: '250', weight: 1 }] }],
    [
      'bins that overlap',
      {
        bins: [
          { from: '100', to: '150', weight: 1 },
          { from: '150', to: '160', weight: 1 },
        ],
      },
    ],
    ['a bin upside down', { bins: [{ from: '150', to: '140', weight: 1 }] }],
    ['a weight below 0', { bins: [{ from: '150', to: '160', weight: -1 }] }],
    ['weights of 0', { bins: [{ from: '150', to: '160', weight: 0 }] }],
    ['certain abstention', { bins: [{ from: '150', to: '160', weight: 1 }], abstain: 1 }],
    ['an edge that is no integer', { bins: [{ from: '1.5', to: '160', weight: 1 }] }],
    ['a side missing', { seller: 'uniform' }],
    ['no object', 7],
  ];
  it.each(bad)('refuses %s', async (_, input) => {
    await expect(leakage(terms, input as PriorInput)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_PRIOR_INVALID' }),
    );
  });
});

describe('what a prior does to the figures', () => {
  it('a deal tells nothing about a seller who is known to accept everything', async () => {
    const { buyer, seller } = await leakage(terms, {
      seller: { bins: [{ from: '100', to: '100', weight: 1 }] },
      buyer: 'uniform',
    });
    expect(buyer.bits).toBeCloseTo(0, 12);
    expect(buyer.guessGivenDeal).toBeCloseTo(1, 12);
    expect(seller.bits).toBeCloseTo(0, 12);
  });

  it('a deal also rules out abstention', async () => {
    const bins = [{ from: '100', to: '100', weight: 1 }];
    const { buyer } = await leakage(terms, { seller: { bins, abstain: 0.5 }, buyer: 'uniform' });
    expect(buyer.bits).toBeCloseTo(1, 12);
    expect(buyer.bitsGivenDeal).toBeCloseTo(1, 12);
  });

  it('gives NaN on a deal where none is possible', async () => {
    const { buyer } = await leakage(terms, {
      seller: { bins: [{ from: '150', to: '160', weight: 1 }] },
      buyer: { bins: [{ from: '100', to: '120', weight: 1 }] },
    });
    expect(buyer.bits).toBe(0);
    expect(buyer.bitsGivenDeal).toBeNaN();
  });

  it('agrees between the exact and the sampled meter for uneven priors with abstention', async () => {
    const uneven: PriorInput = {
      seller: {
        bins: [
          { from: '100', to: '139', weight: 3 },
          { from: '160', to: '199', weight: 1 },
        ],
        abstain: 0.2,
      },
      buyer: { bins: [{ from: '120', to: '189', weight: 1 }], abstain: 0.1 },
    };
    for (const rule of [
      { name: 'split' },
      { name: 'random-split', nearMiss: '10%' },
      { name: 'posted-price', price: 'random' },
    ]) {
      const exact = await leakage({ rule, range }, uneven, { optIn: 0.5 });
      const sampled = await leakage({ rule, range }, uneven, { optIn: 0.5, exactUpTo: 0 });
      for (const side of ['seller', 'buyer']) {
        const tolerance = 4 * sampled[side].error! + 0.01;
        expect(Math.abs(sampled[side].bits - exact[side].bits)).toBeLessThan(tolerance);
        expect(Math.abs(sampled[side].bitsGivenDeal - exact[side].bitsGivenDeal)).toBeLessThan(tolerance);
      }
    }
  });
});
