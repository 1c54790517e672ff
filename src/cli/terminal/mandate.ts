import type { Mandate } from '../../../protocols/rule.ts';
import type { MandateQuestion } from '../../desk/person.ts';
import { readJson } from '../../node/home/files.ts';
import { askForFigures } from './figures.ts';
import { Questions } from './questions.ts';
import { askForRatings } from './ratings.ts';

/** Asks for the mandate: for figures, each twice and without echo; for ratings of a menu; or for a file with the mandate. */
export async function askForMandate(question: MandateQuestion): Promise<Mandate> {
  const { rule, terms, check, signal } = question;
  const { form } = rule.under(terms);
  if (form.kind === 'amounts') return askForFigures(question, form.range);
  const menu = form.kind === 'ratings' ? form.menu : undefined;
  const or = menu === undefined ? '' : ', or Enter to rate the options here';
  const questions = new Questions(signal);
  try {
    const given = await questions.ask(`The file with your mandate${or}:`, async (path) => {
      if (path === '' && menu !== undefined) return undefined;
      const mandate = (await readJson(path, 'the mandate')) as Mandate;
      check(mandate);
      return mandate;
    });
    return given ?? (await askForRatings(menu!, questions));
  } finally {
    questions.close();
  }
}
