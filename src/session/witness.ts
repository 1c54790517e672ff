import { platform } from '#platform';
import { encodeBase64url } from '../documents/json.ts';
import {
  LedgerError,
  ParleyError,
  PeerAbortedError,
  PeerCheatedError,
  PeerLeftError,
  TimeoutError,
} from '../errors.ts';
import { type AfterCheat, type Ledger, type Names, normaliseMatter, type Stage } from '../ledger/index.ts';
import type { MandateSource } from './mandate.ts';
import type { Phase } from './options.ts';
import type { Side } from './preflight.ts';

export interface WitnessOptions {
  /** The ledger that the witness reports to and asks. Without one it does nothing. */
  readonly ledger: Ledger | undefined;
  /** The peer's proven Ed25519 key, 32 bytes. */
  readonly peer: Uint8Array;
  /** The session's id, 32 bytes. */
  readonly session: Uint8Array;
  /** The names under which the peer is counted under a negotiation's terms. */
  readonly namesOf: (side: Side) => Names;
  /** What the session's owner decided about a peer that was caught before. */
  readonly afterCheat: AfterCheat;
  /** Whether the peer has sent anything in the present call. After a pause it does so only once its mandate is in. */
  readonly heard: () => boolean;
}

/** Tells this party's ledger how the peer behaves, and refuses a peer that was caught (src/ledger/README.md, _Conduct_). */
export class Witness {
  /** Whether this side learns the outcome first. */
  learnsFirst = false;
  private readonly options: WitnessOptions;
  private stage: Stage = 'connected';
  /** Whether a computation is under way in which a peer could try to cheat, and leave if that fails. */
  private computing = false;
  /** The negotiation under way, or the last one. */
  private current: { readonly id: Uint8Array; readonly side: Side } | undefined;
  private report: Promise<void> | undefined;

  constructor(options: WitnessOptions) {
    this.options = options;
  }

  /** Whether a caught peer may be dealt with: the stricter of what the session's owner and the delegate's policy say. */
  afterCheat(mandate?: MandateSource): AfterCheat {
    const policy = typeof mandate === 'function' ? mandate.afterCheat : undefined;
    return (policy ?? 'allow') === 'allow' ? this.options.afterCheat : 'refuse';
  }

  /** Throws LedgerError `ERR_PEER_BARRED` if the peer was caught, and that is not allowed. Called before anything is sent. */
  async admit(mandate?: MandateSource): Promise<void> {
    const { ledger, peer } = this.options;
    if (this.afterCheat(mandate) !== 'allow') await ledger?.refuseCheater(peer);
  }

  /** The same for whom the peer binds, once that is known and before the terms are accepted: a principal answers for what its delegates were caught at. */
  async admitBound(side: Side): Promise<void> {
    const { ledger, namesOf } = this.options;
    if (ledger === undefined || this.afterCheat() === 'allow') return;
    for (const name of namesOf(side)) await ledger.refuseCheater(name);
  }

  /** A negotiation begins. */
  begins(side: Side, id: Uint8Array): void {
    this.current = { side, id };
    this.stage = 'connected';
    this.computing = false;
  }

  /** Before the mandates are in, a peer that leaves may be a person who declines. Once both sides have signed, it spoils nothing. */
  reached(phase: Phase): void {
    this.stage = phase;
    this.computing = phase !== 'terms-agreed' && phase !== 'signed';
  }

  /**
   * Records what `error`, which has ended the session, shows about the peer; at most one record per session. Call it after the
   * abort, so that the peer learns nothing from it. Never rejects: `error.unrecorded` says if the ledger could not be written.
   */
  testify(error: unknown): Promise<void> {
    this.report ??= error instanceof ParleyError ? this.reportOf(error) : undefined;
    return this.report ?? Promise.resolve();
  }

  private reportOf(error: ParleyError): Promise<void> | undefined {
    const { ledger, session, heard, peer, namesOf } = this.options;
    if (ledger === undefined) return undefined;
    const { current, stage: after } = this;
    const names = current === undefined ? [peer] : namesOf(current.side); // now: what arrives later says nothing about who did this
    const occasion = { session: encodeBase64url(current?.id ?? session), after };
    const subject = current && subjectOf(current.side);
    if (error instanceof PeerCheatedError && error.attributable) {
      const { check } = error;
      return settle(error, () =>
        record(names, (name) => ledger.cheated(name, { ...occasion, ...subject, check })),
      );
    }
    const engaged = error.engagement !== undefined;
    if (subject === undefined || !(engaged || (this.computing && heard())) || !isDeparture(error))
      return undefined;
    // The side that learns the outcome first sends its share after that; the other side sends its share with its engagement.
    const shared = after === 'outcome-known' || (after === 'engaged' && !this.learnsFirst);
    return settle(error, () =>
      record(names, (name) => ledger.left(name, { ...occasion, ...subject, engaged, shared })),
    );
  }
}

/** Under the peer's own key, and under the name of its principal where it acts for one. */
async function record(
  names: readonly Uint8Array[],
  write: (name: Uint8Array) => Promise<void>,
): Promise<void> {
  for (const name of names) await write(name);
}

function subjectOf({ digest, terms }: Side): { readonly terms: string; readonly matter: string } {
  return { terms: encodeBase64url(digest), matter: normaliseMatter(terms.matter ?? terms.subject) };
}

/** Whether an error says that the peer, or the network, stopped. */
function isDeparture(error: ParleyError): boolean {
  return [PeerLeftError, PeerAbortedError, TimeoutError, PeerCheatedError].some(
    (one) => error instanceof one,
  );
}

async function settle(error: ParleyError, write: () => Promise<void>): Promise<void> {
  await platform.nextTurn(); // the abort leaves first
  try {
    await write();
  } catch (cause) {
    error.unrecorded =
      cause instanceof ParleyError
        ? cause
        : new LedgerError('ERR_LEDGER_UNUSABLE', 'the ledger of attempts cannot be written', { cause });
  }
}
