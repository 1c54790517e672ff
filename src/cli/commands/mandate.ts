import { formatAmount } from '../../../protocols/price/amount.ts';
import type { Mandate, Rule } from '../../../protocols/rule.ts';
import { gridIndex, parseRange } from '../../documents/range.ts';
import type { Range, Terms } from '../../documents/terms.ts';
import type { Party } from '../../engine/engine.ts';
import { InputError } from '../../errors.ts';
import { readJson } from '../../node/home/files.ts';
import { parseAmount } from '../terminal/amounts.ts';
import { usageError } from '../terminal/failure.ts';
import { askTwice, canAsk } from '../terminal/prompt.ts';
import { say } from '../terminal/terminal.ts';
import { checkMandate } from './rules.ts';

/** The mandate from its file, checked; undefined if the person at the terminal is to be asked later. */
export async function readMandate(
  path: string | undefined,
  rule: Rule,
  terms: Terms,
  party: Party,
): Promise<Mandate | undefined> {
  if (path !== undefined) {
    const mandate = (await readJson(path, 'the mandate')) as Mandate;
    checkMandate(rule, terms, party, mandate);
    return mandate;
  }
  if (terms.range === undefined) {
    throw usageError('a mandate over a menu is read from a file', 'add --mandate FILE');
  }
  if (!canAsk()) {
    throw usageError(
      'no mandate: there is no terminal to ask at',
      'add --mandate FILE, or run in a terminal',
    );
  }
  return undefined;
}

/** Asks for one figure, or one a round where the terms have rounds, each twice and without echo. */
export async function askForMandate(
  rule: Rule,
  terms: Terms,
  party: Party,
  signal: AbortSignal,
): Promise<Mandate> {
  const range = terms.range!;
  const role = party === 'a' ? rule.roles[0] : rule.roles[1];
  const limits = `${formatAmount(range.min, range)} to ${formatAmount(range.max, range)}`;
  say();
  say(`“${terms.subject}”, by the rule ${rule.name}.`);
  say(`What is the worst price that you would still accept as the ${role}?`);
  say(`Any from ${limits}.`);
  say('Write “none” to take part without accepting any price.');
  const rounds = typeof terms.rule.rounds === 'number' ? terms.rule.rounds : undefined;
  const given: bigint[] = [];
  for (let round = 1; round <= (rounds ?? 1); round++) {
    const question = rounds === undefined ? 'your limit' : `your limit for round ${round} of ${rounds}`;
    const figure = await askTwice(`${question} (not shown):`, (answer) => readFigure(answer, range), signal);
    if (figure === 'none') return { abstain: true };
    given.push(figure);
  }
  const mandate = rounds === undefined ? { reservation: given[0]! } : { reservations: given };
  checkMandate(rule, terms, party, mandate);
  return mandate;
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
