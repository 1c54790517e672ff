import { MENU_VERSION } from '../../../protocols/menu/options.ts';
import { formatAmount } from '../../../protocols/price/amount.ts';
import { rules } from '../../../protocols/registry.ts';
import type { Rule } from '../../../protocols/rule.ts';
import { checkDraft } from '../../desk/drafts.ts';
import { formatTime, parseDraft, type Security, type TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import type { Answers, Asked } from '../terminal/answers.ts';
import { currencyDigits } from '../terminal/currency.ts';
import { deadlineText, readDeadline } from '../terminal/deadline.ts';
import {
  amount,
  type IssueTyped,
  integer,
  issue,
  issueText,
  oneOf,
  percent,
  share,
  sides,
  text,
} from '../terminal/readers.ts';

/** What each rule does, in one line, for a person who has to choose. */
const summaries: Readonly<Record<string, string>> = {
  zopa: 'only whether the two limits meet',
  split: 'the middle of the two limits: tells nearly all of them',
  'random-split': 'a random price between the two limits: tells little of them',
  'posted-price': 'a price that neither can move; entering the truth is best',
  menu: 'the best for both out of a list of packages',
};
/** The rule that is offered by default: it finds every deal, and its price tells little. */
const DEFAULT_RULE = 'random-split';
const solutions = ['nash', 'egalitarian', 'kalai-smorodinsky', 'utilitarian'];
const quoted = (words: string) => `“${words}”`;

/** Asks for everything that terms need. Each answer is checked together with the earlier ones, as the terms would be. */
export async function askForTerms(answers: Answers): Promise<TermsDraft> {
  const subject = await answers.get({
    flag: 'subject',
    label: 'negotiated',
    question: 'What is negotiated?',
    read: text,
    check: (subject) => requirePossible({ subject }, 'write it in other words'),
    show: quoted,
  });
  const rule = await askForRule(answers);
  const part =
    rule.roles[0] === 'a' ? await askForMenu(answers, rule.name) : await askForPrices(answers, rule.name);
  const expires = await answers.get({
    flag: 'expires',
    label: 'open until',
    question: 'Open for how long, or until when (UTC)?',
    read: readDeadline,
    fallback: '7d',
    show: deadlineText,
  });
  const further = await askForFurther(answers, rule);
  const deadline = typeof expires === 'number' ? formatTime(Date.now() + expires) : expires;
  return { parley: 1, subject, ...part, ...further, expires: deadline };
}

async function askForRule(answers: Answers): Promise<Rule> {
  const names = rules.map(({ name }) => name);
  const question = 'Which rule?';
  answers.tell('The rules:');
  for (const [index, name] of names.entries()) {
    answers.tell(`  ${index + 1}  ${name.padEnd(14)}${summaries[name] ?? ''}`);
  }
  const name = await answers.get({
    flag: 'rule',
    label: 'rule',
    question,
    read: oneOf(names),
    fallback: DEFAULT_RULE,
  });
  return rules.find((rule) => rule.name === name)!;
}

async function askForPrices(answers: Answers, name: string): Promise<Pick<TermsDraft, 'rule' | 'range'>> {
  const unit = await answers.get({
    flag: 'unit',
    label: 'unit',
    question: 'The unit of prices, such as USD (Enter for none)?',
    read: (typed) => typed,
    check: (unit) => requirePossible({ range: { min: '0', max: '1', unit } }, 'write one like USD, € or m2'),
    fallback: '',
    show: (unit) => (unit === '' ? 'none' : unit),
  });
  const decimals = await answers.get({
    flag: 'decimals',
    label: 'digits after the point',
    question: 'Digits after the point?',
    read: integer,
    check: (decimals) =>
      requirePossible({ range: { min: '0', max: '1', decimals } }, 'write 2, or at most 18'),
    fallback: String(currencyDigits(unit) ?? (unit === '' ? 0 : 2)),
  });
  const price = {
    read: amount({ unit, decimals }),
    show: (value: string) => formatAmount(value, { unit, decimals }),
  };
  const min = await answers.get({
    ...{ flag: 'min', label: 'lowest price', question: 'The lowest price there could be?' },
    ...price,
    check: (min) => requirePossible({ range: { min, max: min } }, 'write another amount'),
  });
  const max = await answers.get({
    ...{ flag: 'max', label: 'highest price', question: 'The highest?' },
    ...price,
    check: (max) => requirePossible({ range: { min, max } }, `the lowest is ${price.show(min)}`),
  });
  const step = await answers.get({
    ...{ flag: 'step', label: 'in steps of', question: 'In steps of?' },
    ...price,
    check: (step) => {
      requirePossible({ range: { min, max, step } }, `the smallest is ${price.show('1')}`);
      if (BigInt(step) > BigInt(max) - BigInt(min) && min !== max) {
        throw refused('there is no price but the lowest in such steps', `the highest is ${price.show(max)}`);
      }
    },
    fallback: formatAmount(1n, { unit: '', decimals }),
  });
  const range = { min, max, step, unit, decimals };
  return { rule: await askForPricing(answers, name, range, price), range };
}

type Price = Pick<Asked<string>, 'read' | 'show'>;

/** The rule's own members. */
async function askForPricing(
  answers: Answers,
  name: string,
  range: object,
  price: Price,
): Promise<TermsDraft['rule']> {
  const rule: Record<string, unknown> & { name: string } = { name };
  const possible = (member: string) => (value: unknown) =>
    requirePossible({ rule: { ...rule, [member]: value }, range }, 'write another one');
  if (name === 'split') {
    rule.sellerShare = await answers.get({
      ...{ flag: 'sellerShare', label: 'price at', check: possible('sellerShare') },
      question: 'Where between the two limits, counted from the seller’s?',
      read: share,
      fallback: '1/2',
      show: (share) => `${share} of the way from the seller’s limit to the buyer’s`,
    });
  }
  if (name === 'posted-price') {
    rule.price = await answers.get({
      ...{
        flag: 'price',
        label: 'price',
        question: 'Which price, or a random one?',
        check: possible('price'),
      },
      read: (typed) => (typed.toLowerCase() === 'random' ? 'random' : price.read(typed)),
      fallback: 'random',
      show: (value) => (value === 'random' ? 'drawn at random' : price.show!(value)),
    });
  }
  const further: Record<string, unknown> = {
    ...(name === 'split' && {
      grid: await answers.flagged({
        ...{
          flag: 'grid',
          label: 'prices of deals',
          question: 'Prices of deals in steps of?',
          check: possible('grid'),
        },
        ...price,
      }),
    }),
    rounds: await answers.flagged({
      ...{ flag: 'rounds', label: 'rounds', question: 'How many rounds?', check: possible('rounds') },
      read: integer,
    }),
    nearMiss: await answers.flagged({
      ...{
        flag: 'nearMiss',
        label: 'near miss',
        question: 'How near is a near miss?',
        check: possible('nearMiss'),
      },
      read: percent,
    }),
  };
  for (const [member, value] of Object.entries(further)) if (value !== undefined) rule[member] = value;
  return rule;
}

async function askForMenu(answers: Answers, name: string): Promise<Pick<TermsDraft, 'rule' | 'menu'>> {
  const solution = await answers.get({
    flag: 'solution',
    label: 'best by',
    question: `Best by which measure (${solutions.join(', ')})?`,
    read: oneOf(solutions),
    fallback: 'nash',
  });
  const rule = { name, solution, version: MENU_VERSION };
  if (answers.given('issue') === undefined) {
    answers.tell('The issues, one a line, such as “Delivery: 45 days, 60 days”. An empty line ends them.');
  }
  const issues = await answers.all<IssueTyped>('issue', (earlier) => ({
    flag: 'issue',
    label: `issue ${earlier.length + 1}`,
    question: `Issue ${earlier.length + 1}:`,
    read: issue,
    check: (next) =>
      requirePossible(
        { rule, range: undefined, menu: { issues: [...earlier, next] } },
        'write it in another way',
      ),
    show: issueText,
  }));
  return { rule, menu: { issues } };
}

async function askForFurther(answers: Answers, rule: Rule): Promise<Partial<TermsDraft>> {
  const matter = await answers.later({
    flag: 'matter',
    label: 'matter',
    question: 'What are the attempts counted for?',
    read: text,
    check: (matter) => requirePossible({ matter }, 'write it in other words'),
    show: quoted,
    otherwise: 'what is negotiated',
  });
  const security = await answers.later({
    flag: 'security',
    label: 'security',
    question: 'Against what kind of cheater (malicious or semi-honest)?',
    read: oneOf<Security>(['malicious', 'semi-honest']),
    otherwise: 'malicious: whoever cheats is caught',
  });
  const attempts = await answers.later({
    flag: 'attempts',
    label: 'attempts',
    question: 'How often may you try?',
    read: integer,
    check: (attempts) => requirePossible({ attempts }, 'write one from 1 to 1000'),
    otherwise: '1',
  });
  const part =
    rule.roles[0] === 'a' ? { rule: { name: 'menu' }, range: undefined, menu: { options: ['yes'] } } : {};
  const roles = await answers.later({
    flag: 'roles',
    label: 'the two sides',
    question: `What are the sides called, ${rule.roles.join(' and ')}?`,
    read: sides,
    check: (roles) => requirePossible({ ...part, roles }, 'write two words, such as “candidate, employer”'),
    show: ({ a, b }) => `${a} and ${b}`,
    otherwise: rule.roles.join(' and '),
  });
  return {
    ...(matter !== undefined && { matter }),
    ...(security !== undefined && { security }),
    ...(attempts !== undefined && { attempts }),
    ...(roles !== undefined && { roles }),
  };
}

/** Throws InputError with `hint` if no terms could have this part. */
function requirePossible(part: Partial<Record<keyof TermsDraft, unknown>>, hint: string): void {
  const range = { min: '0', max: '1' };
  try {
    checkDraft(parseDraft({ parley: 1, subject: 'something', rule: { name: 'zopa' }, range, ...part }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.message, { hint, cause: error });
  }
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_TERMS_INVALID', message, { hint });
}
