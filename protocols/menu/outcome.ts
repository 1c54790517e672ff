import type { OutcomeJson } from '../../src/documents/rule.ts';
import type { Menu } from '../../src/documents/terms.ts';
import { quoted } from '../../src/documents/text.ts';
import { memberNames, membersOf } from '../define.ts';
import type { Outcome } from '../rule.ts';
import { countOptions, dealOn, type MenuDeal } from './options.ts';

/** The deal in an outcome; undefined if the outcome does not have exactly the form of a deal on an option of the menu. */
function dealOf(menu: Menu, outcome: OutcomeJson): MenuDeal | undefined {
  if (outcome.deal !== true || memberNames(outcome) !== 'deal,option') return undefined;
  if (memberNames(outcome.option) !== 'index,values') return undefined;
  const { index, values } = membersOf(outcome.option);
  if (typeof index !== 'number' || !Number.isSafeInteger(index)) return undefined;
  if (index < 0 || index >= countOptions(menu)) return undefined;
  const expected = dealOn(menu, index);
  const names = Object.keys(expected.option.values);
  const given = membersOf(values);
  const same =
    memberNames(values) === names.toSorted().join() &&
    names.every((name) => given[name] === expected.option.values[name]);
  return same ? expected : undefined;
}

/** Whether an outcome has exactly the form of 'no deal', or of a deal on an option of the menu. */
export function permitsOption(menu: Menu, outcome: OutcomeJson): boolean {
  if (outcome.deal === false) return memberNames(outcome) === 'deal';
  return dealOf(menu, outcome) !== undefined;
}

/** A permitted outcome in the form that a caller gets. */
export function menuResult(menu: Menu, outcome: OutcomeJson): Outcome {
  return dealOf(menu, outcome) ?? { deal: false };
}

/** A permitted outcome in a few words. */
export function menuOutcomeText(menu: Menu, outcome: OutcomeJson): string {
  const deal = dealOf(menu, outcome);
  if (deal === undefined) return 'no deal';
  const { values } = deal.option;
  const chosen = menu.issues.map(({ name }) => `${quoted(name)}: ${quoted(values[name]!)}`);
  return `deal on option ${deal.option.index} (${chosen.join(', ')})`;
}

/** In a few words, the mandate that a party entered, as its opening shows it. */
export function menuMandateText(mandate: Readonly<Record<string, unknown>>): string {
  const { abstain, reservation, utilities } = mandate;
  if (abstain === true) return 'nothing it would accept';
  if (typeof reservation !== 'number' || !Array.isArray(utilities))
    throw new Error('an opening shows utilities');
  const accepted = utilities.filter((utility) => utility >= reservation).length;
  return `a minimum of ${rounded(reservation)}, which ${accepted} of ${utilities.length} options met`;
}

/** A utility rounded to four decimal places. */
function rounded(utility: number): string {
  return String(Number(utility.toFixed(4)));
}
