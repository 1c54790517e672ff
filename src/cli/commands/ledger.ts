import { isPublicKey } from '../../crypto/ed25519.ts';
import { publicJwk, rawPublicKey, thumbprint } from '../../documents/identity.ts';
import { encodeBase64url } from '../../documents/json.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import type { Departure, Ledger, PeerSummary, Stage } from '../../ledger/index.ts';
import { restorationsOf } from '../../node/home/backup/restored.ts';
import { isMissing } from '../../node/home/files.ts';
import { identityFile, ledgerFolder } from '../../node/home/home.ts';
import { fileLedger } from '../../node/store/index.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { restorationText } from '../terminal/restoration.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { agreementsWith, giveAgreement } from './kept-agreements.ts';
import { type Known, known } from './known.ts';
import { disputesIn, sayDispute } from './open-disputes.ts';

export interface LedgerFlags {
  readonly identity?: string;
  readonly ledger?: string;
  readonly forgive?: string;
  readonly agreement?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `parley ledger [--identity KEY | --ledger FOLDER] [--forgive KEY] [--agreement NAME [--out FILE]] [--json]` */
export async function ledger(flags: LedgerFlags): Promise<void> {
  const path = flags.ledger ?? ledgerFolder(identityFile(flags.identity));
  const book = (await isMissing(path)) ? undefined : await fileLedger(path);
  if (flags.agreement !== undefined) return giveAgreement(book, { ...flags, agreement: flags.agreement });
  if (flags.out !== undefined) throw usageError('--out is for an agreement', 'add --agreement NAME');
  const people = await known();
  if (flags.forgive !== undefined) await forgive(book, await people.key(flags.forgive));
  const kept = (await book?.agreements()) ?? [];
  const peers = (await book?.list()) ?? [];
  const rows = peers.map((summary) => ({
    ...describePeer(summary, people),
    agreements: agreementsWith(summary.peer, kept),
  }));
  const restorations = await restorationsOf(path);
  const { open: disputes, damaged } = await disputesIn(path);
  if (flags.json === true) {
    printJson({
      peers: rows,
      ...(disputes.length > 0 && { disputes }),
      ...(restorations.length > 0 && { restorations }),
    });
  }
  for (const one of restorations) say(style('yellow', restorationText(one)));
  for (const dispute of disputes) sayDispute(dispute);
  for (const { file, why } of damaged) say(style('yellow', `${file} cannot be read (${why})`));
  if (rows.length === 0) say('nothing has been released to anyone');
  for (const row of rows) {
    tellPeer(row);
    for (const { name, time, matter } of row.agreements)
      say(`  ${time}  agreement ${name}  ${quoted(matter)}`);
  }
  if (kept.length > 0) say(`one agreement: ${commandName()} ledger --agreement NAME --out FILE`);
}

/** Lets a peer that was caught cheating negotiate again. */
async function forgive(book: Ledger | undefined, key: PublicJwk | string): Promise<void> {
  const peer = typeof key === 'string' ? await findPeer(book, key) : rawPublicKey(key);
  if (peer === undefined || book === undefined || !(await book.forgive(peer))) {
    throw usageError(
      'there is nothing to forgive that key',
      'parley ledger lists who was caught, and what is not forgiven',
    );
  }
}

async function findPeer(book: Ledger | undefined, fingerprint: string): Promise<Uint8Array | undefined> {
  for (const { peer } of (await book?.list()) ?? []) {
    if (fingerprintOf(peer) === fingerprint) return peer;
  }
  return undefined;
}

/** The fingerprint of a key, or of a principal of several keys for whom peers have acted. */
function fingerprintOf(peer: Uint8Array): string {
  return isPublicKey(peer) ? thumbprint(publicJwk(peer)) : encodeBase64url(peer);
}

function describePeer({ peer, attempts, disclosedBits, cheats, departures }: PeerSummary, people: Known) {
  const fingerprint = fingerprintOf(peer);
  const name = people.nameOf(fingerprint);
  return {
    ...(name !== undefined && { name }),
    fingerprint,
    barred: cheats.some(({ forgiven }) => !forgiven),
    disclosedBits: round(disclosedBits),
    attempts: attempts.map(({ matter, bits, time, agreement, end, returned }) => ({
      matter,
      bits: round(bits),
      time,
      agreed: agreement !== undefined,
      ...(agreement === undefined && end !== undefined && { end, returned }),
    })),
    cheats,
    departures,
  };
}

function tellPeer(row: ReturnType<typeof describePeer>): void {
  const { name, fingerprint, disclosedBits, attempts, cheats, departures, barred } = row;
  if (name !== undefined) say(style('bold', name));
  say(`${style('bold', fingerprint)}  at most ${disclosedBits} bits disclosed`);
  for (const attempt of attempts) {
    say(`  ${attempt.time}  ${attempt.bits} bits  ${attemptText(attempt)}  ${quoted(attempt.matter)}`);
  }
  for (const { time, after, check, matter, forgiven } of cheats) {
    const what = `caught cheating ${WHEN[after]} (${check})${forgiven ? ', forgiven' : ''}`;
    say(
      `  ${time}  ${forgiven ? what : style('red', what)}${matter === undefined ? '' : `  ${quoted(matter)}`}`,
    );
  }
  for (const departure of departures) {
    say(`  ${departure.time}  ${style('yellow', departureText(departure))}  ${quoted(departure.matter)}`);
  }
  if (barred) {
    say(
      `  nothing runs with it until you allow it: ${commandName()} ledger --forgive ${name ?? fingerprint}`,
    );
  }
}

/** How an attempt stands. */
function attemptText({ agreed, end, returned }: ReturnType<typeof describePeer>['attempts'][number]): string {
  if (agreed) return 'agreed';
  if (end === 'unknown') return style('yellow', 'given up, outcome unknown');
  if (end === 'void') return returned ? 'void, attempt given back' : 'void, attempt used up';
  return style('yellow', 'released, no agreement');
}

/** When something happened, in words, by the last stage before it. */
const WHEN: Readonly<Record<Stage, string>> = {
  connected: 'before the terms were agreed',
  'terms-agreed': 'before a figure was entered',
  'mandate-given': 'during the computation',
  engaged: 'before the outcome was known here',
  'outcome-known': 'when it was to sign the agreement',
  signed: 'after the agreement',
};

function departureText({ after, engaged, shared }: Departure): string {
  if (after === 'outcome-known') return 'left without signing the agreement; both sides know the outcome';
  if (shared) return 'left before it gave its share; it may know the outcome, you do not';
  if (engaged) return 'left after it had promised to be bound; nobody knows the outcome';
  return 'left before it had promised anything; nobody knows the outcome';
}

function round(bits: number): number {
  return Math.round(1_000 * bits) / 1_000;
}
