import type { Random } from '../../src/crypto/random.ts';
import { inTurns, type Slices } from '../../src/crypto/slices.ts';
import type { Range } from '../../src/documents/terms.ts';
import { InputError } from '../../src/errors.ts';
import { ruleOf } from '../registry.ts';
import type { BoundRule, Rule, RuleTerms } from '../rule.ts';
import { exactProfile, type Profile, type View } from './exact.ts';
import { type MenuEstimate, menuEstimates, type OwnEstimate } from './menu.ts';
import type { LeakageModel, PriceModel } from './model.ts';
import { gridPoints, type Prior, type PriorInput, priorsOf } from './prior.ts';
import { type Estimate, sampledEstimate, uniformDoubles } from './sampled.ts';

export type { Profile, View } from './exact.ts';
export type { LeakageModel, PriceModel, Run } from './model.ts';
export { type Bin, type Histogram, type PriorInput, parsePrior } from './prior.ts';

/** What the outcome tells one side about the other's mandate, on top of its own mandate and the terms. */
export interface SideLeakage {
  /** Mutual information between the other's mandate and the outcome, in bits. */
  readonly bits: number;
  /** The information given that there is a deal; NaN if no deal is possible. */
  readonly bitsGivenDeal: number;
  /** Chance of guessing the other's mandate exactly, given a deal; NaN if no deal is possible. With rounds: of guessing the value that met. */
  readonly guessGivenDeal: number;
  /** Sampled figures only: the larger standard error of the two figures in bits. */
  readonly error?: number;
  /** log₂ of the number of outcomes, 'no deal' included, where that number is known: the most bits that an outcome can tell. */
  readonly bound?: number;
}

/** Leakage by role, in the rule's order of roles: `seller` and `buyer`, or `a` and `b`. */
export type Leakage = Readonly<Record<string, SideLeakage>>;

/** How to measure. */
export interface LeakageOptions {
  /** Grids of up to this many points are measured exactly. Default 2048. */
  readonly exactUpTo?: number;
  /** Samples per side for larger grids, an even number. Default 4096; with rounds 1024, and fewer with more than 16 rounds. */
  readonly samples?: number;
  /** With rounds: the most calls of the rule's model per side. Then sampling stops, and the error is larger. Default 2²². */
  readonly steps?: number;
  /** The source of the samples; a fixed seed by default, so a figure is reproducible. */
  readonly random?: Random;
  /** Chance that a side opts in to a rule's near-miss bit. Default 1: the most that it can tell. */
  readonly optIn?: number;
  /** Stops the measurement, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

const EXACT_UP_TO = 2048;
const SAMPLES = 4096;
const STEPS = 2 ** 22;
/** How many terms of a rule have their figures remembered. */
const REMEMBERED = 16;

/**
 * What the outcome of a negotiation under these terms would tell each side. `rules` are a researcher's own, tried before Parley's. Throws what
 * measureLeakage throws, and InputError `ERR_TERMS_INVALID` for an unknown rule.
 */
export async function leakage(
  terms: RuleTerms,
  prior: PriorInput = 'uniform',
  options: LeakageOptions & { readonly rules?: readonly Rule[] } = {},
): Promise<Leakage> {
  const { rules, ...how } = options;
  return measureLeakage(ruleOf(terms, rules), terms, prior, how);
}

/** Figures under the uniform prior, by rule and then by the terms' text, the latest last. */
const remembered = new WeakMap<Rule, Map<string, Leakage>>();

/**
 * What the outcome of a rule under these terms would tell each side, before anyone has agreed to them. Computes for a few seconds at most, in turns with
 * other work, and remembers the figures for the latest terms. Throws InputError: `ERR_LEAKAGE_UNKNOWN` for
 * a rule that says nothing about its outcomes, `ERR_LEAKAGE_RANGE` for more than 2⁵³ prices, `ERR_PRIOR_INVALID`.
 */
export async function measureLeakage(
  rule: Rule,
  terms: RuleTerms,
  prior: PriorInput = 'uniform',
  options: LeakageOptions = {},
): Promise<Leakage> {
  const { signal, ...how } = options;
  if (prior !== 'uniform' || Object.keys(how).length > 0) {
    return inTurns(measurement(rule, terms, prior, how), signal);
  }
  const known = remembered.get(rule) ?? new Map<string, Leakage>();
  remembered.set(rule, known);
  const text = JSON.stringify([terms.rule, terms.range, terms.menu]);
  const figures = known.get(text) ?? (await inTurns(measurement(rule, terms, prior, how), signal));
  known.delete(text);
  known.set(text, figures);
  if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  return figures;
}

function* measurement(
  rule: Rule,
  terms: RuleTerms,
  prior: PriorInput,
  options: LeakageOptions,
): Slices<Leakage> {
  const [first, second] = rule.roles;
  const bound = rule.under(terms);
  const measured = modelOf(rule, bound);
  switch (measured.by) {
    case 'prices': {
      const sides = yield* priceLeakage(measured, prior, options);
      return { [first]: sides.seller, [second]: sides.buyer };
    }
    case 'choices': {
      const sides = yield* menuEstimates(bound, measured, options.random);
      return { [first]: figures(sides.a), [second]: figures(sides.b) };
    }
    case 'count': {
      const most = Math.log2(measured.outcomes);
      const side = { bits: most, bitsGivenDeal: most, guessGivenDeal: Number.NaN, bound: most };
      return { [first]: side, [second]: side };
    }
  }
}

/** How a rule's outcomes are measured under given terms. Throws InputError `ERR_LEAKAGE_UNKNOWN`. */
function modelOf(rule: Rule, { leakage: model }: BoundRule): LeakageModel {
  if (model !== undefined) return model;
  throw unknown(`the rule ${rule.name} does not say what its outcomes tell`);
}

type ByPrices = Extract<LeakageModel, { by: 'prices' }>;

/** Both sides' figures from a price rule's model; `seller` is the rule's first role. */
function* priceLeakage(
  by: ByPrices,
  prior: PriorInput,
  options: LeakageOptions,
): Slices<Readonly<Record<View, SideLeakage>>> {
  const { model, priors } = priceSetting(by, prior);
  const side = function* (view: View): Slices<SideLeakage> {
    const own = priors[view];
    const other = priors[view === 'seller' ? 'buyer' : 'seller'];
    if (isExact(model, options))
      return average(yield* exactProfile(model, view, other, options.optIn ?? 1), own);
    const { bits, bitsGivenDeal, guessGivenDeal, error } = yield* sampledEstimate(
      model,
      view,
      { own, other },
      {
        samples: options.samples ?? samplesFor(model),
        steps: options.steps ?? STEPS,
        uniform: uniformDoubles(options.random),
        optIn: options.optIn ?? 1,
      },
    );
    return { bits, bitsGivenDeal, guessGivenDeal, error };
  };
  return { seller: yield* side('seller'), buyer: yield* side('buyer') };
}

/** One side's figures for several own reservations (`own`: grid indices, or for menus 0..1), as a plot shows them. */
export interface SideProfile extends Profile {
  readonly own: readonly number[];
}

/**
 * Both sides' figures by own reservation, the rule's first role first: all reservations of a small grid, 65 evenly spread ones of a larger grid; for menus, means over
 * tenths of 0..1. Takes turns like measureLeakage, and throws the same errors.
 */
export async function leakageProfile(
  rule: Rule,
  terms: RuleTerms,
  prior: PriorInput = 'uniform',
  options: LeakageOptions = {},
): Promise<readonly [SideProfile, SideProfile]> {
  return inTurns(profiles(rule, terms, prior, options), options.signal);
}

function* profiles(
  rule: Rule,
  terms: RuleTerms,
  prior: PriorInput,
  options: LeakageOptions,
): Slices<readonly [SideProfile, SideProfile]> {
  const bound = rule.under(terms);
  const measured = modelOf(rule, bound);
  switch (measured.by) {
    case 'prices':
      return yield* priceProfiles(measured, prior, options);
    case 'choices': {
      const { a, b } = yield* menuEstimates(bound, measured, options.random);
      return [menuProfile(a.owns), menuProfile(b.owns)];
    }
    case 'count':
      throw unknown(`the rule ${rule.name} says no more of its outcomes than how many there are`);
  }
}

function* priceProfiles(
  by: ByPrices,
  prior: PriorInput,
  options: LeakageOptions,
): Slices<readonly [SideProfile, SideProfile]> {
  const { model, priors } = priceSetting(by, prior);
  const side = function* (view: View): Slices<SideProfile> {
    const other = priors[view === 'seller' ? 'buyer' : 'seller'];
    if (isExact(model, options)) {
      const profile = yield* exactProfile(model, view, other, options.optIn ?? 1);
      return { ...profile, own: Array.from({ length: model.points }, (_, i) => i) };
    }
    const marks = Math.min(65, model.points);
    const own = Array.from({ length: marks }, (_, i) => Math.floor(((model.points - 1) * i) / (marks - 1)));
    const estimates: Estimate[] = [];
    for (const reservation of own) {
      const sampling = {
        samples: 256,
        steps: Math.ceil((options.steps ?? STEPS) / marks),
        uniform: uniformDoubles(options.random),
        optIn: options.optIn ?? 1,
        own: new Array<number>(model.rounds ?? 1).fill(reservation),
      };
      estimates.push(yield* sampledEstimate(model, view, { own: priors[view], other }, sampling));
    }
    const column = (name: keyof Estimate) => Float64Array.from(estimates, (estimate) => estimate[name]);
    return {
      own,
      deal: column('deal'),
      bits: column('bits'),
      bitsGivenDeal: column('bitsGivenDeal'),
      guessGivenDeal: column('guessGivenDeal'),
    };
  };
  return [yield* side('seller'), yield* side('buyer')];
}

/** A price rule's model, with both priors on its grid. */
export function priceSetting(
  { range, prices }: ByPrices,
  prior: PriorInput,
): { model: PriceModel; priors: { seller: Prior; buyer: Prior }; range: Range } {
  const points = gridPoints(range);
  return { model: prices(), priors: priorsOf(prior, range, points), range };
}

function unknown(message: string): InputError {
  return new InputError('ERR_LEAKAGE_UNKNOWN', message);
}

/** The number of samples. With rounds there are fewer, since each round of a sample costs a sum over all rounds. */
function samplesFor({ rounds = 1 }: PriceModel): number {
  return rounds === 1 ? SAMPLES : Math.max(256, Math.floor(SAMPLES / Math.max(4, rounds / 4) / 2) * 2);
}

function isExact(model: PriceModel, options: LeakageOptions): boolean {
  return model.points <= (options.exactUpTo ?? EXACT_UP_TO) && (model.rounds ?? 1) === 1;
}

/** Averages a profile over the side's own prior. A side that abstains learns nothing. */
function average(profile: Profile, own: Prior): SideLeakage {
  const masses = own.masses();
  let deal = 0;
  let bits = 0;
  let dealBits = 0;
  let guess = 0;
  for (let i = 0; i < masses.length; i++) {
    bits += masses[i] * profile.bits[i];
    const weight = masses[i] * profile.deal[i];
    if (weight === 0) continue;
    deal += weight;
    dealBits += weight * profile.bitsGivenDeal[i];
    guess += weight * profile.guessGivenDeal[i];
  }
  return { bits, bitsGivenDeal: dealBits / deal, guessGivenDeal: guess / deal };
}

function figures({ bits, bitsGivenDeal, guessGivenDeal, error, bound }: MenuEstimate): SideLeakage {
  return { bits, bitsGivenDeal, guessGivenDeal, error, bound };
}

/** Means over own mandates whose reservations fall into one of ten equal parts of 0..1. */
function menuProfile(owns: readonly OwnEstimate[]): SideProfile {
  const parts = Array.from({ length: 10 }, (_, i) =>
    owns.filter(({ reservation }) => Math.floor(reservation * 10) === i),
  ).filter((part) => part.length > 0);
  const column = (value: (own: OwnEstimate) => number) =>
    Float64Array.from(parts, (part) => part.reduce((sum, own) => sum + value(own), 0) / part.length);
  const deal = column((own) => own.deal);
  const onDeals = column((own) => own.bitsOnDeals);
  return {
    own: parts.map(([{ reservation }]) => (Math.floor(reservation * 10) + 0.5) / 10),
    deal,
    bits: column((own) => own.bits),
    bitsGivenDeal: onDeals.map((bits, i) => (deal[i] > 0 ? bits / deal[i] : Number.NaN)),
    guessGivenDeal: column(() => Number.NaN),
  };
}
