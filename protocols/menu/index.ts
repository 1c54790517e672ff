import { type Bits, bitsToBigint } from '../../src/circuit/bits.ts';
import { defineRule, membersOf } from '../define.ts';
import type { BoundRule } from '../rule.ts';
import { describeMenu } from './describe.ts';
import { fromEntry, menuEntry, toEntry } from './entry.ts';
import { fastChoices } from './fast-choice.ts';
import { fitMenu } from './fit.ts';
import { allBits, entryBits } from './option-bits.ts';
import { countOptions, dealOn, type MenuTerms, menuTerms, methodOf } from './options.ts';
import { menuMandateText, menuOutcomeText, menuResult, permitsOption } from './outcome.ts';
import { chooseEntered } from './plain.ts';
import { menuPolicy } from './policy.ts';
import { sealedMenu } from './sealed.ts';
import { countAnds, menuCircuits, outcomeWidth, queueMenu } from './stream.ts';

/** One option of a public menu, the best for both by a chosen measure. See README.md. */
export const menu = defineRule({
  name: 'menu',
  roles: ['a', 'b'],
  schema: menuTerms,
  // Copied into another object, `ands` would be read, and the gates counted.
  under: (terms) => Object.assign(computing(terms), showing(terms)),
});

function computing({
  menu: offered,
  rule,
}: MenuTerms): Pick<
  BoundRule,
  | 'ands'
  | 'circuits'
  | 'enter'
  | 'fit'
  | 'compute'
  | 'program'
  | 'plain'
  | 'seal'
  | 'outcomeWidth'
  | 'readOutcome'
> {
  const count = countOptions(offered);
  const method = methodOf(rule);
  const readOutcome = (bits: Bits) =>
    bits[0] === 1 ? dealOn(offered, Number(bitsToBigint(bits.subarray(1)))) : { deal: false };
  return {
    get ands() {
      return countAnds(method, count);
    },
    circuits: () => menuCircuits(method, count),
    enter: (_party, mandate) => toEntry(menuEntry(offered, mandate)),
    fit: (_party, mandate) => fitMenu(offered, mandate),
    seal: sealedMenu(offered, method),

    async compute(engine, entry, release) {
      const bitsOf = entryBits(method, count, entry);
      const outcome = queueMenu(engine, method, count, (party, input) =>
        party === engine.party ? bitsOf(input) : undefined,
      );
      return readOutcome((await engine.reveal(outcome, 'both', release))!);
    },
    outcomeWidth: outcomeWidth(count),
    readOutcome,

    program: (engine) => queueMenu(engine, method, count, () => undefined),

    plain(a, b) {
      const index = chooseEntered(method, allBits(method, count, a), allBits(method, count, b));
      return index === undefined ? { deal: false } : dealOn(offered, index);
    },
  };
}

function showing(terms: MenuTerms): Omit<BoundRule, 'terms' | keyof ReturnType<typeof computing>> {
  const { menu: offered, rule } = terms;
  const count = countOptions(offered);
  const method = methodOf(rule);
  return {
    permits: (outcome) => permitsOption(offered, outcome),
    result: (outcome) => menuResult(offered, outcome),
    form: { kind: 'ratings', menu: offered },
    capacityBits: Math.log2(count + 1),
    leakage: {
      by: 'choices',
      menu: offered,
      choices(a, b) {
        const [as, bs] = [a, b].map((entries) => entries.map((entry) => fromEntry(entry, count)!));
        return fastChoices(method, as!, bs!);
      },
    },
    policy: menuPolicy(terms),
    describe: () => describeMenu(offered, method),
    outcomeText: (outcome) => menuOutcomeText(offered, outcome),
    mandateText: (mandate) => menuMandateText(membersOf(mandate)),
  };
}
