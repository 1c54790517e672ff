import { type Leakage, measureLeakage } from '../../../protocols/leakage/index.ts';
import { type CheckedDraft, checkDraft, explain, hasExpired, withoutStandIns } from '../../desk/drafts.ts';
import { calledIn } from '../../documents/roles.ts';
import { isExpired, type Terms } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readDraft } from '../../node/home/files.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { leakageJson, readPrior } from './leak.ts';

export interface CheckFlags {
  readonly prior?: string;
  readonly json?: boolean;
}

/**
 * `parley terms check FILE [--prior FILE] [--json]`. The JSON: `terms` with every default written out, `missing` members, whether
 * they have `expired` (with an arbiter also if no room for complaints is left), `leakage` as `leak` prints it (null where there is no figure), and the `description`.
 */
export async function checkTerms(path: string, flags: CheckFlags): Promise<void> {
  const checked = checkDraft(await readDraft(path));
  const { rule, terms, missing } = checked;
  const prior = await readPrior(flags.prior, terms);
  let figures: Leakage | undefined;
  try {
    figures = await measureLeakage(rule, terms, prior);
  } catch (error) {
    if (!(error instanceof InputError && error.code.startsWith('ERR_LEAKAGE_'))) throw error;
  }
  const description = await explain(checked, { prior, ...(figures !== undefined && { leakage: figures }) });
  const expired = hasExpired(checked);
  if (flags.json === true) {
    const leakage = figures === undefined ? null : leakageJson(figures, rule);
    printJson({ terms: withoutStandIns(checked), missing, expired, leakage, description });
  }
  say(description);
  say();
  if (expired) say(`${style('yellow', 'expired')}: ${whyExpired(checked.terms)}`);
  else for (const line of stillMissing(checked)) say(line);
}

function whyExpired(terms: Terms): string {
  const { arbiter } = terms;
  if (arbiter === undefined || isExpired(terms)) {
    return 'nobody can commit to an outcome of these terms any more';
  }
  return `the deadline leaves no room for the ${arbiter.window} seconds in which a side may complain`;
}

/** What must be added before the terms can be used, as sentences. `run` and `demo` add all of it themselves. */
export function stillMissing({ terms, missing }: CheckedDraft): string[] {
  const lines: string[] = [];
  const roles = missing
    .filter((member) => member.startsWith('parties.'))
    .map((member) => calledIn(terms, member.slice('parties.'.length)));
  if (roles.length > 0) {
    lines.push(`No key for ${roles.join(' and ')}: an invite adds it; else add parties or --peer.`);
  }
  if (missing.includes('expires'))
    lines.push('No deadline: an invite gives an hour; else host and join need expires.');
  return lines.length === 0 ? ['Ready for host and join.'] : lines;
}
