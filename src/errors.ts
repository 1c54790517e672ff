/** Base of every error Parley throws on purpose. `code` is stable; `hint` says what to do next. */
export class ParleyError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** The peer's signed engagement as a JWS in its one byte form, if it had arrived before this session failed. */
  engagement: string | undefined;
  /** Why this is not in this side's ledger of the peer's conduct, where it belongs there and could not be written. */
  unrecorded: ParleyError | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The caller gave something unusable: a flag, a file, a value. Nothing was sent. Codes `ERR_USAGE`, `ERR_TERMS_INVALID`, `ERR_MANDATE_INVALID`, `ERR_KEY_INVALID`, … */
export class InputError extends ParleyError {}

/** The two sides' completed terms differ, or the terms have expired: `ERR_TERMS_MISMATCH`, `ERR_TERMS_EXPIRED`. */
export class TermsError extends ParleyError {}

/** The peer sent something no honest peer sends, or failed a check. The session's secrets are gone. */
export class PeerCheatedError extends ParleyError {
  /** Name of the check that failed. */
  readonly check: string;
  /** Whether only the holder of the peer's key can have caused it: not where bytes failed their authentication, which anyone on the wire can change. */
  readonly attributable: boolean;

  constructor(check: string, attributable = true) {
    const hint = attributable
      ? 'nothing was agreed; do not retry with the same peer unless you know why'
      : 'nothing was agreed; if it happens again, use another network';
    const who = attributable ? 'the other side' : 'the other side, or somebody on the way to it,';
    super('ERR_PEER_CHEATED', `${who} broke the protocol (${check})`, { hint });
    this.check = check;
    this.attributable = attributable;
  }
}

/** The peer closed or lost the connection: `ERR_PEER_LEFT`. */
export class PeerLeftError extends ParleyError {
  constructor(message = 'the other side left before the agreement was complete', engagement?: string) {
    super('ERR_PEER_LEFT', message, { hint: 'nothing more will arrive on this connection; start again' });
    this.engagement = engagement;
  }
}

/** The peer sent its one opaque abort: `ERR_PEER_ABORTED`. */
export class PeerAbortedError extends ParleyError {
  constructor() {
    super('ERR_PEER_ABORTED', 'the other side stopped the session', {
      hint: 'it gives no reason over the wire; ask its owner',
    });
  }
}

/** Silence, or no progress, past a deadline: `ERR_TIMEOUT`. */
export class TimeoutError extends ParleyError {
  constructor(message: string) {
    super('ERR_TIMEOUT', message, { hint: 'check that the other side is running, or raise the timeout' });
  }
}

/** The peer is not who was expected, or does not prove its identity: `ERR_PEER_IDENTITY`. */
export class IdentityError extends ParleyError {
  constructor(message: string, hint?: string) {
    super('ERR_PEER_IDENTITY', message, hint === undefined ? {} : { hint });
  }
}

/** A signed document, or an opening, does not verify: `ERR_AGREEMENT_…`, `ERR_OPENING_…`. */
export class VerificationError extends ParleyError {
  /** The role of a party that is shown, by a seal of its own and what opens it, to have entered what no mandate has. */
  readonly party: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; cause?: unknown; party?: string } = {},
  ) {
    super(code, message, options);
    this.party = options.party;
  }
}

/** The connection could not be made or is not Parley's: `ERR_CONNECT`, `ERR_WIRE_VERSION`, `ERR_WIRE_FORMAT`. */
export class ConnectionError extends ParleyError {}

/**
 * The ledger of attempts forbids what was asked, or cannot be used: `ERR_PEER_BARRED`, `ERR_SEAL_CHANGED`, `ERR_ATTEMPTS_EXHAUSTED`,
 * `ERR_DISCLOSURE_LIMIT`, `ERR_SESSION_BUSY`, `ERR_LEDGER_CORRUPT`, `ERR_LEDGER_UNUSABLE`.
 */
export class LedgerError extends ParleyError {}

/**
 * A delegate's policy forbids a negotiation, or the mandate that was to be used in it: `ERR_POLICY_PEER`, `ERR_POLICY_ROLE`, `ERR_POLICY_RULE`,
 * `ERR_POLICY_SECURITY`, `ERR_POLICY_RANGE`, `ERR_POLICY_DISCLOSURE`, `ERR_POLICY_SESSIONS`, `ERR_POLICY_MANDATE`. Nothing private was sent.
 */
export class PolicyError extends ParleyError {}
