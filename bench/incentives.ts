import { pathToFileURL } from 'node:url';
import type { PriceModel, Run } from '../protocols/leakage/model.ts';
import { postedPriceModel } from '../protocols/posted-price/leakage.ts';
import { randomSplitModel } from '../protocols/random-split/leakage.ts';
import { splitModel } from '../protocols/split/leakage.ts';
import type { Effort } from './benchmarks.ts';
import type { Row } from './rows.ts';

/** A strategy: the reservation that is entered (grid index) for each true value (position). */
type Strategy = Int32Array;
type Side = 'seller' | 'buyer';

/** A rule under test. `k` is its sellers' share for the linear equilibrium; undefined where truth is the equilibrium. */
interface Setting {
  readonly id: string;
  readonly model: PriceModel;
  readonly k: number | undefined;
}

const POINTS = 1025;

/**
 * What a party gains by misreporting under each price rule, for values that are independent and uniform on a grid of `points` in [0, 1]. Exact
 * sums over all pairs, nothing is sampled. See protocols/leakage/INCENTIVES.md.
 */
export function incentives(points: number): Row[] {
  return settings(points).flatMap((setting) => measure(setting));
}

/** The figures of INCENTIVES.md. */
export async function run({ quick }: Effort): Promise<Row[]> {
  return incentives(quick ? 33 : POINTS);
}

function settings(points: number): Setting[] {
  const range = { min: '0', max: String(points - 1), step: '1', unit: '', decimals: 0 };
  const middle = String((points - 1) / 2);
  const split = (sellerShare: string) => splitModel({ rule: { sellerShare }, range });
  const posted = (price: string) => postedPriceModel({ rule: { price }, range });
  return [
    { id: 'split.1/2', model: split('1/2'), k: 1 / 2 },
    { id: 'split.1/4', model: split('1/4'), k: 1 / 4 },
    { id: 'random-split', model: randomSplitModel({ range }), k: 1 / 2 },
    { id: 'posted-price.middle', model: posted(middle), k: undefined },
    { id: 'posted-price.random', model: posted('random'), k: undefined },
  ];
}

function measure({ id, model, k }: Setting): Row[] {
  const truth = Int32Array.from({ length: model.points }, (_, value) => value);
  const equilibrium = {
    seller: k === undefined ? truth : linear(model.points, 1 / (2 - k), (1 - k) / 2),
    buyer: k === undefined ? truth : linear(model.points, 1 / (1 + k), (k * (1 - k)) / (2 * (1 + k))),
  };
  const rows: Row[] = [];
  const add = (name: string, value: number, unit: string, note: string) =>
    rows.push({ id: `incentives.${id}.${name}`, value, unit, note });
  for (const side of ['buyer', 'seller'] as const) {
    const other = side === 'buyer' ? 'seller' : 'buyer';
    const truthful = responses(model, side, truth);
    add(
      `gain.truthful.${side}`,
      percent(truthful.best, truthful.honest),
      '%',
      `most the ${side} gains over truth, ${other} truthful`,
    );
    const shaded = responses(model, side, equilibrium[other]);
    add(
      `gain.equilibrium.${side}`,
      percent(shaded.best, shaded.honest),
      '%',
      `the same, ${other} in equilibrium`,
    );
    add(
      `deviation.${side}`,
      percent(shaded.best, shaded.value(equilibrium[side])),
      '%',
      `most the ${side} gains by leaving the equilibrium`,
    );
    const { slope, intercept } = leastSquares(model.points, shaded.strategy, shaded.trades);
    add(`shade.slope.${side}`, slope, '', `best response to an equilibrium ${other}: slope`);
    add(`shade.intercept.${side}`, intercept, '', 'its value at 0');
  }
  add(
    'efficiency.truthful',
    efficiency(model, truth, truth),
    '',
    'realised gains from trade / possible, both truthful',
  );
  add(
    'efficiency.equilibrium',
    efficiency(model, equilibrium.seller, equilibrium.buyer),
    '',
    'the same in equilibrium',
  );
  return rows;
}

/** Chatterjee and Samuelson's linear strategies: round(slope · value + intercept) on the grid. */
function linear(points: number, slope: number, intercept: number): Strategy {
  const top = points - 1;
  return Int32Array.from({ length: points }, (_, value) =>
    Math.max(0, Math.min(top, Math.round(slope * value + intercept * top))),
  );
}

/** What a side's reports bring against an opponent's strategy. */
interface Responses {
  /** The report that brings the most for each value; among equals, the one nearest to the truth. */
  readonly strategy: Strategy;
  /** Values whose best report trades at all. */
  readonly trades: readonly number[];
  /** Expected gain of best responses, of truth, and of any strategy, averaged over values. */
  readonly best: number;
  readonly honest: number;
  value(strategy: Strategy): number;
}

function responses(model: PriceModel, side: Side, opponent: Strategy): Responses {
  const { points } = model;
  const weights = new Float64Array(points);
  for (const report of opponent) weights[report] += 1 / points;
  const chance = new Float64Array(points);
  const price = new Float64Array(points);
  const run: Run = { first: 0, last: 0, each: 0 };
  for (let report = 0; report < points; report++) {
    for (let other = 0; other < points; other++) {
      if (weights[other] === 0) continue;
      const deals = side === 'buyer' ? model.deal(other, report, run) : model.deal(report, other, run);
      if (!deals) continue;
      const mass = weights[other] * (run.last - run.first + 1) * run.each;
      chance[report] += mass;
      // Prices of a run are evenly spaced, so their mean is that of its ends.
      price[report] += (mass * (model.price(run.first) + model.price(run.last))) / 2;
    }
  }
  const gain = (value: number, report: number) =>
    side === 'buyer' ? value * chance[report] - price[report] : price[report] - value * chance[report];
  const strategy = new Int32Array(points);
  const trades: number[] = [];
  for (let value = 0; value < points; value++) {
    let best = value;
    for (let distance = 1; distance < points; distance++)
      for (const report of [value - distance, value + distance])
        if (report >= 0 && report < points && gain(value, report) > gain(value, best) + 1e-9) best = report;
    strategy[value] = best;
    if (chance[best] > 0) trades.push(value);
  }
  const average = (reports: ArrayLike<number>) => {
    let sum = 0;
    for (let value = 0; value < points; value++) sum += gain(value, reports[value]);
    return sum / points;
  };
  const honest = average(Int32Array.from({ length: points }, (_, value) => value));
  return { strategy, trades, best: average(strategy), honest, value: average };
}

/** Least squares of reports over values, both scaled to [0, 1], over the values that trade. */
function leastSquares(
  points: number,
  strategy: Strategy,
  trades: readonly number[],
): { slope: number; intercept: number } {
  const top = points - 1;
  const n = trades.length;
  const meanX = trades.reduce((sum, value) => sum + value / top, 0) / n;
  const meanY = trades.reduce((sum, value) => sum + strategy[value] / top, 0) / n;
  let products = 0;
  let squares = 0;
  for (const value of trades) {
    products += (value / top - meanX) * (strategy[value] / top - meanY);
    squares += (value / top - meanX) ** 2;
  }
  return { slope: products / squares, intercept: meanY - (products / squares) * meanX };
}

/** Realised gains from trade over possible ones: Σ P(deal) (v − c) over Σ max(0, v − c). */
function efficiency(model: PriceModel, seller: Strategy, buyer: Strategy): number {
  const run: Run = { first: 0, last: 0, each: 0 };
  let realised = 0;
  let possible = 0;
  for (let cost = 0; cost < model.points; cost++)
    for (let value = 0; value < model.points; value++) {
      possible += Math.max(0, value - cost);
      if (model.deal(seller[cost], buyer[value], run))
        realised += (run.last - run.first + 1) * run.each * (value - cost);
    }
  return realised / possible;
}

/** How much more `best` is than `base`, in percent of `base`. */
function percent(best: number, base: number): number {
  return (100 * (best - base)) / base;
}

function table(rows: readonly Row[]): string {
  return rows
    .map(
      ({ id, value, unit, note }) => `${id.padEnd(52)} ${`${value.toFixed(4)}${unit}`.padStart(10)}  ${note}`,
    )
    .join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = incentives(POINTS);
  console.log(process.argv.includes('--json') ? JSON.stringify(rows, null, 2) : table(rows));
}
