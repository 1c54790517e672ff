import type { Menu } from '../../src/documents/terms.ts';
import { quoted } from '../../src/documents/text.ts';
import { groupThousands } from '../price/amount.ts';
import type { RuleDescription } from '../rule.ts';
import { countOptions, type Method } from './options.ts';

const PRODUCT = 'the product of the two sides’ gains is largest';
const RELATIVE =
  'the smaller of the two sides’ gains is largest, each measured against the most that side could get';
const CHOICE: Readonly<Record<Method, string>> = {
  nash: PRODUCT,
  'nash-1': PRODUCT,
  egalitarian: 'the smaller of the two sides’ gains is largest',
  'kalai-smorodinsky': RELATIVE,
  'kalai-smorodinsky-1': RELATIVE,
  utilitarian: 'the sum of the two sides’ gains is largest',
};
const BY_SUM = 'Ties go to the larger sum of gains, then to the option that stands first.';
const BY_NUMBER =
  'Ties go to the option that stands first; if the largest product is zero, to the larger sum of gains before that.';

/** What `menu` does, in plain words. */
export function describeMenu(menu: Menu, method: Method): RuleDescription {
  const incentives = [
    'No way of choosing from a menu makes the truth best for everyone: a side can gain by overstating its reservation, or how much it cares about what it gets anyway.',
  ];
  if (method === 'utilitarian') incentives.push('Adding up gains rewards the side that exaggerates most.');
  return {
    entering: entering(menu),
    outcome: [
      'A side’s gain from an option is its rating less its reservation. Only options that both sides rate at or above their reservations count.',
      `Of these, the one is chosen for which ${CHOICE[method]}. ${method === 'nash' ? BY_NUMBER : BY_SUM}`,
      'Only that option comes out, or ‘no deal’.',
    ],
    incentives,
    brief: {
      asked:
        'Each side enters in secret how it rates every option of the menu, and the lowest rating it would accept; the option that is best for both comes out.',
      learned:
        'From that option the other side learns something of how you rate them; without a deal, that no option will do for both.',
    },
  };
}

function entering(menu: Menu): string[] {
  const issues = menu.issues.map(({ name, values }) => `${quoted(name)} (${values.length})`);
  const shown = issues.length > 8 ? [...issues.slice(0, 7), `${issues.length - 7} more`] : issues;
  return [
    `The menu has ${groupThousands(String(countOptions(menu)))} options: ${shown.join(', ')}.`,
    'Each side enters how it rates them, from 0 to 1, and its reservation, the lowest rating it would accept.',
    'A side may also abstain; nobody can tell that from a reservation that is not met.',
  ];
}
