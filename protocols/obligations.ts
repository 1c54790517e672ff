import { thumbprint } from '../src/documents/identity.ts';
import { canonicalText } from '../src/documents/json.ts';
import { BROKEN, EXPIRES, type Obligation, obligationsSchema } from '../src/documents/obligations/terms.ts';
import { keyText } from '../src/documents/principal.ts';
import { type PublishTerms, publisherKeys, publishSchema } from '../src/documents/publish-terms.ts';
import { calledIn } from '../src/documents/roles.ts';
import type { PublicJwk, Terms } from '../src/documents/terms.ts';
import { quoted } from '../src/documents/text.ts';
import { groupThousands } from './price/amount.ts';

/** Terms as far as obligations are shown with them. */
type Context = Partial<Pick<Terms, 'parties' | 'roles'>>;
type NameOf = (key: PublicJwk) => string | undefined;

const WHEN = {
  deal: 'if there is a deal',
  'no-deal': 'if there is no deal',
  always: 'deal or no deal',
} as const;

/** All that an obligation says, in words. Undefined for what is no obligation of this version: it is shown as JSON. */
export function obligationLines(given: unknown, terms: Context, nameOf: NameOf): string[] | undefined {
  const parsed = obligationsSchema.safeParse([given]);
  if (!parsed.success || canonicalText(parsed.data) !== canonicalText([given])) return undefined;
  const [obligation] = parsed.data as [Obligation];
  const { id, if: when, what, due, objection, remedy, stake } = obligation;
  const [by, to] = [roleIn(terms, obligation.by), roleIn(terms, obligation.to)];
  return [
    `  ${id}: ${WHEN[when]}, ${by} owes ${to}: ${quoted(what)}`,
    `    Due ${dueText(due)}`,
    `    ${judgeText(obligation, to, nameOf)}`,
    `    ${to} can object to a claim for ${daysText(objection)} after it is due`,
    ...(remedy === undefined ? [] : [`    If it is broken: ${remedy}`]),
    ...(stake === undefined
      ? []
      : [
          `    Stake: ${by} says that it has ${groupThousands(stake.amount)} ${quoted(stake.unit)} at stake; nobody holds it`,
        ]),
  ];
}

/** Where statements about obligations are published. Undefined for what is no such place in this version. */
export function publishLine(given: unknown, nameOf: NameOf): string | undefined {
  const parsed = publishSchema.safeParse(given);
  if (!parsed.success || canonicalText(parsed.data) !== canonicalText(given)) return undefined;
  const { at, log, witnesses, quorum } = parsed.data as PublishTerms;
  const keys = publisherKeys(parsed.data as PublishTerms);
  const [logKey, ...witnessKeys] = [log, ...witnesses].map(
    (text, i) => `${quoted(text)}, ${keyText(keys[i]!, nameOf)}`,
  );
  return [
    `Publication: statements about the agreement are public in the log at ${quoted(at)}`,
    `the log ${logKey}`,
    `${quorum} of ${witnesses.length} witnesses say since when: ${witnessKeys.join('; ')}`,
  ].join('; ');
}

/** When an obligation is due, in words. */
export function dueText(due: Obligation['due']): string {
  if (typeof due === 'string') return `at the latest ${due.replace('T', ' ').replace('Z', ' UTC')}`;
  const { days, after } = due;
  if (after === EXPIRES) return `${daysText(days)} after the deadline of these terms`;
  if (after === BROKEN) return `${daysText(days)} after the other obligation is broken`;
  return `${daysText(days)} after ${after} is due`;
}

function judgeText({ judge }: Obligation, to: string, nameOf: NameOf): string {
  if (judge === 'to') return `Judge: nobody else; what ${to} says is kept is kept`;
  const keys = judge.members.map((key) => {
    const name = nameOf(key);
    return name === undefined ? thumbprint(key) : `${name} ${thumbprint(key)}`;
  });
  return `Judge: ${judge.threshold} of ${keys.length}, by their keys ${keys.join(', ')}`;
}

/** A role as people call it under these terms; in quotation marks if it is none of theirs. */
/** What terms, or a draft, call the side with this role. */
export function roleIn({ parties, roles }: Context, role: string): string {
  if (parties === undefined) return `the ${/^[a-z]+$/.test(role) ? role : quoted(role)}`;
  return Object.hasOwn(parties, role)
    ? `the ${calledIn({ parties, ...(roles && { roles }) }, role)}`
    : quoted(role);
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
