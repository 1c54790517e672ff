import { VerificationError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';
import { describeFailure, exitCodes, failureLine } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { known } from './known.ts';
import { type Shown, shownInvite, shownJson } from './shown.ts';

/**
 * `parley show FILE [--json]`: any Parley document, for people, with the names of known peers. The private part of a key is never shown. The
 * JSON has the `kind`, and the `document` without its private part. Returns the exit code: 1 for an invalid signature.
 */
export async function show(path: string, { json = false }: { readonly json?: boolean }): Promise<number> {
  const bytes = await readBytes(path, 'the file');
  const people = await known();
  let shown: Shown;
  try {
    shown = shownInvite(bytes) ?? (await shownJson(bytes, path, people));
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (json) printJson({ valid: false, code: error.code });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
  const { kind, document, lines, warning } = shown;
  if (warning !== undefined) say(style('yellow', warning));
  if (json) printJson({ kind, document });
  else print(`${[`${kind[0]!.toUpperCase()}${kind.slice(1)}`, ...lines].join('\n')}\n`);
  return exitCodes.done;
}
