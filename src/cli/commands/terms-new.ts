import { rules } from '../../../protocols/registry.ts';
import type { Rule } from '../../../protocols/rule.ts';
import { checkDraft } from '../../desk/drafts.ts';
import {
  formatTime,
  type PublicJwk,
  parseDraft,
  type Security,
  type TermsDraft,
} from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readKey, refuseExisting, writeNew } from '../../node/home/files.ts';
import {
  Answers,
  amount,
  deadline,
  integer,
  issue,
  oneOf,
  percent,
  share,
  text,
} from '../terminal/answers.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { canAsk } from '../terminal/prompt.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { stillMissing } from './terms-check.ts';

/** Flags of `parley terms new`; whatever is not given is asked for, or takes its default. */
export type NewFlags = Readonly<
  Partial<
    Record<
      | 'subject'
      | 'rule'
      | 'unit'
      | 'decimals'
      | 'min'
      | 'max'
      | 'step'
      | 'sellerShare'
      | 'grid'
      | 'price'
      | 'rounds'
      | 'nearMiss'
      | 'solution'
      | 'expires'
      | 'security'
      | 'attempts'
      | 'out',
      string
    >
  >
> & {
  readonly issue?: readonly string[];
  readonly party?: readonly string[];
  readonly json?: boolean;
};

/** What a rule does, in a line, for the one who has to choose. */
const summaries: Readonly<Record<string, string>> = {
  zopa: 'only whether the two limits meet',
  split: 'a price between the two limits, by default the middle',
  'random-split': 'a random price between the two limits: tells much less of them',
  'posted-price': 'a price that neither side can move; entering the truth is best',
  menu: 'the best for both out of a list of packages',
};
const solutions = ['nash', 'egalitarian', 'kalai-smorodinsky', 'utilitarian'];

/** `parley terms new [--out FILE]`: the draft goes to the file, or to stdout. */
export async function newTerms(flags: NewFlags, signal: AbortSignal): Promise<void> {
  if (flags.out !== undefined) await refuseExisting(flags.out);
  const { out, json, party, ...asked } = flags;
  const parties = await readParties(party ?? []);
  const answers = new Answers(asked, canAsk() && isIncomplete(flags), signal);
  let draft: TermsDraft;
  try {
    draft = await compose(answers);
  } finally {
    answers.close();
  }
  answers.refuseUnused(`under the rule ${draft.rule.name}`);
  const checked = checkDraft(parseDraft({ ...draft, ...(parties !== undefined && { parties }) }));
  const { rule, range, menu } = checked.terms;
  // the rule's defaults are written out
  const { parley, subject, ...rest } = draft;
  const written = {
    ...{ parley, subject, rule, ...(range === undefined ? { menu } : { range }) },
    ...(parties !== undefined && { parties }),
    ...without(rest, 'rule', 'range', 'menu'),
  };
  const document = `${JSON.stringify(written, undefined, 2)}\n`;
  if (out === undefined) print(document);
  else {
    await writeNew(out, document, 0o644);
    if (json === true) printJson(written);
    say(`the terms are in ${out}; what they mean: ${style('bold', `${commandName()} terms check ${out}`)}`);
  }
  for (const line of stillMissing(checked.missing)) say(line);
}

/** Whether something that has no default is not among the flags. */
function isIncomplete({ subject, rule, min, max, issue: issues }: NewFlags): boolean {
  if (subject === undefined || rule === undefined) return true;
  return rule === 'menu' ? issues === undefined : min === undefined || max === undefined;
}

async function compose(answers: Answers): Promise<TermsDraft> {
  const subject = await answers.get('subject', 'What is negotiated?', text);
  answers.tell('The rules:');
  for (const { name } of rules) answers.tell(`  ${name.padEnd(14)}${summaries[name] ?? ''}`);
  const names = rules.map(({ name }) => name);
  const name = await answers.get('rule', 'Which rule?', oneOf(names), 'split');
  const rule = rules.find((one) => one.name === name)!;
  const part = isMenu(rule) ? await composeMenu(answers, name) : await composePrices(answers, name);
  const expires = await answers.get('expires', 'Open for how long, or until when (UTC)?', deadline, '7d');
  const further: { security?: Security; attempts?: number } = {};
  await answers.take('security', oneOf(['malicious', 'semi-honest'] as const), (security) => {
    further.security = security;
  });
  await answers.take('attempts', integer, (attempts) => {
    further.attempts = attempts;
  });
  return {
    parley: 1,
    subject,
    ...part,
    ...further,
    expires: typeof expires === 'number' ? formatTime(Date.now() + expires) : expires,
  };
}

/** Price rules have a seller and a buyer, menus a and b. */
function isMenu({ roles }: Rule): boolean {
  return roles[0] === 'a';
}

async function composePrices(answers: Answers, name: string): Promise<Pick<TermsDraft, 'rule' | 'range'>> {
  const unit = await answers.get(
    'unit',
    'The unit of prices, such as USD (Enter for none)?',
    (typed) => typed,
    '',
  );
  const digits = unit === '' ? '0' : '2';
  const decimals = await answers.get('decimals', 'Digits after the point?', integer, digits);
  const read = amount({ unit, decimals });
  const min = await answers.get('min', 'The lowest price there could be?', read);
  const max = await answers.get('max', 'The highest?', read);
  const smallest = decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;
  const step = await answers.get('step', 'In steps of?', read, smallest);
  const rule: Record<string, unknown> = { name };
  if (name === 'split') {
    const question = 'Where between the two limits, counted from the seller’s?';
    rule.sellerShare = await answers.get('sellerShare', question, share, '1/2');
  }
  if (name === 'posted-price') {
    const either = (typed: string) => (typed === 'random' ? typed : read(typed));
    rule.price = await answers.get('price', 'Which price, or a random one?', either, 'random');
  }
  const member = (key: string) => (value: unknown) => {
    rule[key] = value;
  };
  if (name === 'split') await answers.take('grid', read, member('grid'));
  await answers.take('rounds', integer, member('rounds'));
  await answers.take('nearMiss', percent, member('nearMiss'));
  return { rule: { ...rule, name }, range: { min, max, step, unit, decimals } };
}

async function composeMenu(answers: Answers, name: string): Promise<Pick<TermsDraft, 'rule' | 'menu'>> {
  const solution = await answers.get(
    'solution',
    `Best by which measure (${solutions.join(', ')})?`,
    oneOf(solutions),
    'nash',
  );
  const given = answers.given('issue') as NewFlags['issue'];
  const issues = (given ?? []).map(issue);
  if (given === undefined) {
    answers.tell('The issues, one a line, such as “Delivery: 45 days, 60 days”. An empty line ends them.');
    for (;;) {
      const last = issues.length > 0 ? '' : undefined;
      const read = (typed: string) => (typed === '' && last === '' ? undefined : issue(typed));
      const next = await answers.get('issue', `Issue ${issues.length + 1}:`, read, last);
      if (next === undefined) break;
      issues.push(next);
    }
  }
  return { rule: { name, solution }, menu: { issues } };
}

async function readParties(flags: readonly string[]): Promise<Record<string, PublicJwk> | undefined> {
  if (flags.length === 0) return undefined;
  const parties: Record<string, PublicJwk> = {};
  for (const flag of flags) {
    const cut = flag.indexOf('=');
    const role = flag.slice(0, cut);
    if (cut < 1 || Object.hasOwn(parties, role)) {
      throw usageError(
        `--party ${flag} is not ROLE=KEY, each role once`,
        'write --party seller=seller.pub.json',
      );
    }
    const key = await readKey(flag.slice(cut + 1));
    if (typeof key === 'string') {
      throw new InputError('ERR_KEY_INVALID', 'terms hold whole keys, not fingerprints', {
        hint: 'give the public key that parley keygen printed',
      });
    }
    parties[role] = key;
  }
  return parties;
}

function without<From extends object, Key extends keyof From>(from: From, ...keys: Key[]): Omit<From, Key> {
  const entries = Object.entries(from).filter(([key]) => !(keys as string[]).includes(key));
  return Object.fromEntries(entries) as Omit<From, Key>;
}
