import type { DeskResult } from '../../desk/conduct.ts';
import { agreementName, serializeAgreement } from '../../documents/agreement.ts';
import type { ParleyError } from '../../errors.ts';
import { maxRssMiB } from '../players/player.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, exitCodes } from '../terminal/failure.ts';
import { settleOutput } from '../terminal/output.ts';
import { jsonText, printJson, say, style } from '../terminal/terminal.ts';
import { sayHowToCheck } from './how-to-check.ts';
import type { PartyFlags, Ports } from './ports.ts';
import { needsRatifying, sayNotInForce } from './ratification-words.ts';

/** Waits for the end of a negotiation, reports the result, and returns the exit code. Throws its failure, with what to do about it. */
export async function finish(
  { narrator, log }: Pick<Ports, 'narrator'> & Partial<Pick<Ports, 'log'>>,
  flags: Pick<PartyFlags, 'json' | 'stdio' | 'identity' | 'ledger'>,
  signal: AbortSignal,
  negotiate: () => Promise<DeskResult>,
): Promise<number> {
  let result: DeskResult;
  try {
    result = await negotiate();
  } catch (error) {
    narrator.stop();
    if (narrator.proved === undefined) throw narrator.explain(error, signal.aborted);
    return await finishProved(narrator.proved, error, flags);
  } finally {
    await log?.settle();
  }
  narrator.stop();
  const { unsaved } = result;
  if (flags.json === true || unsaved !== undefined) printDocument(toJson(result), flags);
  await sayResult(result);
  const unprinted = await settleOutput();
  if (unsaved === undefined && unprinted === undefined) return exitCodes.done;
  sayWhereKept(result, unprinted, flags);
  return exitCodes.failed;
}

/** Reports an outcome that is proved although the session has failed with `error`. Returns the exit code. */
async function finishProved(
  { outcome, terms, role, place, proof }: NonNullable<Ports['narrator']['proved']>,
  error: unknown,
  flags: Pick<PartyFlags, 'json' | 'stdio'>,
): Promise<number> {
  const failure = describeFailure(error);
  if (flags.json === true)
    printDocument(
      {
        outcome,
        ...(needsRatifying(outcome, terms) && { inForce: false }),
        proof: place,
        brokenOff: failure,
      },
      flags,
    );
  say(style('bold', outcomeText(outcome, terms)));
  const who = proof === 'opened' ? 'the other side' : 'the arbiter';
  say(`there is no agreement: ${failure.message}`);
  say(`what takes its place is the proof in ${place}, by what ${who} has opened`);
  sayNotInForce(outcome, terms, place);
  await sayHowToCheck(place, terms, role);
  const unprinted = await settleOutput();
  if (unprinted === undefined) return exitCodes.done;
  throw unprinted;
}

/** Prints the one document of a command. If standard output belongs to the session, prints lines for people instead. */
function printDocument(document: object, { stdio = false }: Pick<PartyFlags, 'stdio'>): void {
  if (stdio) say(jsonText(document));
  else printJson(document);
}

async function sayResult({
  outcome,
  terms,
  role,
  adjusted,
  saved,
  confirmed,
  unrecorded,
}: DeskResult): Promise<void> {
  say(style('bold', outcomeText(outcome, terms)));
  if (adjusted !== undefined) say(`not entered as you gave it: ${adjusted}`);
  sayNotInForce(outcome, terms, saved);
  if (saved !== undefined) {
    say(`the agreement, signed by both, is in ${saved}`);
    await sayHowToCheck(saved, terms, role);
  }
  if (terms.menu !== undefined && terms.seals !== 'none') {
    say(style('dim', 'keep your mandate file: to show later what you entered, you need it'));
  }
  if (unrecorded !== undefined) {
    say(`the ledger does not have it (${unrecorded.message}): there the attempt counts as unfinished`);
  }
  if (!confirmed) say('the other side left without confirming that it has the agreement too');
}

/** Tells the person where the agreement can be found when it could not be written to its file. */
function sayWhereKept(
  { outcome, agreement, saved, unsaved, recorded }: DeskResult,
  unprinted: ParleyError | undefined,
  { identity, ledger }: Pick<PartyFlags, 'identity' | 'ledger'>,
): void {
  const what = outcome.deal ? 'the deal stands' : 'the outcome stands, no deal';
  const why = unsaved === undefined ? [] : [`its agreement is not saved: ${unsaved.message}`];
  if (unprinted !== undefined) why.push(unprinted.message);
  const where = saved === undefined ? [] : [`it is in ${saved}`];
  if (unprinted === undefined) where.push('the agreement is printed above');
  if (recorded) {
    const flag = ledger === undefined ? ['--identity', identity] : ['--ledger', ledger];
    const named = flag[1] === undefined ? '' : ` ${flag.join(' ')}`;
    const command = `${commandName()} ledger${named} --agreement ${agreementName(agreement)} --out FILE`;
    where.push(`the ledger has it: ${command}`);
  }
  const nowhere = where.length === 0;
  if (nowhere) where.push('it is nowhere but in the next line: keep that');
  say(`${style(['bold', 'red'], 'parley:')} ${what}, but ${[why.join(', and '), ...where].join('; ')}`);
  if (nowhere) process.stderr.write(new TextDecoder().decode(serializeAgreement(agreement)));
}

function toJson({ outcome, terms, agreement, stats }: DeskResult): object {
  const { ands, bytes, flights, ms } = stats;
  const total = Math.round(10 * ms.total) / 10;
  const force = needsRatifying(outcome, terms) ? { inForce: false } : {};
  return { outcome, ...force, agreement, stats: { ands, bytes, flights, ms: total, maxRssMiB: maxRssMiB() } };
}
