import type { Mandate, Rule } from '../../../protocols/rule.ts';
import { awaitReady } from '../../desk/offer.ts';
import { fingerprint, type LocalIdentity } from '../../documents/identity.ts';
import type { PublicJwk, Terms } from '../../documents/terms.ts';
import { InputError, TimeoutError } from '../../errors.ts';
import { parseBits, parseDuration, readJson, refuseExisting } from '../../node/home/files.ts';
import { findIdentity } from '../../node/home/home.ts';
import { openPeerRecords, type PeerRecords } from '../../node/home/peer-records.ts';
import { knownPeers, nameOf, peerPath } from '../../node/home/peers.ts';
import { readOrMakeSealKey } from '../../node/home/seal-key.ts';
import type { SealKey } from '../../seals/index.ts';
import type { Result, Session } from '../../session/index.ts';
import { describeFailure, failureLine, usageError } from '../terminal/failure.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { canAsk } from '../terminal/prompt.ts';
import { Questions } from '../terminal/questions.ts';
import { type Progress, say } from '../terminal/terminal.ts';
import { useStandardStreams } from '../terminal/tty.ts';
import { finish } from './finish.ts';
import { ledgerPath } from './ledger.ts';
import { askForMandate } from './mandate.ts';
import type { PartyFlags } from './party.ts';
import { checkMandate } from './rules.ts';

/** Flags of `host` and `join` in their short forms. */
export type InviteFlags = Partial<Omit<PartyFlags, 'wait' | 'timeout'>> & {
  readonly wait: string;
  readonly timeout: string;
  /** What the person calls the other side. */
  readonly name?: string;
  readonly relay?: string;
  readonly address?: string;
  readonly stdio?: boolean;
};

/** What both sides have ready before they connect. */
export interface Desk {
  readonly identity: LocalIdentity;
  readonly sealKey: SealKey;
  readonly records: PeerRecords;
  readonly maxDisclosure: number | undefined;
  readonly mandateFile: unknown;
  readonly wait: number;
  readonly timeout: number;
}

/** Reads everything that the flags name, and makes the identity if there is none. */
export async function openDesk(flags: InviteFlags, signal: AbortSignal): Promise<Desk> {
  const wait = parseDuration(flags.wait, '--wait');
  const timeout = parseDuration(flags.timeout, '--timeout');
  const maxDisclosure = flags.maxDisclosure === undefined ? undefined : parseBits(flags.maxDisclosure);
  useStandardStreams(flags);
  if (flags.out !== undefined) await refuseExisting(flags.out);
  if (flags.name !== undefined) peerPath(flags.name);
  await knownPeers(); // throws while nobody is connected yet if there is something wrong with them
  const mandateFile = flags.mandate === undefined ? undefined : await readJson(flags.mandate, 'the mandate');
  if (mandateFile === undefined && !canAsk()) {
    throw usageError(
      'there is no terminal to ask for a figure at',
      'add --mandate FILE, or run in a terminal',
    );
  }
  const { identity, path } = await findIdentity(flags.identity, signal);
  return {
    identity,
    sealKey: await readOrMakeSealKey(path, identity),
    records: await openPeerRecords(
      ledgerPath({ identity: path, ...(flags.ledger !== undefined && { ledger: flags.ledger }) }),
    ),
    maxDisclosure,
    mandateFile,
    wait,
    timeout,
  };
}

/** A peer for people: its role, its name if it has one, its fingerprint. */
export async function describePeer(role: string, key: PublicJwk): Promise<string> {
  const name = await nameOf(key);
  return `${name === undefined ? '' : `${name}, `}the ${role}, ${await fingerprint(key)}`;
}

/** A negotiation whose terms both sides have accepted. */
export interface Accepted {
  readonly session: Session;
  readonly terms: Terms;
  readonly rule: Rule;
  readonly role: string;
  readonly peerRole: string;
}

/** From accepted terms to the saved agreement. */
export async function conclude(
  { session, terms, rule, role, peerRole }: Accepted,
  { mandateFile, wait, timeout, maxDisclosure }: Desk,
  flags: InviteFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<Result> {
  const clocks = { wait, timeout, signal };
  const party = role === rule.roles[0] ? 'a' : 'b';
  const mandate =
    mandateFile === undefined
      ? await whileAlive(session, wait, signal, (asking) => ask(rule, terms, party, asking))
      : checked(rule, terms, party, mandateFile);
  say(`waiting for the ${peerRole}’s figure; nothing private has been sent`);
  await awaitReady(session, clocks);
  progress.update('preparing the computation');
  const result = await session.negotiate({
    ...clocks,
    terms,
    mandate,
    maxDisclosure,
    onProgress: (phase) => progress.update(UNDER_WAY[phase]),
  });
  progress.stop();
  await finish(session, result, flags);
  return result;
}

/** Asks a person something for as long as the session lives, and at most `wait` milliseconds. */
export async function whileAlive<Value>(
  session: Session,
  wait: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const over = new AbortController();
  const forget = session.onFailure((error) => over.abort(error));
  const timer = setTimeout(() => over.abort(new TimeoutError('there was no answer in time')), wait);
  try {
    return await ask(AbortSignal.any([signal, over.signal]));
  } finally {
    clearTimeout(timer);
    forget();
  }
}

async function ask(rule: Rule, terms: Terms, party: 'a' | 'b', signal: AbortSignal): Promise<Mandate> {
  if (terms.range !== undefined) return askForMandate(rule, terms, party, signal);
  say('Your ratings of the options are read from a file; README.md shows its form.');
  const questions = new Questions(signal);
  try {
    for (;;) {
      const path = await questions.ask('The file with your mandate:', (typed) => typed);
      try {
        return checked(rule, terms, party, await readJson(path, 'the mandate'));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        say(failureLine(describeFailure(error)));
      }
    }
  } finally {
    questions.close();
  }
}

function checked(rule: Rule, terms: Terms, party: 'a' | 'b', given: unknown): Mandate {
  checkMandate(rule, terms, party, given as Mandate);
  return given as Mandate;
}
