import { type Random, seededRandom } from '../../src/crypto/random.ts';
import type { Slices } from '../../src/crypto/slices.ts';
import { ConcedingPrior } from './conceding.ts';
import type { View } from './exact.ts';
import type { PriceModel, Run } from './model.ts';
import type { Prior } from './prior.ts';

/** A sampled figure; `error` is a standard error in bits. */
export interface Estimate {
  readonly deal: number;
  readonly bits: number;
  readonly bitsGivenDeal: number;
  readonly guessGivenDeal: number;
  readonly error: number;
}

/** Uniform doubles in [0, 1) with 53 bits, from a fixed seed unless a source is given, so a figure can be reproduced. */
export function uniformDoubles(random: Random = seededRandom(new Uint8Array(16))): () => number {
  let words: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  return () => {
    if (at === words.byteLength) {
      const block = random(8192);
      words = new DataView(block.buffer, block.byteOffset, block.byteLength);
      at = 0;
    }
    const value = (words.getUint32(at) >>> 5) * 2 ** 26 + (words.getUint32(at + 4) >>> 6);
    at += 8;
    return value / 2 ** 53;
  };
}

/** What the sampler is given besides the model. */
export interface Sampling {
  readonly samples: number;
  readonly uniform: () => number;
  /** Chance that the other side has opted in to the near-miss bit, for a viewer that has. */
  readonly optIn: number;
  /** With rounds: the number of calls of the rule's model after which no further sample is drawn. The number of samples stays even. */
  readonly steps?: number;
  /** Fixes the viewer's own reservations, round by round (grid indices), instead of drawing them. */
  readonly own?: readonly number[];
}

/**
 * Estimates one side's leakage by drawing both mandates and a deal, and averaging log2 P(y | x, o) / P(y | o), whose mean is the mutual
 * information. P(y | o) is not sampled but summed over all of the other side's mandates that allow y: an interval, found by bisection.
 * So is the part of no deal. Each term is unbiased, and a range of 2⁵³ prices costs little more than one of 2¹². Without rounds, own
 * reservations are stratified and the other's is drawn among those that deal. The figures on a deal are ratios of two means.
 */
export function* sampledEstimate(
  model: PriceModel,
  view: View,
  priors: { own: Prior; other: Prior },
  sampling: Sampling,
): Slices<Estimate> {
  const { samples, uniform, optIn, steps = Number.POSITIVE_INFINITY } = sampling;
  const sampler = new Sampler(model, view, priors.other);
  const { rounds } = sampler;
  const top = model.points - 1;
  const ownPrior = new ConcedingPrior(view === 'seller' ? priors.own : priors.own.reversed(), rounds);
  // Own reservations that can never meet add nothing to any figure, unless a near miss tells something.
  const reach =
    rounds > 1 || model.nearGap
      ? top
      : sampler.highest((r) => sampler.allows(view === 'seller' ? r : top - r, 0));
  const reached = reach < 0 ? 0 : sampling.own || rounds > 1 ? 1 : ownPrior.prior.upTo(reach);
  const deal = new Float64Array(samples);
  const dealBits = new Float64Array(samples);
  const guess = new Float64Array(samples);
  const bits = new Float64Array(samples);
  const fixed = sampling.own && Float64Array.from(sampling.own);
  let drawn = samples;
  for (let n = 0; n < drawn && reached > 0; n++) {
    yield;
    // With rounds, samples are independent of each other, so any even number of them is valid.
    if (rounds > 1 && n >= 2 && n % 2 === 0 && sampler.steps >= steps) drawn = n;
    const own = n < drawn ? (fixed ?? drawOwn(n)) : undefined;
    if (own === undefined) continue;
    const term = yield* sampler.term(own, uniform, optIn);
    deal[n] = term.deal;
    dealBits[n] = term.dealBits;
    guess[n] = term.guess;
    bits[n] = reached * (term.dealBits + term.noDealBits);
  }
  const used = (values: Float64Array) => values.subarray(0, drawn);
  const whole = new Float64Array(drawn).fill(1);
  const average = ratio(used(bits), whole);
  const onDeal = ratio(used(dealBits), used(deal));
  return {
    deal: reached * ratio(used(deal), whole).value,
    bits: Math.max(0, average.value),
    bitsGivenDeal: onDeal.value,
    guessGivenDeal: ratio(used(guess), used(deal)).value,
    error: Math.max(average.error, onDeal.error || 0),
  };

  function drawOwn(n: number): Float64Array | undefined {
    const values =
      rounds > 1
        ? ownPrior.draw(uniform)
        : Float64Array.of(ownPrior.prior.quantile(((n + uniform()) / samples) * reached));
    if (values === undefined || view === 'seller') return values;
    return values.map((value) => top - value);
  }
}

/** One sample's contribution: the chance of a deal, bits and guess weighted with that chance, and the bits of no deal. */
interface Term {
  deal: number;
  dealBits: number;
  guess: number;
  noDealBits: number;
}

const plogp = (p: number) => (p > 1e-15 ? p * Math.log2(p) : 0);

/** Rounds that decide with a smaller chance than this are left out. Each would add less than 10⁻⁷ bits. */
const NEGLIGIBLE = 1e-9;
/** Rounds of a sample that are computed without a pause. */
const ROUNDS_AT_A_TIME = 8;

class Sampler {
  readonly model: PriceModel;
  readonly view: View;
  readonly other: ConcedingPrior;
  readonly rounds: number;
  /** Calls of the rule's model so far. */
  steps = 0;
  readonly #run: Run = { first: 0, last: 0, each: 0 };
  /** Parts of a block, for `forBlocks`. With rounds, fewer parts do: there are many blocks, and the samples scatter more than the parts err. */
  readonly #parts: number;

  constructor(model: PriceModel, view: View, other: Prior) {
    this.model = model;
    this.view = view;
    this.rounds = model.rounds ?? 1;
    this.#parts = this.rounds === 1 ? 32 : 8;
    // Reluctance of a seller is its price; of a buyer, the distance from the top.
    this.other = new ConcedingPrior(view === 'buyer' ? other : other.reversed(), this.rounds);
  }

  /** @param own the viewer's own reservations, round by round, as grid indices */
  *term(own: Float64Array, uniform: () => number, optIn: number): Slices<Term> {
    const { rounds } = this;
    const ceilings: number[] = [];
    for (const mine of own) {
      if (ceilings.length % ROUNDS_AT_A_TIME === ROUNDS_AT_A_TIME - 1) yield;
      ceilings.push(this.highest((r) => this.allows(mine, r)));
    }
    const term: Term = { deal: 0, dealBits: 0, guess: 0, noDealBits: 0 };
    let weight = 1;
    let other: Float64Array | undefined;
    if (rounds > 1) other = this.other.draw(uniform);
    else if (ceilings[0] >= 0) {
      weight = this.other.prior.upTo(ceilings[0]);
      other = Float64Array.of(this.other.prior.quantile(uniform() * weight));
    }
    const met = other === undefined ? -1 : other.findIndex((r, i) => r <= ceilings[i]);
    // Over all mandates x of the other side: the chance of a deal, and Σ P(x) P(no deal | x) log2 P(no deal | x).
    let dealChance = 0;
    for (let i = 0; i < rounds; i++) {
      if (i % ROUNDS_AT_A_TIME === ROUNDS_AT_A_TIME - 1) yield;
      if (ceilings[i] < 0) continue;
      const floor = i === 0 ? -1 : ceilings[i - 1];
      const mine = own[i];
      const { dealt, undecided } = this.#dealChance(mine, i + 1, floor, ceilings[i]);
      dealChance += dealt;
      term.noDealBits += undecided;
      if (i !== met) continue;
      this.allows(mine, other![i]);
      const { first, last, each } = this.#run;
      const y = first + Math.floor(uniform() * (last - first + 1));
      const { lowest, highest } = this.#preimage(mine, other![i], ceilings[i], y);
      const { total, largest } = this.#likelihood(mine, i + 1, floor, lowest, highest);
      term.deal = weight * Math.min(1, (last - first + 1) * each);
      term.dealBits = term.deal * Math.log2(each / total);
      term.guess = (term.deal * largest) / total;
    }
    const near = optIn * this.#nearMass(own[rounds - 1], rounds === 1 ? -1 : ceilings[rounds - 2]);
    term.noDealBits -= plogp(near) + plogp(1 - dealChance - near);
    return term;
  }

  /** Whether the viewer's own index and the other side's reluctance can deal; sets the run. */
  allows(mine: number, reluctance: number): boolean {
    this.steps += 1;
    if (this.view === 'buyer') return this.model.deal(reluctance, mine, this.#run);
    return this.model.deal(mine, this.model.points - 1 - reluctance, this.#run);
  }

  /** The highest reluctance for which a predicate holds; -1 if there is none. The predicate must hold up to some point and not after it. */
  highest(holds: (r: number) => boolean): number {
    return bisect(-1, this.model.points, holds);
  }

  /** The mass of last values that miss the viewer's by at most the gap; those never deal. */
  #nearMass(mine: number, floor: number): number {
    const { nearGap = 0, points } = this.model;
    const touching = this.view === 'buyer' ? mine : points - 1 - mine;
    const furthest = Math.min(points - 1, touching + nearGap);
    return furthest > touching ? this.other.mass(this.rounds, floor, touching + 1, furthest) : 0;
  }

  /** The reluctances that allow outcome y, around one that does, up to `ceiling`. */
  #preimage(mine: number, known: number, ceiling: number, y: number): { lowest: number; highest: number } {
    const allows = (r: number) => this.allows(mine, r) && this.#run.first <= y && y <= this.#run.last;
    return {
      highest: bisect(known, ceiling + 1, allows),
      lowest: known - bisect(0, known + 1, (distance) => allows(known - distance)),
    };
  }

  /** P(y | o): Σ P(round i holds r) P(y | r) over the reluctances that allow y, and the largest single term. */
  #likelihood(mine: number, i: number, floor: number, lowest: number, highest: number) {
    const each = (r: number) => (this.allows(mine, r) ? this.#run.each : 0);
    const atLowest = each(lowest);
    if (atLowest === each(highest)) {
      const largest = atLowest * this.#largestMass(i, floor, lowest, highest);
      return { total: atLowest * this.other.mass(i, floor, lowest, highest), largest };
    }
    let total = 0;
    let largest = 0;
    forBlocks(lowest, highest, this.#parts, (start, middle, end) => {
      const value = each(middle);
      total += value * this.other.mass(i, floor, start, end);
      largest = Math.max(largest, value * this.other.mass(i, floor, middle, middle));
    });
    return { total, largest };
  }

  /** With d(r) the chance of a deal, the sums of P(round i holds r) times d and times (1 − d) log2 (1 − d), up to the ceiling. */
  #dealChance(mine: number, i: number, floor: number, ceiling: number) {
    const chance = (r: number) => {
      if (!this.allows(mine, r)) return 0;
      const value = (this.#run.last - this.#run.first + 1) * this.#run.each;
      return value > 1 - 1e-12 ? 1 : value;
    };
    const whole = this.other.mass(i, floor, 0, ceiling);
    if (this.rounds > 1 && whole < NEGLIGIBLE) return { dealt: 0, undecided: 0 };
    const lowest = chance(0);
    if (lowest === chance(ceiling)) return { dealt: lowest * whole, undecided: plogp(1 - lowest) * whole };
    let dealt = 0;
    let undecided = 0;
    forBlocks(0, ceiling, this.#parts, (start, middle, end) => {
      const mass = this.other.mass(i, floor, start, end);
      const value = chance(middle);
      dealt += value * mass;
      undecided += plogp(1 - value) * mass;
    });
    return { dealt, undecided };
  }

  /**
   * The largest mass of a single point in lowest..highest. Within a piece of the prior, and on one side of the floor, the mass has one peak
   * at most: where F(r) = (i−1)/(k−1), or at an end.
   */
  #largestMass(i: number, floor: number, lowest: number, highest: number): number {
    const at = (r: number) => (r >= lowest && r <= highest ? this.other.mass(i, floor, r, r) : 0);
    const { prior, rounds, present } = this.other;
    const peak =
      rounds > 1 ? prior.quantile(present * Math.min(1 - 2 ** -53, (i - 1) / (rounds - 1))) : lowest;
    let largest = Math.max(at(lowest), at(highest), at(floor), at(floor + 1), at(peak));
    for (let j = Math.max(0, prior.piece(lowest)); j < prior.starts.length && prior.starts[j] <= highest; j++)
      largest = Math.max(largest, at(prior.starts[j]), at(prior.ends[j]));
    return largest;
  }
}

/**
 * Cuts first..last into blocks that double in size away from both ends, of `parts` parts each (a power of two), and gives every part with its middle. A
 * function taken at the middles is exact within `parts` points of the ends, and where it varies like 1/r sums to within 1/(12 parts²) of its
 * value: 10⁻⁴ for 32 parts, 1.4 · 10⁻³ for 8.
 */
function forBlocks(
  first: number,
  last: number,
  parts: number,
  add: (start: number, middle: number, end: number) => void,
): void {
  const part = (start: number, end: number) => add(start, start + Math.floor((end - start) / 2), end);
  const half = Math.floor((last - first) / 2);
  for (let offset = 0, size = parts; offset <= half; offset += size, size = offset) {
    const width = size / parts;
    for (let start = offset; start <= Math.min(half, offset + size - 1); start += width) {
      const end = Math.min(half, start + width - 1);
      part(first + start, first + end);
      // The mirror image, without the middle point where the two halves share it.
      const inner = Math.max(last - end, first + half + 1);
      if (inner <= last - start) part(inner, last - start);
    }
  }
}

/** The highest integer in low..high-1 for which `holds`, given that it holds at `low` (not called there) and not at `high`. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let yes = low;
  let no = high;
  while (no - yes > 1) {
    const middle = yes + Math.floor((no - yes) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/**
 * Σ value / Σ weight and its standard error, from the differences of neighbouring samples' residuals: right for independent samples and
 * for neighbouring strata alike. An even number of samples.
 */
function ratio(value: Float64Array, weight: Float64Array): { value: number; error: number } {
  let values = 0;
  let weights = 0;
  for (let n = 0; n < value.length; n++) {
    values += value[n];
    weights += weight[n];
  }
  const mean = values / weights;
  let squares = 0;
  for (let n = 0; n < value.length; n += 2)
    squares += (value[n] - value[n + 1] - mean * (weight[n] - weight[n + 1])) ** 2;
  return { value: mean, error: Math.sqrt(squares) / weights };
}
