import type { Slices } from '../../src/crypto/slices.ts';
import type { PriceModel, Run } from './model.ts';
import type { Prior } from './prior.ts';

/** The side that looks at the outcome. It knows its own reservation; the other side's leaks. */
export type View = 'seller' | 'buyer';

/**
 * What one side learns, for each own reservation (index into all four): the chance of a deal, the mutual information in
 * bits, the same on a deal, and the chance of guessing the other's reservation on a deal. The last two are NaN where no deal is possible.
 */
export interface Profile {
  readonly deal: Float64Array;
  readonly bits: Float64Array;
  readonly bitsGivenDeal: Float64Array;
  readonly guessGivenDeal: Float64Array;
}

const plogp = (p: number) => (p > 0 ? p * Math.log2(p) : 0);

/**
 * The profile, exactly, by going over all pairs. For an own reservation o, with π the prior of the other's x and Z(y) = Σ π(x) P(y|x,o):
 *
 *     I(X; Y | o)  = Σ_x π(x) Σ_y P(y|x,o) log2 P(y|x,o) − Σ_y Z(y) log2 Z(y)
 *     on a deal    : both sums over deals y only, divided by P(deal | o)
 *     guess        : Σ_{deals y} max_x π(x) P(y|x,o) / P(deal | o)
 *
 * A run of outcomes is added to Z by its two ends and to the maxima by two overlapping powers of two, so a pair costs O(1).
 *
 * This function is long because it is one pass over all pairs, with the sums above as its local variables.
 *
 * @param optIn chance that the other side has opted in to the near-miss bit, for a viewer that has
 */
export function* exactProfile(model: PriceModel, view: View, other: Prior, optIn: number): Slices<Profile> {
  const { points, outcomes, nearGap = 0 } = model;
  const masses = other.masses();
  const profile: Profile = {
    deal: new Float64Array(points),
    bits: new Float64Array(points),
    bitsGivenDeal: new Float64Array(points),
    guessGivenDeal: new Float64Array(points),
  };
  const single = new Float64Array(outcomes);
  const edges = new Float64Array(outcomes + 1);
  const levels = Math.floor(Math.log2(outcomes)) + 1;
  const maxima = Array.from({ length: levels }, () => new Float64Array(outcomes));
  const run: Run = { first: 0, last: 0, each: 0 };
  for (let own = 0; own < points; own++) {
    yield;
    single.fill(0);
    edges.fill(0);
    for (const level of maxima) level.fill(0);
    let deal = 0;
    let near = 0;
    let dealTerm = 0;
    let noDealTerm = 0;
    let highest = 0;
    for (let x = 0; x < points; x++) {
      const mass = masses[x];
      if (mass === 0) continue;
      const seller = view === 'seller' ? own : x;
      const buyer = view === 'seller' ? x : own;
      let missed = mass;
      if (model.deal(seller, buyer, run)) {
        const { first, last, each } = run;
        const weight = mass * each;
        const length = last - first + 1;
        const level = 31 - Math.clz32(length);
        if (level === 0) single[first] += weight;
        else {
          edges[first] += weight;
          edges[last + 1] -= weight;
        }
        const row = maxima[level];
        const back = last - (1 << level) + 1;
        if (row[first] < weight) row[first] = weight;
        if (row[back] < weight) row[back] = weight;
        highest = Math.max(highest, level);
        const chance = Math.min(1, length * each);
        deal += mass * chance;
        dealTerm += weight * length * Math.log2(each);
        missed = mass * (1 - chance);
        noDealTerm += mass * plogp(1 - chance);
      }
      if (seller > buyer && seller - buyer <= nearGap) near += missed * optIn;
    }
    spread(maxima, highest);
    const { surprise, guess } = overOutcomes(single, edges, maxima[0]);
    const noDeal = Math.max(0, 1 - deal - near);
    profile.deal[own] = deal;
    profile.bits[own] = Math.max(0, dealTerm + surprise + noDealTerm - plogp(near) - plogp(noDeal));
    profile.bitsGivenDeal[own] = deal > 0 ? (dealTerm + surprise) / deal : Number.NaN;
    profile.guessGivenDeal[own] = deal > 0 ? guess / deal : Number.NaN;
  }
  return profile;
}

/** Brings the maxima over runs of 2^level outcomes down to single outcomes. */
function spread(maxima: readonly Float64Array[], highest: number): void {
  const { length: outcomes } = maxima[0];
  for (let level = highest; level > 0; level--) {
    const row = maxima[level];
    const below = maxima[level - 1];
    const half = 1 << (level - 1);
    for (let y = 0; y + 2 * half <= outcomes; y++) {
      if (below[y] < row[y]) below[y] = row[y];
      if (below[y + half] < row[y]) below[y + half] = row[y];
    }
  }
}

/** −Σ Z log2 Z over the deals, Z being `single` and the running sum of `edges`, and the sum of their maxima. */
function overOutcomes(
  single: Float64Array,
  edges: Float64Array,
  maxima: Float64Array,
): { readonly surprise: number; readonly guess: number } {
  let running = 0;
  let surprise = 0;
  let guess = 0;
  for (let y = 0; y < single.length; y++) {
    running += edges[y];
    surprise -= plogp(single[y] + (running > 1e-15 ? running : 0));
    guess += maxima[y];
  }
  return { surprise, guess };
}
