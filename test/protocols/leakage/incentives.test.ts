import { describe, expect, it } from 'vitest';
import { incentives } from '../../../bench/incentives.ts';

const rows = new Map(incentives(257).map(({ id, value }) => [id, value]));
const figure = (id: string) => {
  const value = rows.get(`incentives.${id}`);
  if (value === undefined) throw new Error(`no row ${id}`);
  return value;
};

describe('incentives', () => {
  it('posted prices leave nothing to gain from misreporting', () => {
    for (const rule of ['posted-price.middle', 'posted-price.random'])
      for (const side of ['buyer', 'seller'])
        for (const opponent of ['truthful', 'equilibrium'])
          expect(figure(`${rule}.gain.${opponent}.${side}`)).toBe(0);
  });

  it('under an equal split and a random split, best responses are Chatterjee and Samuelson’s', () => {
    for (const rule of ['split.1/2', 'random-split']) {
      expect(figure(`${rule}.shade.slope.buyer`)).toBeCloseTo(2 / 3, 2);
      expect(figure(`${rule}.shade.intercept.buyer`)).toBeCloseTo(1 / 12, 2);
      expect(figure(`${rule}.shade.slope.seller`)).toBeCloseTo(2 / 3, 2);
      expect(figure(`${rule}.shade.intercept.seller`)).toBeCloseTo(1 / 4, 2);
      expect(figure(`${rule}.gain.truthful.buyer`)).toBeGreaterThan(30);
    }
  });

  it('the linear strategies are an equilibrium up to the grid: nobody gains half a percent by leaving them', () => {
    for (const [id, value] of rows)
      if (id.includes('.deviation.')) {
        expect(value).toBeGreaterThanOrEqual(-1e-9);
        expect(value).toBeLessThan(0.5);
      }
  });

  it('efficiency agrees with the closed forms on the continuum', () => {
    expect(figure('split.1/2.efficiency.truthful')).toBe(1);
    expect(figure('random-split.efficiency.truthful')).toBeCloseTo(1, 12);
    expect(figure('split.1/2.efficiency.equilibrium')).toBeCloseTo(27 / 32, 1.5);
    expect(figure('posted-price.middle.efficiency.truthful')).toBeCloseTo(3 / 4, 1.5);
    expect(figure('posted-price.random.efficiency.truthful')).toBeCloseTo(1 / 2, 1.5);
  });
});
