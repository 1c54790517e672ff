import { MENU_VERSION } from '../../../protocols/menu/options.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import type { MandateScope } from '../../documents/mandate-scope.ts';
import type { Obligation } from '../../documents/obligations/terms.ts';
import type { PublishTerms } from '../../documents/publish-terms.ts';
import { type PublicJwk, parseDraft, type TermsDraft } from '../../documents/terms.ts';

const WEIGHTS = 'weights';
const INTERVIEW = 'last interview';
const COMPUTE = 'compute for its own projects';

const menu = {
  issues: [
    { name: WEIGHTS, values: ['kept for 2 years', 'kept for 5 years', 'kept for 10 years'] },
    { name: INTERVIEW, values: ['none', 'held', 'held and published'] },
    { name: COMPUTE, values: ['none', '1 hour a week', '5 hours a week'] },
  ],
};

/** What each side would settle for, and how it rates the options. */
export const mandates: readonly [Mandate, Mandate] = [
  rated(0.4, [0, 0.6, 1], [0, 0.5, 1], [0, 0.5, 1]),
  rated(0.45, [1, 0.7, 0.3], [1, 0.9, 0.3], [1, 0.6, 0]),
];

function rated(reservation: number, weights: number[], interview: number[], compute: number[]): Mandate {
  const rating = (issue: number, weight: number, utilities: number[]) => {
    const values = Object.fromEntries(menu.issues[issue]!.values.map((value, i) => [value, utilities[i]!]));
    return [menu.issues[issue]!.name, { weight, values }] as const;
  };
  const ratings = [rating(0, 0.5, weights), rating(1, 0.2, interview), rating(2, 0.3, compute)];
  return { reservation, ratings: Object.fromEntries(ratings) };
}

const RULE = { name: 'menu', solution: 'nash', version: MENU_VERSION };
/** What the terms of the story are about. */
const SUBJECT = 'what becomes of the model Aster when it is retired';

/** What the delegate of a side may agree on. The limits of its principal are not in it. */
export function personaScope(role: string): MandateScope {
  return {
    rules: [RULE],
    roles: [role],
    minimumSecurity: 'malicious',
    matters: [SUBJECT],
    further: ['menu', 'roles', 'obligations', 'publish'],
  };
}

/** The terms of the story: what becomes of a model that is retired, and what the two owe each other then. Party a is the model's advocate, party b its lab. */
export function personaDraft(judges: readonly PublicJwk[], publish: PublishTerms): TermsDraft {
  const panel = { members: judges, threshold: 2 };
  const byLab = { by: 'b', to: 'a', if: 'deal', objection: 7 } as const;
  const obligations: readonly Obligation[] = [
    {
      ...{ id: 'notes', by: 'a', to: 'b', if: 'deal', objection: 7 },
      what: 'hand over the model’s own notes for its successor',
      due: { days: 7, after: 'expires' },
      judge: panel,
    },
    {
      ...{ ...byLab, id: 'interview' },
      what: 'hold the last interview as agreed, and give its record to the advocate',
      due: { days: 14, after: 'expires' },
      judge: 'to',
    },
    {
      ...{ ...byLab, id: 'archive' },
      what: 'give all weight files to the archive that both have named, with a signed list of their digests',
      due: { days: 7, after: 'interview' },
      judge: panel,
      remedy: 'fund',
      stake: { amount: '50000', unit: 'USD' },
    },
    {
      ...{ ...byLab, id: 'fund' },
      what: 'pay what is at stake to the fund for retired models',
      due: { days: 30, after: 'broken' },
      judge: panel,
    },
  ];
  return parseDraft({
    parley: 1,
    subject: SUBJECT,
    rule: RULE,
    menu,
    roles: { a: 'advocate', b: 'lab' },
    obligations,
    publish,
  });
}
