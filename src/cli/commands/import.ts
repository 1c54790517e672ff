import {
  type ImportedDomain,
  type ImportedMandate,
  type ImportOptions,
  importGenius,
  importGeniusWeb,
} from '../../../protocols/import/index.ts';
import { checkDraft, checkMandate } from '../../desk/drafts.ts';
import { decodeText } from '../../documents/json.ts';
import { parseDraft, type TermsDraft } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

export interface ImportFlags {
  readonly domain?: string;
  readonly profileA: string;
  readonly profileB: string;
  readonly outTerms: string;
  readonly outA: string;
  readonly outB: string;
  readonly solution: string;
  readonly realStep?: string;
  readonly json?: boolean;
}

/** `parley import [--domain D] --profile-a A --profile-b B --out-terms T --out-a A.json --out-b B.json [--json]` */
export async function importDomain(flags: ImportFlags): Promise<void> {
  const outputs = [flags.outTerms, flags.outA, flags.outB];
  if (new Set(outputs).size < outputs.length) {
    throw usageError('two of the output files are the same', 'give three names');
  }
  for (const path of outputs) await refuseExisting(path);
  const { terms, mandates, notes } = await readDomain(flags);
  const draft = usable(terms, mandates);
  await writeNew(flags.outTerms, document(draft), 0o644);
  await writeNew(flags.outA, document(mandates[0]), 0o600);
  await writeNew(flags.outB, document(mandates[1]), 0o600);
  const { issues } = terms.menu;
  const outcomes = issues.reduce((product, { values }) => product * values.length, 1);
  if (flags.json === true) printJson({ issues: issues.length, outcomes, notes });
  const size = `${issues.length} issues, ${outcomes.toLocaleString('en')} outcomes`;
  say(`${style('bold', terms.subject)}: ${size}, by the rule menu (${flags.solution})`);
  for (const note of notes) say(`  ${style('yellow', 'left out')}: ${note}`);
  say(`  terms in ${flags.outTerms}, private mandates in ${flags.outA} and ${flags.outB}`);
  say(`  try them: ${tryThem(flags)}`);
}

async function readDomain(flags: ImportFlags): Promise<ImportedDomain> {
  const a = await readText(flags.profileA, 'the profile');
  const b = await readText(flags.profileB, 'the profile');
  const options: ImportOptions = {
    solution: flags.solution,
    ...(flags.realStep !== undefined && { realStep: flags.realStep }),
  };
  const json = [a, b].filter((text) => text.trimStart().startsWith('{')).length;
  if (json === 1) {
    throw usageError('one profile is XML and the other JSON', 'give two of the same kind and domain');
  }
  if (json === 2) {
    if (flags.domain !== undefined) {
      throw usageError('GeniusWeb profiles hold their domain', 'leave --domain out');
    }
    return importGeniusWeb([a, b], options);
  }
  if (flags.domain === undefined) {
    throw usageError('GENIUS profiles need their domain', 'add --domain FILE');
  }
  return importGenius(await readText(flags.domain, 'the domain'), [a, b], options);
}

/** The draft, once it and both mandates have passed every check that `run` makes. */
function usable(terms: object, mandates: readonly [ImportedMandate, ImportedMandate]): TermsDraft {
  const draft = parseDraft(terms);
  const checked = checkDraft(draft);
  checkMandate(checked.rule, checked.terms, 'a', mandates[0]);
  checkMandate(checked.rule, checked.terms, 'b', mandates[1]);
  return draft;
}

async function readText(path: string, what: string): Promise<string> {
  const bytes = await readBytes(path, what);
  try {
    return decodeText(bytes, `${what} ${path}`);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError('ERR_IMPORT_UNSUPPORTED', cause.message, { hint: cause.hint!, cause });
  }
}

function document(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function tryThem({ outTerms, outA, outB }: ImportFlags): string {
  return style('bold', `${commandName()} run --terms ${outTerms} --mandate-a ${outA} --mandate-b ${outB}`);
}
