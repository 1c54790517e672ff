import type { RuleDescription, RuleTerms } from '../rule.ts';

const CHOICE: Readonly<Record<string, string>> = {
  nash: 'the product of the two sides’ gains is largest',
  egalitarian: 'the smaller of the two sides’ gains is largest',
  'kalai-smorodinsky':
    'the smaller of the two sides’ gains is largest, each measured against the most that side could get',
  utilitarian: 'the sum of the two sides’ gains is largest',
};

/** What `menu` does, in plain words. */
export function describeMenu({ rule }: RuleTerms): RuleDescription {
  const solution = String(rule.solution);
  const incentives = [
    'No way of choosing from a menu makes the truth best for everyone: a side can gain by overstating its reservation, or how much it cares about what it gets anyway.',
  ];
  if (solution === 'utilitarian') incentives.push('Adding up gains rewards the side that exaggerates most.');
  return {
    outcome: [
      'A side’s gain from an option is its rating less its reservation. Only options that both sides rate at or above their reservations count.',
      `Of these, the one is chosen for which ${CHOICE[solution] ?? `the solution ${solution} is best`}. Ties go to the larger sum of gains, then to the option that stands first.`,
      'Only that option comes out, or ‘no deal’.',
    ],
    incentives,
  };
}
