import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactProfile, type View } from '../../../protocols/leakage/exact.ts';
import type { PriceModel, Run } from '../../../protocols/leakage/model.ts';
import { Prior } from '../../../protocols/leakage/prior.ts';
import { sampledEstimate, uniformDoubles } from '../../../protocols/leakage/sampled.ts';
import { atOnce } from '../../../src/crypto/slices.ts';

/** A mandate of the other side: its values round by round (undefined: abstains), whether it opted in, and its probability. */
interface Mandate {
  values: number[] | undefined;
  optedIn: boolean;
  probability: number;
}

/** Everything by the definition: all mandates, all outcomes, Bayes' rule and Shannon's formula. */
function bruteForce(model: PriceModel, view: View, own: number[], mandates: Mandate[]) {
  const run: Run = { first: 0, last: 0, each: 0 };
  const joint = new Map<string, Map<Mandate, number>>();
  const put = (outcome: string, mandate: Mandate, likelihood: number) => {
    if (!joint.has(outcome)) joint.set(outcome, new Map());
    if (likelihood > 1e-12) joint.get(outcome)!.set(mandate, likelihood);
  };
  for (const mandate of mandates) {
    let rest = 1;
    const pair = (i: number): [number, number] =>
      view === 'seller' ? [own[i], mandate.values![i]] : [mandate.values![i], own[i]];
    for (let i = 0; i < own.length && mandate.values; i++) {
      if (!model.deal(...pair(i), run)) continue;
      for (let y = run.first; y <= run.last; y++) put(`deal ${i} ${y}`, mandate, run.each);
      rest = Math.max(0, 1 - (run.last - run.first + 1) * run.each);
      break;
    }
    const gap = mandate.values === undefined ? 0 : pair(own.length - 1)[0] - pair(own.length - 1)[1];
    const near = mandate.optedIn && gap > 0 && gap <= (model.nearGap ?? 0);
    put(near ? 'near' : 'none', mandate, rest);
  }
  let bits = 0;
  let deal = 0;
  let dealBits = 0;
  let guess = 0;
  for (const [outcome, likelihoods] of joint) {
    let total = 0;
    for (const [mandate, likelihood] of likelihoods) total += mandate.probability * likelihood;
    let information = 0;
    let largest = 0;
    for (const [mandate, likelihood] of likelihoods) {
      const posterior = (mandate.probability * likelihood) / total;
      if (posterior > 0) information += posterior * Math.log2(posterior / mandate.probability);
      largest = Math.max(largest, posterior);
    }
    bits += total * information;
    if (!outcome.startsWith('deal')) continue;
    deal += total;
    dealBits += total * information;
    guess += total * largest;
  }
  return { bits, deal, bitsGivenDeal: dealBits / deal, guessGivenDeal: guess / deal };
}

function mandatesOf(masses: Float64Array, abstain: number, optIn: number): Mandate[] {
  const list: Mandate[] = [];
  const add = (values: number[] | undefined, probability: number) => {
    for (const optedIn of [true, false]) {
      const chance = probability * (optedIn ? optIn : 1 - optIn);
      if (chance > 0) list.push({ values, optedIn, probability: chance });
    }
  };
  for (const [i, mass] of masses.entries()) if (mass > 0) add([i], mass);
  add(undefined, abstain);
  return list;
}

const POINTS = 9;

/** Any model at all: the exact meter must not rely on monotone deals. */
const anyModel = fc
  .array(
    fc.record({
      deal: fc.boolean(),
      first: fc.nat(5),
      length: fc.integer({ min: 1, max: 6 }),
      chance: fc.constantFrom(1, 1, 0.5, 0.9),
    }),
    { minLength: POINTS * POINTS, maxLength: POINTS * POINTS },
  )
  .map(
    (cells): PriceModel => ({
      points: POINTS,
      outcomes: 11,
      deal(seller, buyer, run) {
        const cell = cells[seller * POINTS + buyer];
        run.first = cell.first;
        run.last = cell.first + cell.length - 1;
        run.each = cell.chance / cell.length;
        return cell.deal;
      },
      nearGap: 2,
      price: (outcome) => outcome,
    }),
  );

const anyPrior = fc
  .record({
    masses: fc.array(fc.nat(5), { minLength: POINTS, maxLength: POINTS }),
    abstain: fc.constantFrom(0, 0.25),
  })
  .filter(({ masses }) => masses.some((mass) => mass > 0))
  .map(({ masses, abstain }) => {
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    const pieces = masses
      .map((mass, i) => ({ start: i, end: i, mass: (mass / total) * (1 - abstain) }))
      .filter(({ mass }) => mass > 0);
    return new Prior(POINTS, pieces, abstain);
  });

describe('the exact meter', () => {
  it('gives what the definition gives, for any model, prior, abstention and opting in', () => {
    fc.assert(
      fc.property(
        anyModel,
        anyPrior,
        fc.constantFrom<View>('seller', 'buyer'),
        fc.constantFrom(1, 0.5),
        fc.nat(POINTS - 1),
        (model, prior, view, optIn, own) => {
          const profile = atOnce(exactProfile(model, view, prior, optIn));
          const expected = bruteForce(model, view, [own], mandatesOf(prior.masses(), prior.abstain, optIn));
          expect(profile.deal[own]).toBeCloseTo(expected.deal, 10);
          // Opting in is a part of the mandate, so a bit that depends on it is counted as learnt.
          expect(profile.bits[own]).toBeCloseTo(expected.bits, 8);
          if (expected.deal < 1e-9) return;
          expect(profile.bitsGivenDeal[own]).toBeCloseTo(expected.bitsGivenDeal, 8);
          // The guess is of the values: being opted in does not split it.
          const values = bruteForce(model, view, [own], mandatesOf(prior.masses(), prior.abstain, 1));
          expect(profile.guessGivenDeal[own]).toBeCloseTo(values.guessGivenDeal, 8);
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** Every tuple of `rounds` independent draws in conceding order, with its probability. */
function tuples(masses: Float64Array, rounds: number, order: (a: number, b: number) => number): Mandate[] {
  const chances = new Map<string, Mandate>();
  const extend = (values: number[], probability: number) => {
    if (values.length === rounds) {
      const sorted = [...values].sort(order);
      const known = chances.get(sorted.join()) ?? { values: sorted, optedIn: true, probability: 0 };
      known.probability += probability;
      chances.set(sorted.join(), known);
      return;
    }
    for (const [i, mass] of masses.entries()) if (mass > 0) extend([...values, i], probability * mass);
  };
  extend([], 1);
  return [...chances.values()];
}

describe('the sampled meter with rounds and near miss', () => {
  const points = 6;
  const prior = new Prior(points, [
    { start: 0, end: 1, mass: 0.5 },
    { start: 3, end: 5, mass: 0.5 },
  ]);
  const models: Record<string, PriceModel> = {
    zopa: {
      points,
      outcomes: 1,
      rounds: 3,
      nearGap: 1,
      price: () => Number.NaN,
      deal(seller, buyer, run) {
        run.first = 0;
        run.last = 0;
        run.each = 1;
        return seller <= buyer;
      },
    },
    midpoint: {
      points,
      outcomes: points,
      rounds: 3,
      price: (outcome) => outcome,
      deal(seller, buyer, run) {
        run.first = seller + Math.floor((buyer - seller) / 2);
        run.last = run.first;
        run.each = 1;
        return seller <= buyer;
      },
    },
    random: {
      points,
      outcomes: points,
      rounds: 3,
      nearGap: 1,
      price: (outcome) => outcome,
      deal(seller, buyer, run) {
        run.first = seller;
        run.last = buyer;
        run.each = 1 / (buyer - seller + 1);
        return seller <= buyer;
      },
    },
  };
  const cases = Object.keys(models).flatMap((name) => [
    [name, 'buyer', [0, 2, 4]] as const,
    [name, 'buyer', [1, 1, 1]] as const,
    [name, 'seller', [5, 4, 2]] as const,
    [name, 'seller', [4, 1, 0]] as const,
  ]);

  it.each(cases)('%s in the %s’s view with own reservations %j', (name, view, own) => {
    const descending = (a: number, b: number) => b - a;
    const ascending = (a: number, b: number) => a - b;
    const mandates = tuples(prior.masses(), 3, view === 'buyer' ? descending : ascending);
    const expected = bruteForce(models[name], view, [...own], mandates);
    const estimate = atOnce(
      sampledEstimate(
        models[name],
        view,
        { own: prior, other: prior },
        { samples: 20_000, uniform: uniformDoubles(), optIn: 1, own: [...own] },
      ),
    );
    expect(Math.abs(estimate.deal - expected.deal)).toBeLessThan(0.015);
    expect(Math.abs(estimate.bits - expected.bits)).toBeLessThan(4 * estimate.error + 1e-6);
    if (expected.deal > 0)
      expect(Math.abs(estimate.bitsGivenDeal - expected.bitsGivenDeal)).toBeLessThan(
        4 * estimate.error + 1e-6,
      );
  });
});
