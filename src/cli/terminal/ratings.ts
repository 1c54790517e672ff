import { menuEntry, STEPS } from '../../../protocols/menu/entry.ts';
import { dealOn } from '../../../protocols/menu/options.ts';
import type { Mandate, Ratings } from '../../../protocols/rule.ts';
import type { Menu } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import { InputError } from '../../errors.ts';
import { refuseExisting, writeNew } from '../../node/home/files.ts';
import type { Questions } from './questions.ts';
import { oneOf } from './readers.ts';
import { say } from './terminal.ts';

/** The highest mark that a person can give. */
const BEST = 10;
/** How many options from the top of the ranking are shown. */
const TOP = 8;

/** Asks for marks issue by issue, shows the resulting ranking, and asks again until the person accepts it. */
export async function askForRatings(menu: Menu, questions: Questions): Promise<Mandate> {
  say(`Marks go from 0 to ${BEST}. What you type is shown on this screen.`);
  for (;;) {
    const ratings = await askMarks(menu, questions);
    const utilities = menuEntry(menu, { reservation: 0, ratings }).utilities;
    sayRanking(menu, utilities);
    const reservation = await askReservation(questions);
    if (reservation === 'none') return { abstain: true };
    const mandate = { reservation: reservation / 100, ratings };
    const { reservation: least } = menuEntry(menu, mandate);
    const accepted = utilities.reduce((count, utility) => count + (utility >= least ? 1 : 0), 0);
    say(`You would accept ${accepted} of ${utilities.length} options.`);
    const answer = await questions.ask(
      'Enter if that is right, or “again”:',
      oneOf(['right', 'again']),
      'right',
    );
    if (answer === 'right') return keep(mandate, questions);
  }
}

async function askMarks({ issues }: Menu, questions: Questions): Promise<Ratings> {
  const [only] = issues;
  if (issues.length === 1) return askValues(only!, questions);
  const weights: number[] = [];
  while (weights.length === 0 || weights.every((weight) => weight === 0)) {
    weights.length = 0;
    for (const { name } of issues) {
      weights.push(await questions.ask(`How much does ${quoted(name)} matter to you?`, mark));
    }
    if (weights.every((weight) => weight === 0)) say('Something has to matter more than nothing.');
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const rated: [string, { readonly weight: number; readonly values: Record<string, number> }][] = [];
  for (const [i, issue] of issues.entries()) {
    rated.push([issue.name, { weight: weights[i]! / sum, values: await askValues(issue, questions) }]);
  }
  return Object.fromEntries(rated);
}

async function askValues(
  { name, values }: Menu['issues'][number],
  questions: Questions,
): Promise<Record<string, number>> {
  const marks: [string, number][] = [];
  for (const value of values) {
    marks.push([value, (await questions.ask(`${quoted(name)}: how good is ${quoted(value)}?`, mark)) / BEST]);
  }
  return Object.fromEntries(marks);
}

/** The best options by their ratings, and the worst. */
function sayRanking(menu: Menu, utilities: Uint16Array): void {
  const ranked = Array.from(utilities.keys()).sort(
    (one, other) => utilities[other]! - utilities[one]! || one - other,
  );
  const line = (index: number) => {
    const { values } = dealOn(menu, index).option;
    const points = ((100 * utilities[index]!) / STEPS).toFixed(0).padStart(5);
    say(`${points}  ${menu.issues.map(({ name }) => quoted(values[name]!)).join(', ')}`);
  };
  say('By your marks the options have these points, of 100:');
  ranked.slice(0, TOP).forEach(line);
  if (ranked.length > TOP + 1) say(`    …  ${ranked.length - TOP - 1} more in between`);
  if (ranked.length > TOP) line(ranked.at(-1)!);
}

function askReservation(questions: Questions): Promise<number | 'none'> {
  return questions.ask('The fewest points that you would accept, or “none” to accept no option:', (typed) => {
    if (/^none$/i.test(typed)) return 'none';
    return figure(typed, 100);
  });
}

/** Offers to save a mandate. A person who wants to prove later what they entered needs it again. */
async function keep(mandate: Mandate, questions: Questions): Promise<Mandate> {
  await questions.ask('A new file to keep this in, or Enter for none:', async (path) => {
    if (path === '') return;
    await refuseExisting(path);
    await writeNew(path, `${JSON.stringify(mandate, undefined, 2)}\n`, 0o600);
    say(`your mandate is in ${path}: it is private, and parley open needs it`);
  });
  return mandate;
}

const mark = (typed: string): number => figure(typed, BEST);

/** A number from 0 to `most`, with a point or a comma. */
function figure(typed: string, most: number): number {
  const number = /^\d{1,3}([.,]\d{1,4})?$/.test(typed) ? Number(typed.replace(',', '.')) : Number.NaN;
  if (number >= 0 && number <= most) return number;
  throw new InputError('ERR_MANDATE_INVALID', `that is no number from 0 to ${most}`, {
    hint: `write one like ${most / 2}`,
  });
}
