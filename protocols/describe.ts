import { rolesIn } from '../src/documents/roles.ts';
import type { Terms } from '../src/documents/terms.ts';
import { quoted } from '../src/documents/text.ts';
import { ParleyError } from '../src/errors.ts';
import {
  type Leakage,
  type LeakageModel,
  type LeakageOptions,
  measureLeakage,
  type PriorInput,
  type SideLeakage,
} from './leakage/index.ts';
import { wrap } from './lines.ts';
import { listTerms } from './listing.ts';
import { mandateSentences } from './mandates.ts';
import { owing, owingBriefly, publishing } from './owing.ts';
import { groupThousands } from './price/amount.ts';
import { ratifySentences } from './ratification.ts';
import { ruleOf } from './registry.ts';
import type { Rule, RuleTerms } from './rule.ts';

/** Terms to describe: completed ones, or a draft. */
export type DescribableTerms = RuleTerms &
  Pick<Terms, 'subject'> &
  Partial<Omit<Terms, 'rule' | 'range' | 'menu'>>;

/** How to describe them. */
export interface DescribeOptions extends LeakageOptions {
  /** Beliefs for the leakage figures. Default uniform. */
  readonly prior?: PriorInput;
  /** A researcher's own rules, tried before Parley's. */
  readonly rules?: readonly Rule[];
  /** Figures that have been measured already. */
  readonly leakage?: Leakage;
}

/**
 * Terms in plain words, then every member: the texts of `explainTerms` and `listTerms`. Paragraphs of lines of at most 80 columns, separated by
 * empty lines. Throws InputError `ERR_TERMS_INVALID` for an unknown rule.
 */
export async function describeTerms(terms: DescribableTerms, options: DescribeOptions = {}): Promise<string> {
  return [await explainTerms(terms, options), listTerms(terms).join('\n')].join('\n\n');
}

/**
 * Terms in four sentences, for people who have to decide at once: what is asked, what the other side learns, what one is bound to, and until when. A
 * further sentence warns of terms that do not protect against cheating, or says what an arbiter is for. Throws InputError `ERR_TERMS_INVALID` for an unknown rule.
 */
export function summarizeTerms(
  terms: DescribableTerms,
  { rules }: Pick<DescribeOptions, 'rules'> = {},
): string[] {
  const rule = ruleOf(terms, rules);
  const {
    asked = `Each side enters its figures in secret, and the rule ${quoted(rule.name)} makes the outcome of them.`,
    learned = 'The other side learns that outcome, and what follows from it.',
  } = rule.under(terms).describe(rolesIn(rule, terms)).brief ?? {};
  const end = terms.expires === undefined ? '' : `, and nothing is agreed after ${timeText(terms.expires)}`;
  return [
    asked,
    learned,
    ...(terms.security === 'semi-honest'
      ? ['A side that cheats could learn more, or change the outcome: these terms do not protect from it.']
      : []),
    'Once both have entered theirs, you are bound by what comes out; both sign it.',
    `You can stop until then${end}.`,
    ...(terms.arbiter === undefined
      ? []
      : [
          'If a side leaves after that, the arbiter gives both the outcome. If it were in league with the other side, it could read any outcome: make sure who it is.',
        ]),
    ...(terms.ratify === undefined ? [] : ratifySentences(terms.ratify, terms)),
    ...(terms.mandates === undefined ? [] : mandateSentences(terms.mandates, terms)),
    ...owingBriefly(terms),
    ...publishing(terms),
  ];
}

/**
 * Terms in plain words: what each side enters, what the outcome is, what that tells the other side, what a false entry could gain, and how
 * the computation is protected. Measures what the outcome tells, in turns with other work, unless figures are given. Throws InputError
 * `ERR_TERMS_INVALID` for an unknown rule.
 */
export async function explainTerms(terms: DescribableTerms, options: DescribeOptions = {}): Promise<string> {
  const rule = ruleOf(terms, options.rules);
  const called = rolesIn(rule, terms);
  const { entering, outcome, extras = [], incentives } = rule.under(terms).describe(called);
  const told = await describeLeakage(terms, rule, options);
  const paragraphs = [
    [
      `${quoted(terms.subject)}: a negotiation between ${called[0]} and ${called[1]} by the rule ‘${rule.name}’.`,
    ],
    entering,
    outcome,
    extras,
    incentives,
    told,
    protection(terms),
    owing(terms, rule, called),
    publishing(terms),
  ];
  return paragraphs
    .filter((sentences) => sentences.length > 0)
    .map((sentences) => wrap(sentences.join(' ')).join('\n'))
    .join('\n\n');
}

/** What the outcome tells each side, as sentences. If there is no figure, they say so. */
export async function describeLeakage(
  terms: RuleTerms & Pick<DescribableTerms, 'roles'>,
  rule: Rule,
  options: DescribeOptions = {},
): Promise<string[]> {
  const { prior, rules: _, leakage: known, ...how } = options;
  let figures: Leakage;
  try {
    figures = known ?? (await measureLeakage(rule, terms, prior, how));
  } catch (error) {
    if (error instanceof ParleyError && error.code.startsWith('ERR_LEAKAGE_'))
      return [`How much the outcome tells each side is not known: ${error.message}.`];
    throw error;
  }
  const [first, second] = rolesIn(rule, terms);
  figures = { [first]: figures[rule.roles[0]], [second]: figures[rule.roles[1]] };
  const model = rule.under(terms).leakage;
  switch (model?.by) {
    case 'prices':
      return [...priceLeakage(figures, first, second, model, prior), belief(prior)];
    case 'choices':
      return menuLeakage(figures, first, second);
    default:
      return [
        `The outcome tells a side at most ${figures[first].bits.toFixed(1)} bits about the other’s mandate.`,
      ];
  }
}

function priceLeakage(
  figures: Leakage,
  first: string,
  second: string,
  { range, prices }: Extract<LeakageModel, { by: 'prices' }>,
  prior: PriorInput = 'uniform',
): string[] {
  const rounds = prices().rounds !== undefined;
  const points = Number((BigInt(range.max) - BigInt(range.min)) / BigInt(range.step) + 1n);
  const all = prior === 'uniform' && !rounds ? ` of ${Math.log2(points).toFixed(2)}` : '';
  const sentence = (side: string, other: string) => {
    const { bits, bitsGivenDeal, guessGivenDeal } = figures[side];
    if (Number.isNaN(bitsGivenDeal))
      return `The ${side} learns ${bits.toFixed(2)} bits; no deal is possible.`;
    const what = rounds
      ? `${other}’s reservations, enough to name the one that met`
      : `${other}’s reservation, enough to name it`;
    return `A deal tells the ${side} ${bitsGivenDeal.toFixed(2)}${all} bits about the ${what} exactly ${chance(guessGivenDeal)}; over all outcomes it is ${bits.toFixed(2)} bits.`;
  };
  return [sentence(first, second), sentence(second, first), ...accuracy(figures, first, second)];
}

function menuLeakage(figures: Leakage, first: string, second: string): string[] {
  const { bound } = figures[first];
  const figure = ({ bits, bitsGivenDeal }: SideLeakage) =>
    Number.isNaN(bitsGivenDeal) ? `${bits.toFixed(1)} bits` : `${bitsGivenDeal.toFixed(1)} bits on a deal`;
  return [
    `The outcome tells a side at most ${bound?.toFixed(1)} bits about the other’s ratings.`,
    `For ratings drawn at random ${first} learns ${figure(figures[first])} and ${second} ${figure(figures[second])}.`,
    ...accuracy(figures, first, second),
  ];
}

function accuracy(figures: Leakage, first: string, second: string): string[] {
  const error = Math.max(figures[first].error ?? 0, figures[second].error ?? 0);
  if (figures[first].error === undefined) return [];
  return [
    `These figures are sampled, with a standard error of ${error < 0.005 ? 'less than 0.01' : error.toFixed(2)} bits.`,
  ];
}

function belief(prior: PriorInput = 'uniform'): string {
  return prior === 'uniform'
    ? 'This takes every reservation in the range to be equally likely beforehand.'
    : 'This takes reservations to be as likely beforehand as the prior given says.';
}

function chance(share: number): string {
  if (share >= 0.9995) return 'always';
  if (share >= 0.0005) return `in ${(share * 100).toFixed(share >= 0.1 ? 0 : 1)}% of cases`;
  return share >= 1e-6
    ? `once in ${groupThousands(String(Math.round(1 / share)))} cases`
    : 'practically never';
}

/** So many seconds, for people. */
function timeIn(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}

/** A UTC time of terms, for people. */
function timeText(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}

function protection(terms: DescribableTerms): string[] {
  const { security, seals, attempts, expires, parties, arbiter, ratify, mandates } = terms;
  const sentences: string[] = [];
  if (security === 'malicious')
    sentences.push(
      'The computation is safe against a side that breaks the protocol: it is caught, and nothing is agreed.',
    );
  if (security === 'semi-honest')
    sentences.push(
      'The computation keeps secrets only from a side that follows the protocol. A cheater could learn more or change the outcome.',
    );
  if (seals === 'paillier')
    sentences.push('Each side’s mandate is sealed beforehand, so it can prove later what it entered.');
  if (attempts !== undefined)
    sentences.push(attempts === 1 ? 'There is one attempt.' : `There are ${attempts} attempts.`);
  if (expires !== undefined)
    sentences.push(`Neither side commits itself to an outcome after ${timeText(expires)}.`);
  if (parties !== undefined) sentences.push('The terms name both sides’ keys.');
  if (arbiter !== undefined) {
    sentences.push(
      `There is an arbiter: if one side leaves after both have signed that they are bound, the other has ${timeIn(arbiter.window)} to complain, and the arbiter gives both the same outcome.`,
      'It learns neither a mandate nor the outcome, unless it is in league with a side: then the two read every outcome. Make sure that its fingerprint is that of somebody whom you trust, and who belongs to neither side.',
    );
  }
  if (ratify !== undefined) sentences.push(...ratifySentences(ratify, terms));
  if (mandates !== undefined) sentences.push(...mandateSentences(mandates, terms));
  return sentences;
}
