import type { DeskResult } from '../../desk/conduct.ts';
import { maxRssMiB } from '../players/player.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, exitCodeOf, exitCodes, failureLine } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import type { Ports } from './ports.ts';

/** Sees a negotiation to its end, says how it came out, and gives the exit code. Throws its failure, with what to do about it. */
export async function finish(
  { narrator }: Pick<Ports, 'narrator'>,
  { json = false }: { readonly json?: boolean },
  signal: AbortSignal,
  negotiate: () => Promise<DeskResult>,
): Promise<number> {
  let result: DeskResult;
  try {
    result = await negotiate();
  } catch (error) {
    narrator.stop();
    throw narrator.explain(error, signal.aborted);
  }
  narrator.stop();
  sayResult(result, json);
  const { unsaved } = result;
  if (unsaved === undefined) return exitCodes.done;
  if (!json) printJson(toJson(result)); // the only copy there is
  say(`${style(['bold', 'red'], 'parley:')} ${failureLine(describeFailure(unsaved))}`);
  return exitCodeOf(unsaved);
}

function sayResult(result: DeskResult, json: boolean): void {
  const { outcome, terms, saved, confirmed, unrecorded } = result;
  if (json) printJson(toJson(result));
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

function toJson({ outcome, agreement, stats }: DeskResult): object {
  const { ands, bytes, flights, ms } = stats;
  const total = Math.round(10 * ms.total) / 10;
  return { outcome, agreement, stats: { ands, bytes, flights, ms: total, maxRssMiB: maxRssMiB() } };
}
