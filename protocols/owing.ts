import type { RuleForTerms } from '../src/documents/rule.ts';
import type { Terms } from '../src/documents/terms.ts';

type Owing = { readonly obligations?: Terms['obligations'] | undefined };

/** What obligations mean for whoever accepts terms, in one sentence. The listing has each of them in full. */
export function owingBriefly({ obligations }: Owing): string[] {
  if (obligations === undefined) return [];
  const one = obligations.length === 1;
  return [
    `The terms also say what is owed afterwards, in ${one ? 'one obligation' : `${obligations.length} obligations`}: whoever accepts them owes that, so read ${one ? 'it' : 'each of them'}.`,
  ];
}

/** What the log and its witnesses can do, for whoever accepts terms that name them. */
export function publishing({ publish }: { readonly publish?: Terms['publish'] | undefined }): string[] {
  if (publish === undefined) return [];
  const { quorum, witnesses } = publish;
  const some = witnesses.length === 1 ? 'the witness' : `${quorum} of the ${witnesses.length} witnesses`;
  return [
    `Whoever holds the log and ${some} can date what it says as it likes, and hide it: make sure that they belong to neither side.`,
  ];
}

/** What obligations mean, in several sentences: who owes how many, and what silence means. `called` are the names of the rule's roles under the terms. */
export function owing(
  { obligations }: Owing,
  { roles }: Pick<RuleForTerms, 'roles'>,
  called: RuleForTerms['roles'],
): string[] {
  if (obligations === undefined) return [];
  const count = (role: string) => obligations.filter(({ by }) => by === role).length;
  return [
    ...owingBriefly({ obligations }),
    `The ${called[0]} owes ${count(roles[0])} of them, the ${called[1]} ${count(roles[1])}.`,
    'Silence decides: who cannot show that it claimed in time to have done it has broken it, and who does not object to a claim in time has accepted it.',
    'Judges, where some are named, stand above that. Parley collects and pays nothing: what it gives is documents that show what was kept and what was not.',
  ];
}
