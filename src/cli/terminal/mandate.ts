import type { Mandate } from '../../../protocols/rule.ts';
import type { MandateQuestion } from '../../desk/person.ts';
import { readJson } from '../../node/home/files.ts';
import { askForFigures } from './figures.ts';
import { Questions } from './questions.ts';
import { say } from './terminal.ts';

/** Asks for the mandate: figures, each twice and without echo, or the file of a menu's. */
export function askForMandate(question: MandateQuestion): Promise<Mandate> {
  const { range } = question.terms;
  return range === undefined ? askForFile(question) : askForFigures(question, range);
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
