import { ruleOf } from '../../../protocols/registry.ts';
import { checkDraft } from '../../desk/drafts.ts';
import { type PublicJwk, parseDraft, type TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { requireArbitration } from '../../escrow/index.ts';
import { refuseExisting, writeNew } from '../../node/home/files.ts';
import { Answers } from '../terminal/answers.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { canAsk } from '../terminal/prompt.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { known } from './known.ts';
import { readArbiterFlags, requireWindow, tellArbiter } from './terms-arbiter.ts';
import { stillMissing } from './terms-check.ts';
import { membersFor, readMemberFlags, requireMandates, tellMandates } from './terms-members.ts';
import { askForTerms } from './terms-questions.ts';

const write = 'Enter to write them, or the number of an answer to change:';

/** Flags of `parley terms new`. Whatever is missing is asked for, or has its default. */
export type NewFlags = Readonly<
  Partial<
    Record<
      | 'subject'
      | 'matter'
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
      | 'roles'
      | 'arbiter'
      | 'window'
      | 'obligations'
      | 'publish'
      | 'out',
      string
    >
  >
> & {
  readonly issue?: readonly string[];
  readonly party?: readonly string[];
  readonly ratify?: readonly string[];
  readonly mandate?: readonly string[];
  readonly json?: boolean;
};

/** `parley terms new [--out FILE]`: the draft goes to the file, or to stdout. */
export async function newTerms(flags: NewFlags, signal: AbortSignal): Promise<void> {
  if (flags.out !== undefined) await refuseExisting(flags.out);
  const { out, json, party, arbiter: card, window, obligations, publish, ratify, mandate, ...asked } = flags;
  const parties = await readParties(party ?? []);
  const arbiter = await readArbiterFlags({ ...(card && { arbiter: card }), ...(window && { window }) });
  const given = await readMemberFlags({
    ...(obligations && { obligations }),
    ...(publish && { publish }),
    ...(ratify && { ratify }),
    ...(mandate && { mandate }),
  });
  const answers = new Answers(asked, canAsk() && isIncomplete(flags), signal);
  let draft: TermsDraft;
  try {
    do draft = await askForTerms(answers);
    while (!(await answers.confirmed('These would be the terms:', write)));
  } finally {
    answers.close();
  }
  answers.refuseUnused(`under the rule ${draft.rule.name}`);
  const judged = { ...draft, ...(arbiter !== undefined && { arbiter }) };
  const members = membersFor(given, judged, ruleOf(draft));
  const checked = checkDraft(
    parseDraft({ ...judged, ...members, ...(parties !== undefined && { parties }) }),
  );
  if (arbiter !== undefined) {
    requireArbitration({ ...checked.terms, arbiter }, checked.rule.under(draft));
    requireWindow(checked.terms, arbiter);
  }
  requireMandates(given, checked);
  const { rule, range, menu } = checked.terms;
  // the rule's defaults are written out
  const { parley, subject, ...rest } = draft;
  const written = {
    ...{ parley, subject, rule, ...(range === undefined ? { menu } : { range }) },
    ...(parties !== undefined && { parties }),
    ...without(rest, 'rule', 'range', 'menu'),
    ...(arbiter !== undefined && { arbiter }),
    ...members,
  };
  const document = `${JSON.stringify(written, undefined, 2)}\n`;
  if (out === undefined) print(document);
  else {
    await writeNew(out, document, 0o644);
    if (json === true) printJson(written);
    say(`the terms are in ${out}; what they mean: ${style('bold', `${commandName()} terms check ${out}`)}`);
  }
  for (const line of stillMissing(checked)) say(line);
  if (arbiter !== undefined) tellArbiter(arbiter);
  tellMandates(given, checked);
}

/** Whether the flags lack something that has no default. */
function isIncomplete({ subject, rule, min, max, issue: issues }: NewFlags): boolean {
  if (subject === undefined || rule === undefined) return true;
  return rule === 'menu' ? issues === undefined : min === undefined || max === undefined;
}

async function readParties(flags: readonly string[]): Promise<Record<string, PublicJwk> | undefined> {
  if (flags.length === 0) return undefined;
  const people = await known();
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
    const key = await people.key(flag.slice(cut + 1));
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
