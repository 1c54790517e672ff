import { unlink } from 'node:fs/promises';
import {
  conclude,
  type DisputeEnd,
  complain as end,
  type ReadDispute,
  readDispute,
  requestOf,
} from '../../arbiter/index.ts';
import { settleInLedger } from '../../desk/dispute.ts';
import { readArbiterCard } from '../../documents/arbiter-card.ts';
import { quoted } from '../../documents/text.ts';
import { arbiterClient } from '../../node/arbiter/client.ts';
import { isMissing, readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { identityFile, ledgerFolder } from '../../node/home/home.ts';
import { fileLedger } from '../../node/store/index.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { exitCodes, usageError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { openOwn } from './own.ts';

export interface ComplainFlags {
  readonly identity?: string;
  readonly at?: string;
  readonly out?: string;
  readonly answer?: string;
  readonly agreement?: string;
  readonly json?: boolean;
}

/**
 * `parley complain DISPUTE [--out COMPLAINT | --answer ANSWER] [--at URL] [--agreement OUT] [--identity KEY] [--json]`. Returns the exit code.
 */
export async function complain(path: string, flags: ComplainFlags, signal: AbortSignal): Promise<number> {
  const { at, out, answer, json = false } = flags;
  refuseTogether({ at, out, answer });
  const proofPath = flags.agreement ?? `${path.replace(/\.dispute\.json$/, '')}.outcome.json`;
  await refuseExisting(out ?? proofPath);
  const dispute = readDispute(await readBytes(path, 'the dispute file'));
  const { identity } = await openOwn(flags.identity, signal);
  const side = { dispute, identity };
  const place = { dispute, path, proofPath, json, ledger: ledgerFolder(identityFile(flags.identity)) };
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
  const send = arbiterClient(at ?? cardAddress(dispute.engagement.arbiter.card), {
    configured: at !== undefined,
    signal,
  });
  return report(await end({ ...side, send }), place);
}

/** Where a dispute and what comes of it are. */
interface DisputePlace {
  readonly dispute: ReadDispute;
  readonly path: string;
  readonly proofPath: string;
  /** The folder of the ledger, which may not exist. */
  readonly ledger: string;
  readonly json: boolean;
}

/** Tells the person how the dispute has ended, and saves the proof if there is one. A dispute that is over no longer blocks its matter: its file is removed. */
async function report(
  end: DisputeEnd,
  { dispute, path, proofPath, ledger, json }: DisputePlace,
): Promise<number> {
  if (end.kind === 'pending') {
    if (json) printJson({ kind: 'pending', until: end.until });
    say(`the arbiter cannot say yet: the other side may still bind both. Ask again from ${end.until} on`);
    return exitCodes.pending;
  }
  if (end.kind === 'void') {
    await writeNew(`${path}.void`, end.document, 0o644);
    await unlink(path);
    if (json) printJson({ kind: 'void', mayBeBound: end.mayBeBound });
    say('void: the arbiter has opened nothing in this session, and never will');
    if (end.mayBeBound)
      say('but you had opened your part already: the other side may have the outcome and a proof');
    return exitCodes.void;
  }
  const { terms, outcome, proof } = end.agreement;
  await writeNew(proofPath, end.proof, 0o644);
  await settleInLedger((await isMissing(ledger)) ? undefined : await fileLedger(ledger), dispute, end);
  await unlink(path);
  if (json) printJson({ kind: 'resolved', outcome, proof, agreement: proofPath });
  say(`${style('bold', outcomeText(outcome, terms))} on ${quoted(terms.subject)}`);
  say(`the proof is in ${proofPath}; anybody checks it with ${commandName()} verify ${proofPath}`);
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

function refuseTogether(flags: Readonly<Record<string, string | undefined>>): void {
  const [one, other] = Object.keys(flags).filter((name) => flags[name] !== undefined);
  if (other !== undefined)
    throw usageError(`--${one} and --${other} exclude each other`, 'leave one of them out');
}
