import { serializeAgreement } from '../../documents/agreement.ts';
import { ParleyError } from '../../errors.ts';
import { readBytes, writeNew } from '../../node/home/files.ts';
import type { Result, Session } from '../../session/index.ts';
import { maxRssMiB } from '../players/player.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, failureLine, InterruptedError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

export interface FinishFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/** Saves the agreement, ends the session in order, and says how it came out. */
export async function finish(session: Session, result: Result, flags: FinishFlags): Promise<void> {
  const { outcome, terms, unrecorded } = result;
  const saved = await saveAgreement(result, flags);
  const confirmed = await session.close().then(
    () => true,
    () => false,
  );
  if (flags.json === true) printJson(toJson(result));
  say(style('bold', outcomeText(outcome, terms)));
  if (saved !== undefined) {
    say(`the agreement, signed by both, is in ${saved}`);
    say(style('dim', `check it at any time: ${commandName()} verify ${saved}`));
  }
  if (terms.menu !== undefined && terms.seals !== 'none') {
    say(style('dim', 'keep your mandate file: to show later what you entered, you need it'));
  }
  if (unrecorded !== undefined) {
    say(`the ledger does not have it (${unrecorded.message}): there the attempt counts as unfinished`);
  }
  if (!confirmed) say('the other side left without confirming that it has the agreement too');
}

/** Where the agreement was saved; with `--json` and without `--out` it is only printed. */
async function saveAgreement(result: Result, flags: FinishFlags): Promise<string | undefined> {
  if (flags.out === undefined && flags.json === true) return undefined;
  const path = flags.out ?? `agreement-${shortName(result.agreement.signatures[0]!.signature)}.json`;
  const bytes = serializeAgreement(result.agreement);
  await writeNew(path, bytes, 0o644).catch(async (error: unknown) => {
    // Both sides may work in one folder, and the other's file is the same to the byte.
    const there =
      flags.out === undefined ? await readBytes(path, 'the agreement').catch(() => undefined) : undefined;
    if (there === undefined || Buffer.compare(there, Buffer.from(bytes)) !== 0) throw error;
  });
  return path;
}

/** Saves the engagement that a peer left behind, and says so in the error; says too if the ledger could not be told. */
export async function keepEngagement(error: unknown, out: string | undefined): Promise<unknown> {
  if (!(error instanceof ParleyError) || error instanceof InterruptedError) return error;
  const { engagement, unrecorded } = error;
  if (unrecorded !== undefined) {
    say(
      `the ledger does not have this (${unrecorded.message}): nothing will warn you of this peer next time`,
    );
  }
  if (engagement === undefined) return error;
  const path =
    out === undefined ? `engagement-${shortName(engagement.slice(-48))}.json` : `${out}.engagement`;
  const hint = await writeNew(path, engagement, 0o644).then(
    () => `its signed promise to be bound by the outcome is in ${path}: parley verify reads it`,
    (cause: unknown) => `its engagement could not be saved: ${failureLine(describeFailure(cause))}`,
  );
  return new ParleyError(error.code, error.message, { hint, cause: error });
}

function shortName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 8);
}

function toJson({ outcome, agreement, stats }: Result): object {
  const { ands, bytes, flights, ms } = stats;
  const total = Math.round(10 * ms.total) / 10;
  return { outcome, agreement, stats: { ands, bytes, flights, ms: total, maxRssMiB: maxRssMiB() } };
}
