import { formatAmount } from '../../../protocols/price/amount.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import type { MandateQuestion } from '../../desk/person.ts';
import { gridIndex, parseRange } from '../../documents/range.ts';
import type { Range } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readJson } from '../../node/home/files.ts';
import { parseAmount } from './amounts.ts';
import { askTwice } from './prompt.ts';
import { Questions } from './questions.ts';
import { say } from './terminal.ts';

/** Asks for the mandate: figures, each twice and without echo, or the file of a menu's. */
export function askForMandate(question: MandateQuestion): Promise<Mandate> {
  const { range } = question.terms;
  return range === undefined ? askForFile(question) : askForFigures(question, range);
}

/** One figure, or one a round where the terms have rounds. */
async function askForFigures(
  { terms, rule, role, check, signal }: MandateQuestion,
  range: Range,
): Promise<Mandate> {
  const limits = `${formatAmount(range.min, range)} to ${formatAmount(range.max, range)}`;
  say();
  say(`“${terms.subject}”, by the rule ${rule.name}.`);
  say(`What is the worst price that you would still accept as the ${role}?`);
  say(`Any from ${limits}.`);
  say('Write “none” to take part without accepting any price.');
  const rounds = typeof terms.rule.rounds === 'number' ? terms.rule.rounds : undefined;
  const given: bigint[] = [];
  for (let round = 1; round <= (rounds ?? 1); round++) {
    const prompt = rounds === undefined ? 'your limit' : `your limit for round ${round} of ${rounds}`;
    const figure = await askTwice(`${prompt} (not shown):`, (answer) => readFigure(answer, range), signal);
    if (figure === 'none') return { abstain: true };
    given.push(figure);
  }
  const mandate = rounds === undefined ? { reservation: given[0]! } : { reservations: given };
  check(mandate);
  return mandate;
}

async function askForFile({ check, signal }: MandateQuestion): Promise<Mandate> {
  say('Your ratings of the options are read from a file; README.md shows its form.');
  const questions = new Questions(signal);
  try {
    return await questions.ask('The file with your mandate:', async (path) => {
      const mandate = (await readJson(path, 'the mandate')) as Mandate;
      check(mandate);
      return mandate;
    });
  } finally {
    questions.close();
  }
}

function readFigure(answer: string, range: Range): bigint | 'none' {
  const typed = answer.trim().toLowerCase();
  if (typed === 'none') return 'none';
  const figure = parseAmount(typed, range);
  const grid = parseRange(range);
  if (figure === undefined) {
    const example = formatAmount(range.max, { ...range, unit: '' });
    throw refused('that is not an amount', `write one like ${example}`);
  }
  if (gridIndex(grid, figure) !== undefined) return figure;
  const steps = grid.step === 1n ? '' : `, in steps of ${formatAmount(grid.step, range)}`;
  const [low, high] = [grid.min, grid.max].map((price) => formatAmount(price, range));
  throw refused('that is not a price of these terms', `they go from ${low} to ${high}${steps}`);
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_MANDATE_INVALID', message, { hint });
}
