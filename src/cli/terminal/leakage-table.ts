import type { Leakage, SideLeakage } from '../../../protocols/leakage/index.ts';
import { groupThousands } from '../../../protocols/price/amount.ts';
import type { Rule, RuleTerms } from '../../../protocols/rule.ts';
import { parseRange } from '../../documents/range.ts';
import { rolesIn } from '../../documents/roles.ts';
import type { TermsDraft } from '../../documents/terms.ts';

const WIDTHS = [12, 21, 20, 20] as const;

/** Leakage as a table with notes under it, in at most 80 columns. `prior` says whether it was measured under beliefs other than uniform ones. */
export function leakageTable(
  figures: Leakage,
  rule: Rule,
  terms: RuleTerms & Pick<TermsDraft, 'roles'>,
  prior = false,
): string[] {
  const called = rolesIn(rule, terms);
  const sides = rule.roles.map((role, i) => [called[i]!, figures[role]!] as const);
  const of = knowable(terms, prior);
  const head = row('', 'when there is a deal', 'over all outcomes', 'names it exactly');
  const rows = sides.map(([role, side]) =>
    row(
      role.length === 1 ? `party ${role}` : `the ${role}`,
      Number.isNaN(side.bitsGivenDeal) ? 'no deal possible' : `${side.bitsGivenDeal.toFixed(2)}${of} bits`,
      `${side.bits.toFixed(2)} bits`,
      Number.isNaN(side.guessGivenDeal) ? 'never' : chance(side.guessGivenDeal),
    ),
  );
  return [head, ...rows, ...notes(sides[0]![1], sides[1]![1], prior)];
}

function row(...cells: readonly string[]): string {
  return cells
    .map((cell, column) => (column === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[column]!)))
    .join('')
    .trimEnd();
}

/** How many bits there are to know about one reservation under a uniform belief. */
function knowable({ range, rule }: RuleTerms, prior: boolean): string {
  if (range === undefined || prior || rule.rounds !== undefined) return '';
  return ` of ${Math.log2(Number(parseRange(range).count)).toFixed(2)}`;
}

function notes(first: SideLeakage, second: SideLeakage, prior: boolean): string[] {
  const lines: string[] = [];
  if (first.bound !== undefined) {
    lines.push(
      `No more than ${first.bound.toFixed(2)} bits, whatever the ratings; these are drawn at random.`,
    );
  } else {
    lines.push(prior ? 'By the beliefs given.' : 'If every reservation in the range is equally likely.');
  }
  const error = Math.max(first.error ?? 0, second.error ?? 0);
  if (first.error !== undefined) {
    lines.push(`Sampled, standard error ${error < 0.005 ? 'below 0.01' : error.toFixed(2)} bits.`);
  }
  return lines;
}

function chance(share: number): string {
  if (share >= 0.001) return `${Number((100 * share).toPrecision(2))}% of deals`;
  const odds = Number((1 / share).toPrecision(3));
  return odds <= 1e7 ? `1 in ${groupThousands(String(odds))}` : 'practically never';
}
