import { rename, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type ArbiterSend,
  conclude,
  type DisputeEnd,
  complain as end,
  type ReadDispute,
  readDispute,
  requestOf,
} from '../../arbiter/index.ts';
import { giveUpInLedger, settleInLedger } from '../../desk/dispute.ts';
import { readArbiterCard } from '../../documents/arbiter-card.ts';
import { formatTime } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import type { Ledger } from '../../ledger/index.ts';
import { arbiterClient } from '../../node/arbiter/client.ts';
import { keepOutcomeBeside, writeSame } from '../../node/home/agreements.ts';
import { isMissing, readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { identityFile, ledgerFolder } from '../../node/home/home.ts';
import { disputeFiles, fileLedger } from '../../node/store/index.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { exitCodes, usageError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { sayHowToCheck } from './how-to-check.ts';
import { openOwn } from './own.ts';
import { sayNotInForce } from './ratification-words.ts';

export interface ComplainFlags {
  readonly identity?: string;
  readonly ledger?: string;
  readonly at?: string;
  readonly out?: string;
  readonly answer?: string;
  readonly agreement?: string;
  readonly giveUp?: boolean;
  readonly json?: boolean;
}

/** Milliseconds after the deadline for complaints from which a person may give up. */
const SILENCE = 86_400_000;
const ENDING = /\.dispute\.json$/;

/**
 * `parley complain [DISPUTE] [--out COMPLAINT | --answer ANSWER | --give-up] [--at URL] [--agreement OUT] [--identity KEY] [--ledger FOLDER] [--json]`. Returns the exit
 * code.
 */
export async function complain(
  given: string | undefined,
  flags: ComplainFlags,
  signal: AbortSignal,
): Promise<number> {
  const { at, out, answer, giveUp, agreement, json = false } = flags;
  refuseTogether({ at, out, answer, 'give-up': giveUp });
  for (const file of [out, agreement]) if (file !== undefined) await refuseExisting(file);
  const folder = flags.ledger ?? ledgerFolder(identityFile(flags.identity));
  const path = given ?? (await onlyDispute(folder));
  const dispute = readDispute(await readBytes(path, 'the dispute file'));
  const ledger = (await isMissing(folder)) ? undefined : await fileLedger(folder);
  const place = { dispute, path, agreement, json, ledger };
  if (giveUp === true) return abandon(place);
  const { identity } = await openOwn(flags.identity, signal);
  const side = { dispute, identity };
  if (out !== undefined) {
    const { kind, document } = await requestOf(dispute, identity);
    await writeNew(out, document, 0o600);
    if (json) printJson({ kind: 'pending', request: out });
    say(`the ${kind} is in ${out}: bring it to the arbiter, who answers it with arbiter answer`);
    say(`then: ${commandName()} complain ${path} --answer ANSWER`);
    return exitCodes.pending;
  }
  if (answer !== undefined) {
    return report(await conclude(side, await readBytes(answer, 'the answer')), place);
  }
  // What the other side has opened needs no arbiter, and so no address.
  const send: ArbiterSend = async (request) => {
    const address = at ?? cardAddress(dispute.engagement.arbiter.card);
    return arbiterClient(address, { configured: at !== undefined, signal })(request);
  };
  return report(await end({ ...side, send }), place);
}

/** The file of the only dispute in a ledger. Throws InputError `ERR_USAGE`. */
async function onlyDispute(folder: string): Promise<string> {
  const [only, ...more] = await disputeFiles(folder);
  if (only === undefined) throw usageError(`no dispute is open in ${folder}`, 'if there is a file, name it');
  if (more.length === 0) return only;
  throw usageError(
    `${more.length + 1} disputes are open`,
    `name the file of one of them, as ${commandName()} doctor lists them`,
  );
}

/** Where a dispute and what comes of it are. */
interface DisputePlace {
  readonly dispute: ReadDispute;
  readonly path: string;
  /** The file for a proof, if the person has named one. */
  readonly agreement: string | undefined;
  readonly ledger: Ledger | undefined;
  readonly json: boolean;
}

/** Tells the person how the dispute has ended, and saves the proof if there is one. A dispute that is over no longer blocks its matter: its file is removed. */
async function report(end: DisputeEnd, place: DisputePlace): Promise<number> {
  const { dispute, path, json, ledger } = place;
  if (end.kind === 'pending') {
    if (json) printJson({ kind: 'pending', until: end.until });
    say(`the arbiter cannot say yet: the other side may still bind both. Ask again from ${end.until} on`);
    return exitCodes.pending;
  }
  if (end.kind === 'void') {
    await writeSame(`${path}.void`, end.document);
    await settleInLedger(ledger, dispute, end);
    await unlink(path);
    if (json) printJson({ kind: 'void', mayBeBound: end.mayBeBound, answer: `${path}.void` });
    say('void: the arbiter has opened nothing in this session, and never will');
    if (end.mayBeBound)
      say('but you had opened your part already: the other side may have the outcome and a proof');
    else say('nobody is bound; the two of you can negotiate again');
    say(`the arbiter has signed that: ${path}.void`);
    return exitCodes.void;
  }
  const { terms, outcome, proof } = end.agreement;
  const kept = await keepProof(end.proof, place);
  await settleInLedger(ledger, dispute, end);
  await unlink(path);
  if (json) printJson({ kind: 'resolved', outcome, proof, agreement: kept });
  say(`${style('bold', outcomeText(outcome, terms))} on ${quoted(terms.subject)}`);
  say(`the proof, which takes the place of an agreement, is in ${kept}`);
  sayNotInForce(outcome, terms, kept);
  await sayHowToCheck(kept, terms, dispute.role);
  return exitCodes.done;
}

/** Saves a proof where the person says, beside the dispute, or, if that is among Parley's own files, in the working folder. Returns its place. */
async function keepProof(proof: Uint8Array, { agreement, path }: DisputePlace): Promise<string> {
  if (agreement === undefined && /^[0-9a-f]{64}\./.test(basename(path)))
    return keepOutcomeBeside(undefined, proof);
  const file = agreement ?? `${path.replace(ENDING, '')}.outcome.json`;
  await writeNew(file, proof, 0o644);
  return file;
}

/** Gives a dispute up whose arbiter has been silent for a day. Its file is kept under another name, in case the arbiter comes back. */
async function abandon({ dispute, path, ledger, json }: DisputePlace): Promise<number> {
  const from = Date.parse(dispute.engagement.fair.complainBy) + SILENCE;
  if (Date.now() < from) {
    throw usageError(
      'the arbiter may still answer',
      `complain or ask; a dispute can be given up from ${formatTime(from)} on`,
    );
  }
  const kept = `${path.replace(ENDING, '')}.given-up.json`;
  await refuseExisting(kept);
  await giveUpInLedger(ledger, dispute);
  await rename(path, kept);
  if (json) printJson({ kind: 'unknown', dispute: kept });
  say('given up: the attempt and what it may have disclosed stay counted');
  say('the other side may have the outcome, and a proof that binds you both');
  say(`if the arbiter comes back: ${commandName()} complain ${kept}`);
  return exitCodes.done;
}

function cardAddress(card: object): string {
  const { at } = readArbiterCard(card);
  if (at !== undefined) return at;
  throw usageError(
    'the arbiter of these terms has no address in its card',
    'write the complaint with --out FILE and bring it there, or give an address with --at URL',
  );
}

function refuseTogether(flags: Readonly<Record<string, string | boolean | undefined>>): void {
  const [one, other] = Object.keys(flags).filter((name) => flags[name] !== undefined);
  if (other !== undefined)
    throw usageError(`--${one} and --${other} exclude each other`, 'leave one of them out');
}
