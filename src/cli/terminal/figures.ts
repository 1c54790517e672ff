import { formatAmount } from '../../../protocols/price/amount.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import type { MandateQuestion } from '../../desk/person.ts';
import { type Grid, gridIndex, parseRange } from '../../documents/range.ts';
import { placeIn } from '../../documents/roles.ts';
import type { Range } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import { InputError } from '../../errors.ts';
import { readAmount } from './amounts.ts';
import { describeFailure, failureLine } from './failure.ts';
import { Meanings } from './meanings.ts';
import { askTwice } from './prompt.ts';
import { say } from './terminal.ts';

/** A limit, or that no price is acceptable. */
type Figure = bigint | 'none';

/** Asks for limits, each twice and without echo: one limit or, where the terms have rounds, one per round. */
export async function askForFigures(question: MandateQuestion, range: Range): Promise<Mandate> {
  const { terms, rule, role, check } = question;
  const limits = `${formatAmount(range.min, range)} to ${formatAmount(range.max, range)}`;
  say();
  say(`${quoted(terms.subject)}, by the rule ${rule.name}.`);
  say(`What is the worst price that you would still accept as the ${placeIn(terms, role)}?`);
  say(`Any from ${limits}.`);
  say('Write “none” to take part without accepting any price.');
  for (;;) {
    const mandate = await askRounds(question, range);
    try {
      check(mandate);
      return mandate;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      say(failureLine(describeFailure(error)));
    }
  }
}

async function askRounds({ terms, party, signal }: MandateQuestion, range: Range): Promise<Mandate> {
  const rounds = typeof terms.rule.rounds === 'number' ? terms.rule.rounds : undefined;
  const bound = party === 'a' ? 'or more' : 'or less';
  const given: bigint[] = [];
  for (let round = 1; round <= (rounds ?? 1); round++) {
    const prompt = rounds === undefined ? 'your limit' : `your limit for round ${round} of ${rounds}`;
    const figure = await askTwice<Figure>(
      {
        question: `${prompt} (not shown):`,
        read: (answer) => readFigure(answer, range),
        word: 'figure',
        readBack: (value) =>
          value === 'none' ? 'no price at all' : `${formatAmount(value, range)} ${bound}`,
      },
      signal,
    );
    if (figure === 'none') return { abstain: true };
    given.push(figure);
  }
  return rounds === undefined ? { reservation: given[0]! } : { reservations: given };
}

/** Reads a limit. Errors never quote what was typed, which must not be shown. */
function readFigure(answer: string, range: Range): Figure | Meanings<Figure> {
  if (answer.trim().toLowerCase() === 'none') return 'none';
  const figure = readAmount(answer, range);
  const grid = parseRange(range);
  if (figure === undefined) {
    const example = formatAmount(range.max, { ...range, unit: '' });
    throw refused('that is not an amount', `write one like ${example}`);
  }
  const meant = figure instanceof Meanings ? figure.choices.map(({ value }) => value) : [figure];
  const possible = meant.filter((value) => gridIndex(grid, value) !== undefined);
  if (possible.length === 0) throw outside(grid, range);
  if (!(figure instanceof Meanings)) return figure;
  return new Meanings<Figure>(figure.choices.filter(({ value }) => possible.includes(value)));
}

function outside(grid: Grid, range: Range): InputError {
  const steps = grid.step === 1n ? '' : `, in steps of ${formatAmount(grid.step, range)}`;
  const [low, high] = [grid.min, grid.max].map((price) => formatAmount(price, range));
  return refused('that is not a price of these terms', `they go from ${low} to ${high}${steps}`);
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_MANDATE_INVALID', message, { hint });
}
