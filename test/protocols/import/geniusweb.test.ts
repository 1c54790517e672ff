import { describe, expect, it } from 'vitest';
import { importGeniusWeb } from '../../../protocols/import/index.ts';

const domain = {
  name: 'stall',
  issuesValues: {
    colour: { values: ['red', 'blue', 'green'] },
    width: { range: { low: 0.8, high: 2, step: 0.4 } },
  },
};

const profile = (changes: Record<string, unknown> = {}) => ({
  LinearAdditiveUtilitySpace: {
    name: 'seller',
    domain,
    issueUtilities: {
      width: { NumberValueSetUtilities: { lowValue: 0.8, lowUtility: 0.2, highValue: 2, highUtility: 1 } },
      colour: { DiscreteValueSetUtilities: { valueUtilities: { blue: 1, red: 0.5, green: 0 } } },
    },
    issueWeights: { width: 0.75, colour: 0.25 },
    reservationBid: null,
    ...changes,
  },
});

const load = (a: unknown = profile(), b: unknown = profile()) =>
  importGeniusWeb([JSON.stringify(a), JSON.stringify(b)]);

describe('GeniusWeb profiles', () => {
  it('reads discrete and number value sets with their utilities', () => {
    const { terms, mandates, notes } = load();
    expect(terms.subject).toBe('stall');
    expect(terms.menu.issues).toEqual([
      { name: 'colour', values: ['red', 'blue', 'green'] },
      { name: 'width', values: ['0.8', '1.2', '1.6', '2'] },
    ]);
    expect(mandates[0].weights).toEqual([0.25, 0.75]);
    expect(mandates[0].evaluations[0]).toEqual([0.5, 1, 0]);
    expect(mandates[0].evaluations[1]).toEqual([0.2, 0.46666667, 0.73333333, 1]);
    expect(mandates[0].reservation).toBe(0);
    expect(notes).toEqual([]);
  });

  it('takes the utility of the reservation bid as the reservation', () => {
    const reserved = profile({ reservationBid: { issuevalues: { colour: 'red', width: 1.2 } } });
    expect(load(reserved).mandates[0].reservation).toBeCloseTo(0.25 * 0.5 + 0.75 * 0.46666667, 12);
  });

  it('accepts the same domain with its issues in another order', () => {
    const { colour, width } = domain.issuesValues;
    const turned = profile({ domain: { name: 'stall', issuesValues: { width, colour } } });
    expect(load(profile(), turned).mandates[1].evaluations).toEqual(load().mandates[1].evaluations);
  });

  const other = {
    name: 'stall',
    issuesValues: { ...domain.issuesValues, colour: { values: ['red', 'blue'] } },
  };
  const refusals: [string, string, unknown][] = [
    ['another kind of profile', 'ERR_IMPORT_UNSUPPORTED', { DefaultPartialOrdering: {} }],
    ['another domain', 'ERR_IMPORT_INVALID', profile({ domain: other })],
    ['a missing weight', 'ERR_IMPORT_INVALID', profile({ issueWeights: { width: 0.75 } })],
    ['weights above 1', 'ERR_IMPORT_UNSUPPORTED', profile({ issueWeights: { width: 0.75, colour: 0.3 } })],
    [
      'a utility above 1',
      'ERR_IMPORT_INVALID',
      profile({
        issueUtilities: {
          ...profile().LinearAdditiveUtilitySpace.issueUtilities,
          colour: { DiscreteValueSetUtilities: { valueUtilities: { blue: 1.5, red: 0.5, green: 0 } } },
        },
      }),
    ],
    [
      'a value without a utility',
      'ERR_IMPORT_INVALID',
      profile({
        issueUtilities: {
          ...profile().LinearAdditiveUtilitySpace.issueUtilities,
          colour: { DiscreteValueSetUtilities: { valueUtilities: { blue: 1, red: 0.5 } } },
        },
      }),
    ],
    [
      'discrete utilities for numbers',
      'ERR_IMPORT_UNSUPPORTED',
      profile({
        issueUtilities: {
          ...profile().LinearAdditiveUtilitySpace.issueUtilities,
          width: { DiscreteValueSetUtilities: { valueUtilities: { '0.8': 1 } } },
        },
      }),
    ],
    [
      'a reservation bid outside the domain',
      'ERR_IMPORT_INVALID',
      profile({ reservationBid: { issuevalues: { colour: 'red', width: 9 } } }),
    ],
    ['an array', 'ERR_IMPORT_INVALID', []],
  ];
  it.each(refusals)('refuses %s with %s', (_, code, a) => {
    expect(() => load(a)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a duplicate key', () => {
    const text = JSON.stringify(profile());
    const twice = text.replace('"blue":1', '"blue":1,"blue":0');
    expect(() => importGeniusWeb([twice, text])).toThrow(expect.objectContaining({ code: 'ERR_JSON' }));
  });
});
