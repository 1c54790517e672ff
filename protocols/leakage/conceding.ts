import type { Prior } from './prior.ts';

/**
 * The other side's mandate as the sampled meter sees it: `rounds` independent draws from the prior, entered from the least
 * to the most willing, so every round concedes or stays. Values are counted by *reluctance*: 0 is the price at which the other
 * side is most willing, higher is less willing. Abstention is above every value.
 */
export class ConcedingPrior {
  readonly prior: Prior;
  readonly rounds: number;
  /** The chance that the side does not abstain. The masses below are scaled by it. */
  readonly present: number;
  readonly #binomials: Float64Array;
  readonly #logBinomials: Float64Array;

  /** @param prior the belief about one draw, in reluctance order */
  constructor(prior: Prior, rounds: number) {
    this.prior = prior;
    this.rounds = rounds;
    this.present = 1 - prior.abstain;
    this.#binomials = new Float64Array(rounds + 1).fill(1);
    for (let m = 1; m <= rounds; m++) this.#binomials[m] = (this.#binomials[m - 1] * (rounds - m + 1)) / m;
    this.#logBinomials = this.#binomials.map(Math.log);
  }

  /** Draws a mandate: reluctances in round order, or undefined for abstention. */
  draw(uniform: () => number): Float64Array | undefined {
    if (this.prior.abstain > 0 && uniform() < this.prior.abstain) return undefined;
    const values = new Float64Array(this.rounds);
    for (let i = 0; i < this.rounds; i++) values[i] = this.prior.quantile(uniform() * this.present);
    return values.sort().reverse();
  }

  /**
   * P(the value of round i is in first..last, and rounds before i lie above `floor`), i from 1, first ≤ last. `floor` is the highest
   * reluctance that meets in round i − 1, −1 if none does (then rounds before i lie above it always).
   *
   * With F the distribution of one draw and k draws, r₍ᵢ₎ the i-th highest:
   * above the floor, P(r₍ᵢ₎ ≤ v) = Σ_{m<i} C(k,m) (1 − F(v))^m F(v)^{k−m};
   * up to it, exactly i − 1 draws lie above it and the others' maximum is at most v: C(k,i−1) (1 − F(floor))^{i−1} F(v)^{k−i+1}.
   */
  mass(i: number, floor: number, first: number, last: number): number {
    if (this.rounds === 1) return this.prior.between(first, last);
    let mass = 0;
    if (first <= floor) mass += this.#below(i, floor, first, Math.min(last, floor));
    if (last > floor) mass += this.#above(i, Math.max(first, floor + 1), last);
    return this.present * mass;
  }

  #below(i: number, floor: number, first: number, last: number): number {
    const count = this.rounds - i + 1;
    const factor = this.#binomials[i - 1] * (1 - this.#upTo(floor)) ** (i - 1);
    return (
      factor *
      this.#difference(
        first,
        last,
        (F) => F ** count,
        (F) => count * F ** (count - 1),
      )
    );
  }

  #above(i: number, first: number, last: number): number {
    const k = this.rounds;
    const distribution = (F: number) => this.#fewerAbove(i, F);
    const density = (F: number) => this.#binomials[i - 1] * (k - i + 1) * (1 - F) ** (i - 1) * F ** (k - i);
    return this.#difference(first, last, distribution, density);
  }

  /** Σ_{m<i} C(k,m) (1 − F)^m F^{k−m}, from its largest term outwards until terms no longer count. */
  #fewerAbove(i: number, F: number): number {
    if (F <= 0) return 0;
    if (F >= 1) return 1;
    const k = this.rounds;
    const start = Math.min(i - 1, Math.floor((k + 1) * (1 - F)));
    const peak = Math.exp(this.#logBinomials[start] + start * Math.log1p(-F) + (k - start) * Math.log(F));
    let sum = peak;
    for (let m = start, term = peak; m > 0 && term > sum * 1e-17; m--) {
      term *= (m / (k - m + 1)) * (F / (1 - F));
      sum += term;
    }
    for (let m = start, term = peak; m < i - 1 && term > sum * 1e-17; m++) {
      term *= ((k - m) / (m + 1)) * ((1 - F) / F);
      sum += term;
    }
    return sum;
  }

  /** G(F(last)) − G(F(first − 1)); by the derivative where the two are too close for a difference of doubles. */
  #difference(first: number, last: number, G: (F: number) => number, slope: (F: number) => number): number {
    const inside = this.prior.between(first, last) / this.present;
    const lower = this.#upTo(first - 1);
    if (inside < 1e-7 * lower) return inside * slope(lower + inside / 2);
    return Math.max(0, G(lower + inside) - G(lower));
  }

  #upTo(v: number): number {
    return v < 0 ? 0 : Math.min(1, this.prior.upTo(v) / this.present);
  }
}
