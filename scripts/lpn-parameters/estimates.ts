import { peeledCore, randomCore } from './core.ts';

/** A regular LPN instance: `blocks` blocks of `width` samples with one error each, over a secret of `secret` bits, by a code of `locality`. */
export interface Instance {
  readonly secret: number;
  readonly blocks: number;
  readonly width: number;
  readonly locality: number;
}

/** An attack, and its cost as a power of two. */
export interface Attack {
  readonly name: string;
  readonly cost: (instance: Instance) => number;
}

const { log2 } = Math;

/** Samples of an instance. */
export const samples = ({ blocks, width }: Instance): number => blocks * width;

/** Bits of the secret that are left when the sum of each block, which is 1, has been used as a linear equation. */
const rest = ({ secret, blocks }: Instance): number => secret - blocks;

/** How improbable it is that a share of each block has no error: log₂ of 1/(1 − share)^blocks. */
const noErrorIn = (share: number, blocks: number): number => -blocks * log2(1 - share);

/** log₂(2^a + 2^b + …). */
function sum(...powers: readonly number[]): number {
  const top = Math.max(...powers);
  return top + log2(powers.reduce((total, power) => total + 2 ** (power - top), 0));
}

/** log₂ of n!/(k!(n − k)!), for k far below n. */
function choose(n: number, k: number): number {
  let bits = 0;
  for (let i = 0; i < k; i += 1) bits += log2((n - i) / (k - i));
  return bits;
}

/** 2022/712, section 4.1: guess as many samples without errors as the secret has bits, whatever the blocks are, and invert by Strassen. */
export function pooledGauss({ secret, blocks, width }: Instance): number {
  const all = blocks * width;
  let guess = 0;
  for (let i = 0; i < blocks; i += 1) guess -= log2((all - secret - i) / (all - i));
  return 2.8 * log2(Math.min(secret, all - secret)) + guess;
}

/** The same evenly over blocks, whose sums save one sample each (2023/1568, Perm), and solved as what it is, a sparse system: three times secret² · locality. */
export const regularGauss = (instance: Instance): number => gaussOn(rest(instance), instance);

/** Gauss on `taken` rows that have as many unknowns. */
function gaussOn(taken: number, instance: Instance): number {
  const solving = log2(3 * instance.locality) + 2 * log2(taken);
  return solving + noErrorIn(taken / samples(instance), instance.blocks);
}

/**
 * Information set decoding: the samples taken may have `errors` errors, which are searched for. A generous rule for all variants instead of an estimate of one: an iteration
 * costs as much as writing down secret² bits, and a search for e errors among m places the cube root of their number (Stern and Dumer take the square root;
 * representations save factors of 2^e, which is far less).
 */
export const decoding = (instance: Instance): number => decodingOn(rest(instance), instance);

function decodingOn(taken: number, instance: Instance): number {
  const free = noErrorIn(taken / samples(instance), instance.blocks);
  // Errors per block are independent; those of `errors` blocks are anywhere in the samples taken.
  const odds = log2(taken / (samples(instance) - taken));
  let best = Number.POSITIVE_INFINITY;
  for (let errors = 0; errors <= Math.min(200, instance.blocks); errors += 2) {
    const chance = -free + choose(instance.blocks, errors) + errors * odds;
    best = Math.min(best, sum(2 * log2(taken), choose(taken, errors) / 3) - Math.min(0, chance));
  }
  return best;
}

/** 2022/712, section 4.3: statistical decoding with parity checks of the secret's length. */
export function statistical({ secret, blocks, width }: Instance): number {
  const all = blocks * width;
  return log2(secret + 1) + 2 * blocks * log2((all - blocks + 1) / (all - secret - blocks));
}

/** SD 2.0 in the same estimate: part of the secret, of as many bits as Gauss costs, is guessed beforehand for nothing. */
export function statistical2(instance: Instance): number {
  return statistical({ ...instance, secret: instance.secret - Math.floor(pooledGauss(instance)) });
}

/**
 * Reductions in the manner of Blum, Kalai and Wasserman, then Gauss: each step adds samples in pairs that agree in as many bits as there are samples for, and doubles
 * the noise. Counted generously: no sample is lost, and solving costs as much as writing down secret² bits.
 */
export const reductions = (instance: Instance): number => reductionsOn(rest(instance), instance);

function reductionsOn(unknowns: number, instance: Instance): number {
  let [secret, rate] = [unknowns, 1 / instance.width];
  const perStep = log2(samples(instance));
  let best = Number.POSITIVE_INFINITY;
  while (secret > perStep && rate < 0.49) {
    best = Math.min(best, 2 * log2(secret) - secret * log2(1 - rate));
    secret -= perStep;
    rate = 2 * rate * (1 - rate);
  }
  return best;
}

/**
 * 2023/176: the products of errors of one block are 0, and their sum is 1. `guessed` places in each of `in` blocks are guessed to have no error; the system is solved
 * in the degree at which its Hilbert series becomes non-positive, by sparse elimination.
 */
export function algebraic(instance: Instance): number {
  const { blocks, width, secret } = instance;
  let best = Number.POSITIVE_INFINITY;
  const steps = (to: number, count: number) =>
    Array.from({ length: count + 1 }, (_, i) => Math.round((i * to) / count));
  for (const within of new Set(steps(blocks, 40))) {
    for (const guessed of new Set(steps(width - 2, width))) {
      if (within * guessed > secret) break;
      const terms = monomials(width - guessed - 1, within, width - 1, blocks - within);
      const degree = solvingDegree(terms, samples(instance) - secret);
      if (degree === undefined) continue;
      const columns = terms.slice(1, degree + 1).reduce((total, count) => total + count, 0);
      const guess = within === 0 ? 0 : noErrorIn(guessed / width, within);
      best = Math.min(best, 2 * log2(columns) + log2(3 * (secret + 1 - within * guessed)) + guess);
    }
  }
  return best;
}

/** Monomials of degree 0 to 4 without two variables of a block: `a` variables in each of `m` blocks, `b` in each of `n`. */
function monomials(a: number, m: number, b: number, n: number): number[] {
  const series = (variables: number, count: number) => {
    const terms = [1];
    for (let i = 1; i <= 4; i += 1) terms.push((terms[i - 1]! * variables * (count - i + 1)) / i);
    return terms;
  };
  const [first, second] = [series(a, m), series(b, n)];
  return first.map((_, degree) => {
    let total = 0;
    for (let i = 0; i <= degree; i += 1) total += first[i]! * second[degree - i]!;
    return total;
  });
}

/** The least degree up to 4 in which `equations` linear equations leave no monomial over: the series is Σ monomials · z^i · (1 − z)/(1 + z)^… over GF(2). */
function solvingDegree(terms: readonly number[], equations: number): number | undefined {
  const signed = [1];
  for (let i = 1; i <= 4; i += 1) signed.push((-signed[i - 1]! * (equations - 1 + i - 1)) / i);
  let total = 0;
  for (let degree = 0; degree <= 4; degree += 1) {
    let coefficient = 0;
    for (let i = 0; i <= degree; i += 1) coefficient += terms[i]! * signed[degree - i]!;
    total += coefficient;
    if (degree >= 2 && total < 1) return degree;
  }
  return undefined;
}

/**
 * 2025/1284: in some blocks the error's place is guessed, in the others so many places without error that the products of errors, linearised, determine what is left.
 * Linear algebra on the samples themselves is taken for free.
 */
export function hybrid(instance: Instance): number {
  const { blocks, width } = instance;
  let best = Number.POSITIVE_INFINITY;
  for (let known = 0; known < Math.min(blocks, 40); known += 1) {
    const others = blocks - known;
    const fixed = (width - 1) * known;
    const unknown = (guessed: number) => rest(instance) - others * guessed - fixed;
    const equations = (guessed: number) => (others * (width - guessed - 2) * (width - guessed - 1)) / 2;
    const enough = (guessed: number) => unknown(guessed) <= Math.sqrt(2 * equations(guessed)) - 2;
    let [low, high] = [0, width - 2];
    if (enough(0)) high = 0;
    else if (!enough(high)) continue;
    while (high - low > 1e-6) {
      const middle = (low + high) / 2;
      if (enough(middle)) high = middle;
      else low = middle;
    }
    const left = Math.max(2, unknown(high));
    const linearise = 4 * log2(left) + 2 * log2(left + fixed) - 3 - log2(log2(left ** 2 / 2));
    const each = sum(
      log2(1.25 * (2 * left * left * fixed + left * fixed * fixed) + 1),
      3 * log2(2.5 * left) - 4,
    );
    const guess = noErrorIn(high / width, others);
    best = Math.min(best, guess + sum(linearise, each + known * log2(width)));
  }
  return best;
}

/** Unknowns, hence rows to be free of errors, in the core that peeling leaves. Sums of blocks are no equations here: they take rows outside the core. */
const corePeeled = (instance: Instance): number =>
  instance.secret * peeledCore(samples(instance) / instance.secret, instance.locality);

/** The same for a random set of variables. */
const coreAtRandom = (instance: Instance): number =>
  instance.secret * randomCore(samples(instance) / instance.secret, instance.locality);

export const gaussOnRandomCore = (instance: Instance): number => gaussOn(coreAtRandom(instance), instance);
export const gaussOnCore = (instance: Instance): number => gaussOn(corePeeled(instance), instance);
export const decodingOnCore = (instance: Instance): number => decodingOn(corePeeled(instance), instance);

/** Each step has all samples of the instance for pairs, as if all were in the core. */
export const reductionsOnCore = (instance: Instance): number => reductionsOn(corePeeled(instance), instance);

export const statisticalOnCore = (instance: Instance): number =>
  statistical({ ...instance, secret: Math.floor(corePeeled(instance)) });

export const attacks: readonly Attack[] = [
  { name: 'pooled Gauss (2022/712)', cost: pooledGauss },
  { name: 'Gauss, regular, sparse', cost: regularGauss },
  { name: 'ISD rule', cost: decoding },
  { name: 'statistical decoding (2022/712)', cost: statistical },
  { name: 'statistical decoding 2.0', cost: statistical2 },
  { name: 'pairwise reductions (BKW)', cost: reductions },
  { name: 'algebraic (2023/176)', cost: algebraic },
  { name: 'hybrid (2025/1284)', cost: hybrid },
  { name: 'Gauss, core of a random V', cost: gaussOnRandomCore },
  { name: 'Gauss, peeled core', cost: gaussOnCore },
  { name: 'ISD rule, peeled core', cost: decodingOnCore },
  { name: 'statistical decoding, peeled core', cost: statisticalOnCore },
  { name: 'pairwise reductions, peeled core', cost: reductionsOnCore },
];
