import type { Rule } from '../../protocols/rule.ts';
import type { DelegationDocuments } from '../documents/delegation.ts';
import type { Identity } from '../documents/identity.ts';
import { ParleyError } from '../errors.ts';
import type { AfterCheat } from '../ledger/index.ts';
import type { Channel } from '../link/channel.ts';
import { codeFor, type Log, type Tell, tellTo } from '../link/log.ts';
import { requireTime } from '../link/timer.ts';
import type { SealKey } from '../seals/index.ts';
import type { MandateSource } from '../session/mandate.ts';
import { DEFAULT_TIMEOUT, DEFAULT_WAIT } from '../session/options.ts';
import type { Delegate } from './delegate.ts';
import { logEventOf } from './desk-log.ts';
import { type DisputingSide, turnToArbiter } from './dispute.ts';
import type { Home, PeerRecords, Reservation } from './home.ts';
import { ownIdentity, ownSealKey } from './keys.ts';
import type { Network } from './network.ts';
import { type DeskEvent, type Person, requireAnswer } from './person.ts';

/** What every way to negotiate takes. */
export interface DeskOptions {
  readonly home: Home;
  readonly network: Network;
  /** Is told what happens, and asked for what these options leave open. */
  readonly person?: Person | undefined;
  /** This side's private input, a function that gives it, or a delegate, which then admits the terms too. Default: the person is asked. */
  readonly mandate?: MandateSource | Delegate | undefined;
  /** Under which mandate certificate this side acts for somebody else. Default: it acts for itself. */
  readonly delegation?: DelegationDocuments | undefined;
  /** Further rules, looked up before the built-in ones. */
  readonly rules?: readonly Rule[] | undefined;
  /** The most bits that may be disclosed to this peer in total, by the ledger's count. Needs a home with a ledger. */
  readonly maxDisclosure?: number | undefined;
  /** Milliseconds for either side's person to come, read and answer. Default 600,000. */
  readonly wait?: number | undefined;
  /** Milliseconds of silence inside the protocol. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Ends the negotiation when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Receives a log, line by line, from which one can find out why a negotiation failed. The log holds no secret, and nothing that depends on a mandate. */
  readonly log?: Log | undefined;
}

/** One side of one negotiation, with its keys, home and clocks. */
export interface Desk {
  readonly options: DeskOptions;
  readonly identity: Identity;
  /** Undefined where the terms have no seals. */
  readonly sealKey: SealKey | undefined;
  readonly records: PeerRecords;
  /** What to do with a peer that was caught cheating. A delegate's policy decides; without one the peer is refused. */
  readonly afterCheat: AfterCheat;
  readonly reservation: Reservation | undefined;
  readonly clocks: { readonly wait: number; readonly timeout: number; readonly signal: AbortSignal };
  /** Tells the person. An error while telling does not end the negotiation. */
  tell(event: DeskEvent): void;
  /** Tells the person, and waits until the event has been shown. For events that take long to show. */
  show(event: DeskEvent): Promise<void>;
  /** Tells the log, if there is one. */
  readonly log: Tell;
}

/**
 * Opens a desk, does `work` at it and cleans up: a place reserved for an agreement is given up if it was not used, an engagement of a peer that
 * left is kept, and a channel that was given is dropped unless all went well. Under terms with an arbiter it turns to that first, which can take as long as the deadline
 * for complaints is off. Throws what `work` throws; `ERR_CANCELLED` once the signal has aborted.
 */
export async function atDesk<Value>(
  options: DeskOptions,
  { seals, channel }: { readonly seals: boolean; readonly channel: Channel | undefined },
  work: (desk: Desk) => Promise<Value>,
): Promise<Value> {
  const { home, person, signal = new AbortController().signal } = options;
  const { wait = DEFAULT_WAIT, timeout = DEFAULT_TIMEOUT } = options;
  const log = tellTo(options.log);
  const tell = teller(person, log);
  let reservation: Reservation | undefined;
  let disputing: DisputingSide | undefined;
  try {
    signal.throwIfAborted();
    requireTime(wait, timeout);
    if (options.mandate === undefined) requireAnswer(person, 'mandate');
    await home.peers.all(); // an error in the known peers shows before anybody is connected
    reservation = await home.reserveAgreement();
    const identity = await ownIdentity(home, person, signal, tell);
    const sealKey = seals ? await ownSealKey(home, identity.publicKey, tell) : undefined;
    const records = await home.records();
    disputing = { options, identity, records, signal, tell };
    if (records.restoration !== undefined) tell({ kind: 'ledgerRestored', ...records.restoration });
    const { mandate } = options;
    const policy = typeof mandate === 'function' ? mandate.afterCheat : undefined;
    const clocks = { wait, timeout, signal };
    const value = await work({
      options,
      identity,
      sealKey,
      records,
      afterCheat: policy ?? 'refuse',
      reservation,
      clocks,
      tell,
      show: shower(person, log),
      log,
    });
    log({ event: 'over' });
    return value;
  } catch (error) {
    log({ event: 'over', ...codeFor(error) });
    channel?.destroy();
    const { engagement, delegation, dispute, unrecorded } = error instanceof ParleyError ? error : {};
    if (unrecorded !== undefined) tell({ kind: 'conductUnrecorded', error: unrecorded });
    // A dispute has the engagement in it.
    if (dispute !== undefined && disputing !== undefined) await turnToArbiter(disputing, dispute);
    else if (engagement !== undefined) await keepEngagement(home, { engagement, delegation }, tell);
    if (signal.aborted && engagement === undefined) throw cancelled(signal);
    throw error;
  } finally {
    await reservation?.release();
  }
}

/** Tells a person what happens, and logs those events that belong in a log. */
export function teller(person: Person | undefined, log?: Tell): Desk['tell'] {
  const show = shower(person, log);
  return (event) => void show(event);
}

function shower(person: Person | undefined, log: Tell | undefined): Desk['show'] {
  return async (event) => {
    const logged = logEventOf(event);
    if (logged !== undefined) log?.(logged);
    try {
      await person?.told?.(event);
    } catch {
      // There is nobody to tell.
    }
  };
}

/** Saves what a peer had signed before it left. If that fails, nothing is lost: the error has the engagement too. */
async function keepEngagement(
  home: Home,
  { engagement, delegation }: { readonly engagement: string } & Pick<ParleyError, 'delegation'>,
  tell: Desk['tell'],
): Promise<void> {
  await home.keepEngagement(engagement, delegation).then(
    (place) => tell({ kind: 'engagementSaved', place }),
    (error: unknown) => tell({ kind: 'engagementUnsaved', error }),
  );
}

function cancelled(signal: AbortSignal): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'the negotiation was cancelled', { cause: signal.reason });
}
