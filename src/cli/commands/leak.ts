import {
  type Leakage,
  measureLeakage,
  type PriorInput,
  parsePrior,
} from '../../../protocols/leakage/index.ts';
import { plotLeakage } from '../../../protocols/leakage/plot.ts';
import type { Rule, RuleTerms } from '../../../protocols/rule.ts';
import { checkDraft } from '../../desk/drafts.ts';
import type { TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readDraft, readJson, refuseExisting, writeNew } from '../../node/home/files.ts';
import { usageError } from '../terminal/failure.ts';
import { leakageTable } from '../terminal/leakage-table.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

export interface LeakFlags {
  readonly terms: string;
  readonly prior?: string;
  readonly plot?: string;
  readonly json?: boolean;
}

/** `parley leak --terms T [--prior FILE] [--plot FILE] [--json]` */
export async function leak(flags: LeakFlags): Promise<void> {
  const { rule, terms } = checkDraft(await readDraft(flags.terms));
  const prior = await readPrior(flags.prior, terms);
  if (flags.plot !== undefined) await refuseExisting(flags.plot);
  const figures = await measureLeakage(rule, terms, prior);
  if (flags.plot !== undefined)
    await writeNew(flags.plot, await plotLeakage(terms, prior, { rules: [rule] }), 0o644);
  if (flags.json === true) printJson(leakageJson(figures, rule));
  say(style('bold', `What the outcome tells each side about the other’s mandate (${rule.name})`));
  for (const line of leakageTable(figures, rule, terms, prior !== 'uniform')) say(`  ${line}`);
  if (rule.roles.every((role) => Number.isNaN(figures[role]!.bitsGivenDeal))) {
    say('  No deal is possible, so figures for a deal do not exist.');
  }
  if (flags.plot !== undefined) say(`  A plot by own reservation is in ${flags.plot}`);
}

/** The histogram of `--prior`. Throws usage and `ERR_PRIOR_INVALID`. */
export async function readPrior(path: string | undefined, terms: RuleTerms): Promise<PriorInput> {
  if (path === undefined) return 'uniform';
  if (terms.menu !== undefined) {
    throw usageError('--prior is a histogram of prices, and these terms have a menu', 'leave --prior out');
  }
  return parsePrior(await readJson(path, 'the prior'));
}

/** The figures as `--json` prints them. NaN, where no deal is possible, becomes null. */
export function leakageJson(figures: Leakage, { roles }: Rule): object {
  return Object.fromEntries(
    roles.map((role) => {
      const { bits, bitsGivenDeal, guessGivenDeal, error } = figures[role]!;
      return [role, { bits, bitsGivenDeal, guessGivenDeal, ...(error !== undefined && { error }) }];
    }),
  );
}

/** Lines that show the leakage before a mandate is asked for. If there is no figure, they say so. */
export async function leakageNotice(
  rule: Rule,
  terms: RuleTerms & Pick<TermsDraft, 'roles'>,
): Promise<string[]> {
  try {
    const figures = await measureLeakage(rule, terms);
    return [
      'what the outcome will tell each side about the other’s mandate:',
      ...leakageTable(figures, rule, terms),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [`how much the outcome tells about the other’s mandate is not known: ${error.message}`];
  }
}
