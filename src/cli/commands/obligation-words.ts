import { hasJudges } from '../../documents/obligations/terms.ts';
import { calledIn } from '../../documents/roles.ts';
import type { Terms } from '../../documents/terms.ts';
import { timeOf } from '../../documents/time.ts';
import type { Seen } from '../../verify/obligations/statement.ts';
import type { CountedTime, ObligationStatus } from '../../verify/obligations/status.ts';

/** A UTC time for people. */
export function timeText(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}

/** Why an obligation has its status, and what happens next and by when. */
export function reasonText({ obligation, reason, due, objectUntil }: ObligationStatus, terms: Terms): string {
  const { id, remedy: _, if: when } = obligation;
  const [by, to] = [obligation.by, obligation.to].map((role) => `the ${calledIn(terms, role)}`);
  const until = due === undefined ? '' : timeText(due);
  const end = objectUntil === undefined ? '' : timeText(objectUntil);
  const cause = terms.obligations?.find(({ remedy }) => remedy === id)?.id;
  const judges = hasJudges(obligation);
  switch (reason) {
    case 'not ratified yet':
      return 'the deal waits for its ratification';
    case 'not ratified':
      return 'by the answers that were given, the deal is refused or has lapsed';
    case 'condition not met':
      return when === 'deal' ? 'it is for a deal, and there is none' : 'it is for no deal, and there is one';
    case 'other obligation not broken':
      return `takes effect only if ${cause} is broken`;
    case 'verdict':
      return judges ? 'enough judges have said so' : `${to} has said so`;
    case 'verdicts both ways':
      return 'enough judges have said kept, and enough have said broken';
    case 'start not proved':
      return `${cause} is broken, and nothing given shows since when: once its verdicts are published, the log shows it`;
    case 'not due':
      return `${by} has until ${until} to do it, and to have a claim there; otherwise it is broken`;
    case 'time to object':
      return `claimed in time; kept, unless ${to} objects until ${end}`;
    case 'no objection':
      return `claimed in time, and nothing given shows that ${to} objected by ${end}`;
    case 'objection':
      return judges
        ? `claimed by ${by}, objected to by ${to}: the judges decide`
        : `claimed by ${by}, objected to by ${to}: nobody decides, unless ${to} says that it was kept`;
    case 'no claim':
      return `nothing given shows that a claim of ${by} was there by ${until}`;
  }
}

/** A time that made a difference, and whose word it is. */
export function countedText({ of, at, how }: CountedTime): string {
  const what = of === 'verdict' ? 'the verdict' : `the ${of}`;
  return `${what} was there at ${timeText(at)}: ${HOW[how]}`;
}

/** Since when a statement is there by one word, and whose word that is. */
export function seenText(seen: Seen, terms: Terms): string {
  const how =
    seen.how === 'receipt'
      ? `proved against the ${calledIn(terms, seen.by)} only, by its own receipt`
      : HOW[seen.how];
  return `${timeText(timeOf(seen.at))}: ${how}`;
}

const HOW = {
  publication: 'proved, by the log and its witnesses',
  receipt: 'proved, by a receipt of the side it counts against',
  claimed: 'claimed, by whoever signed it, and by nobody else',
} as const;
