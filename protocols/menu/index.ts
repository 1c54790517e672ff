import { bitsToBigint } from '../../src/circuit/bits.ts';
import { memberNames } from '../price/encoding.ts';
import type { Rule } from '../rule.ts';
import { describeMenu } from './describe.ts';
import { type MenuEntry, menuEntry } from './entry.ts';
import { fastChoice } from './fast-choice.ts';
import { optionBits } from './option-bits.ts';
import { countOptions, dealOn, menuOf, menuTerms, solutionOf } from './options.ts';
import { chooseEntered } from './plain.ts';
import { sealedMenu } from './sealed.ts';
import { countAnds, queueMenu } from './stream.ts';

/** One option of a public menu, the best for both by a chosen measure. See README.md. */
export const menu: Rule<MenuEntry> = {
  name: 'menu',
  roles: ['a', 'b'],
  schema: menuTerms,

  entry: (terms, _party, mandate) => menuEntry(menuOf(terms), mandate),

  ands: (terms) => countAnds(solutionOf(terms), countOptions(menuOf(terms))),

  sealed: sealedMenu,

  async compute(engine, terms, entry, release) {
    const offered = menuOf(terms);
    const solution = solutionOf(terms);
    const outcome = queueMenu(engine, solution, countOptions(offered), (party, start, end) =>
      party === engine.party ? optionBits(solution, entry, start, end) : undefined,
    );
    const opened = (await engine.reveal(outcome, 'both', release))!;
    return opened[0] === 1 ? dealOn(offered, Number(bitsToBigint(opened.subarray(1)))) : { deal: false };
  },

  plain(terms, a, b) {
    const [offered, solution] = [menuOf(terms), solutionOf(terms)];
    const bits = (entry: MenuEntry) => optionBits(solution, entry, 0, countOptions(offered));
    const index = chooseEntered(solution, bits(a), bits(b));
    return index === undefined ? { deal: false } : dealOn(offered, index);
  },

  choose: (terms, a, b) => fastChoice(solutionOf(terms), a, b),

  describe: describeMenu,

  permits(terms, outcome) {
    if (outcome.deal === false) return memberNames(outcome) === 'deal';
    if (outcome.deal !== true || memberNames(outcome) !== 'deal,option' || !('option' in outcome))
      return false;
    const { option } = outcome;
    if (memberNames(option) !== 'index,values') return false;
    const offered = menuOf(terms);
    const { index, values } = option;
    if (!Number.isSafeInteger(index) || index < 0 || index >= countOptions(offered)) return false;
    const expected = dealOn(offered, index) as typeof outcome;
    const names = Object.keys(expected.option.values);
    return (
      memberNames(values) === names.toSorted().join() &&
      names.every((name) => values[name] === expected.option.values[name])
    );
  },
};
