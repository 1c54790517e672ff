import { type ErrorClass, type ErrorCode, type ErrorCodeOf, errorEntry } from './errors/table.ts';

export {
  type ErrorClass,
  type ErrorCode,
  type ErrorCodeOf,
  type ErrorEntry,
  type ExitCode,
  errorEntries,
  errorEntry,
  errorTable,
} from './errors/table.ts';

/** The same symbol in every copy of the package that a program has loaded. */
const BRAND: unique symbol = Symbol.for('parley.error');

export interface ErrorDetails {
  /** What to do, where that is more than the table says. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Base of every error Parley throws on purpose. `code` is stable, `hint` says what to do next; src/errors/table.ts has them all.
 * `Class` is the class in that table, and decides which codes the constructor takes.
 */
export class ParleyError<Class extends ErrorClass = 'ParleyError'> extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  /** The peer's signed engagement as a JWS in its one byte form, if it had arrived before this session failed. */
  engagement: string | undefined;
  /** The mandate certificate under which the peer has engaged, and its list of revocations, in their one byte form: without them an engagement shows nobody bound whom a delegate acts for. */
  delegation: { readonly certificate: string; readonly revocations?: string } | undefined;
  /** Under terms with an arbiter: the dispute file of the session, if this side may have engaged before it failed. Its secrets are this side's own. */
  dispute: Uint8Array | undefined;
  /** Why this is not in this side's ledger of the peer's conduct, where it belongs there and could not be written. */
  unrecorded: ParleyError | undefined;

  constructor(code: ErrorCodeOf<Class>, message: string, { hint, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    const entry = errorEntry(code);
    this.name = entry?.class ?? 'ParleyError';
    this.code = code;
    this.hint = hint ?? entry?.action ?? '';
  }

  get [BRAND](): true {
    return true;
  }
}

/**
 * Whether a value is an error of Parley's, of any copy of the package: `instanceof` knows those of its own copy only. `name` is then the
 * name of the class. A copy of another version may have codes that this one does not.
 */
export function isParleyError(value: unknown): value is ParleyError {
  return value instanceof Error && BRAND in value;
}

/** The caller gave something unusable. Nothing was sent. */
export class InputError extends ParleyError<'InputError'> {
  declare readonly code: ErrorCodeOf<'InputError'>;
}

/** The two sides do not share valid terms. */
export class TermsError extends ParleyError<'TermsError'> {
  declare readonly code: ErrorCodeOf<'TermsError'>;
}

/** The peer sent something no honest peer sends, or failed a check. The session's secrets are gone. */
export class PeerCheatedError extends ParleyError<'PeerCheatedError'> {
  declare readonly code: ErrorCodeOf<'PeerCheatedError'>;
  /** Name of the check that failed. */
  readonly check: string;
  /** Whether only the holder of the peer's key can have caused it: not where bytes failed their authentication, which anyone on the wire can change. */
  readonly attributable: boolean;

  constructor(check: string, attributable = true) {
    const options = attributable
      ? {}
      : { hint: 'nothing was agreed; if it happens again, use another network' };
    const who = attributable ? 'the other side' : 'the other side, or somebody on the way to it,';
    super('ERR_PEER_CHEATED', `${who} broke the protocol (${check})`, options);
    this.check = check;
    this.attributable = attributable;
  }
}

/** The peer closed or lost the connection. */
export class PeerLeftError extends ParleyError<'PeerLeftError'> {
  declare readonly code: ErrorCodeOf<'PeerLeftError'>;
  constructor(message = 'the other side left before the agreement was complete', engagement?: string) {
    super('ERR_PEER_LEFT', message);
    this.engagement = engagement;
  }
}

/** The peer sent its one opaque abort. */
export class PeerAbortedError extends ParleyError<'PeerAbortedError'> {
  declare readonly code: ErrorCodeOf<'PeerAbortedError'>;
  constructor() {
    super('ERR_PEER_ABORTED', 'the other side stopped the session');
  }
}

/** Silence, or no progress, past a deadline. */
export class TimeoutError extends ParleyError<'TimeoutError'> {
  declare readonly code: ErrorCodeOf<'TimeoutError'>;
  constructor(message: string, options?: ErrorDetails) {
    super('ERR_TIMEOUT', message, options);
  }
}

/** The peer is not who was expected, or does not prove its identity. */
export class IdentityError extends ParleyError<'IdentityError'> {
  declare readonly code: ErrorCodeOf<'IdentityError'>;
  constructor(message: string, hint?: string) {
    super('ERR_PEER_IDENTITY', message, { hint });
  }
}

/** A signed document, or an opening, does not verify. */
export class VerificationError extends ParleyError<'VerificationError'> {
  declare readonly code: ErrorCodeOf<'VerificationError'>;
  /** The role of a party that is shown, by a seal of its own and what opens it, to have entered what no mandate has. */
  readonly party: string | undefined;

  constructor(
    code: ErrorCodeOf<'VerificationError'>,
    message: string,
    options: ErrorDetails & { readonly party?: string } = {},
  ) {
    super(code, message, options);
    this.party = options.party;
  }
}

/** Why nothing at an address could be reached, where the network says. */
export type Unreachable = 'unknown-host' | 'refused' | 'no-route' | 'no-answer';

/** The connection could not be made or is not Parley's. */
export class ConnectionError extends ParleyError<'ConnectionError'> {
  declare readonly code: ErrorCodeOf<'ConnectionError'>;
  /** With `ERR_CONNECT` from a network, if it is known. */
  readonly reason: Unreachable | undefined;

  constructor(
    code: ErrorCodeOf<'ConnectionError'>,
    message: string,
    options: { hint?: string; cause?: unknown; reason?: Unreachable | undefined } = {},
  ) {
    super(code, message, options);
    this.reason = options.reason;
  }
}

/** The ledger of attempts forbids what was asked, or cannot be used. */
export class LedgerError extends ParleyError<'LedgerError'> {
  declare readonly code: ErrorCodeOf<'LedgerError'>;
}

/** A delegate's policy forbids a negotiation, or the mandate that was to be used in it. Nothing private was sent. */
export class PolicyError extends ParleyError<'PolicyError'> {
  declare readonly code: ErrorCodeOf<'PolicyError'>;
}

/** An arbiter refuses a complaint or a question, or cannot answer it now. */
export class ArbiterError extends ParleyError<'ArbiterError'> {
  declare readonly code: ErrorCodeOf<'ArbiterError'>;
}
