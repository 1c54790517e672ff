import { equalBytes } from '../crypto/bytes.ts';
import { turn } from '../crypto/turns.ts';
import { fingerprint } from '../documents/identity.ts';
import { encodeBase64url } from '../documents/json.ts';
import { type PublicJwk, supportedSecurities, type Terms, type TermsDraft } from '../documents/terms.ts';
import { InputError, ParleyError, PeerCheatedError } from '../errors.ts';
import { shortDigest } from '../link/log.ts';
import type { SecureLink } from '../link/secure-link.ts';
import type { LinkStats } from '../link/tally.ts';
import { type Agreed, agree, noSealKey } from './agree.ts';
import { runAhead } from './ahead.ts';
import type { Certificates } from './certificates.ts';
import { requireNoDispute } from './dispute-file.ts';
import type { MandateSource } from './mandate.ts';
import { entrySource, negotiateAgreed } from './negotiation.ts';
import { clocksOf, type NegotiateOptions, type PrepareOptions } from './options.ts';
import { requiredEntry } from './own-seals.ts';
import type { SessionParts } from './parts.ts';
import { Preflight, type Side } from './preflight.ts';
import { RecordedAttempt } from './recorded-attempt.ts';
import { countCost, type Result } from './result.ts';
import type { Session } from './session.ts';
import { type Mode, mode } from './terms-exchange.ts';

/** Bytes of the session id that make the nonce of terms without one. */
const NONCE_LENGTH = 16;

/**
 * The state between two calls: nothing prepared, or terms that are agreed. With `whole`, the cost of the session so far counts to the negotiation that
 * follows.
 */
type Ready =
  | { readonly kind: 'idle' }
  | { readonly kind: 'prepared'; readonly agreed: Agreed; readonly whole: boolean };

const IDLE: Ready = { kind: 'idle' };

type CallOptions = Pick<NegotiateOptions, 'timeout' | 'wait' | 'signal'>;

/** How the desk agrees on terms ahead of a mandate. */
export interface AheadOptions extends PrepareOptions, Pick<NegotiateOptions, 'maxDisclosure'> {
  /** Whether somebody has to be asked for this side's mandate. */
  readonly asks: boolean;
  /** Called once the terms are agreed. */
  readonly onAgreed: () => void;
}

/** A session as src/session and src/desk use it. Callers of the library get it as a `Session`. */
export class OpenSession implements Session {
  readonly peer: PublicJwk;
  readonly id: Uint8Array;
  private readonly parts: SessionParts;
  private readonly preflight = new Preflight();
  private state: Ready | { readonly kind: 'busy' } = IDLE;
  private negotiations = 0;
  private failureListeners = new Set<(error: ParleyError) => void>();

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.peer = parts.peer;
    this.id = parts.sessionId;
    parts.link.rest();
  }

  get own(): PublicJwk {
    return this.parts.identity.publicKey;
  }

  get stats(): LinkStats {
    return this.parts.link.stats;
  }

  peerFingerprint(): Promise<string> {
    return fingerprint(this.peer);
  }

  onFailure(listener: (error: ParleyError) => void): () => void {
    const { ended } = this.parts.link;
    if (ended !== undefined) queueMicrotask(() => listener(ended));
    else this.failureListeners.add(listener);
    return () => this.failureListeners.delete(listener);
  }

  /** Called when the link fails, with the error. */
  failed(error: ParleyError): void {
    for (const listener of this.failureListeners) listener(error);
    this.failureListeners.clear();
    const { witness } = this.parts;
    const busy = this.state.kind === 'busy';
    // A departure during a call is reported at the end of the call: only then is it known whether the peer had engaged.
    const cheat = error instanceof PeerCheatedError && error.attributable;
    if (!busy || cheat) void witness.testify(error);
    if (!busy) this.wipe();
  }

  /**
   * Runs an exchange of messages ahead of a negotiation, such as that of an invite's terms. If it throws, the session ends on both sides.
   * With `prepared` it has its place after `prepare`, and anywhere else nothing is sent.
   */
  converse<Value>(
    options: CallOptions & { readonly prepared?: boolean },
    exchange: (link: SecureLink) => Promise<Value>,
  ): Promise<Value> {
    return this.exclusively(options, async (ready) => {
      await this.parts.witness.admit();
      if (options.prepared === true && ready.kind !== 'prepared') throw usage('the session is not prepared');
      return async () => ({ value: await exchange(this.parts.link), next: ready });
    });
  }

  async prepare(terms: Terms | TermsDraft, options: PrepareOptions = {}): Promise<void> {
    await this.pause(terms, options, mode.prepare);
  }

  /** `prepare` for the desk: nothing is prepared unless one of the sides asks for its mandate. Gives whether both prepared and pause. */
  agreeAhead(terms: Terms | TermsDraft, { asks, onAgreed, ...options }: AheadOptions): Promise<boolean> {
    return this.pause(terms, options, asks ? mode.prepare : mode.agree, onAgreed);
  }

  negotiate(options: NegotiateOptions): Promise<Result> {
    return this.exclusively(options, async (ready) => {
      const start = performance.now();
      const { parts } = this;
      await parts.witness.admit(options.mandate);
      await turn();
      const side = this.sideOf(options, ready);
      await requireNoDispute(parts, side);
      await this.admit(side, options.mandate);
      const awaited = parts.certificates.isAwaited(side);
      const give = entrySource(parts, side, { ...options, termsAgreed: ready.kind === 'prepared' });
      return async () => {
        const first = ready.kind === 'prepared' ? ready.whole : this.negotiations === 0;
        const cost = countCost(parts.link, first);
        const asks = typeof options.mandate === 'function';
        const agreed =
          ready.kind === 'prepared' ? ready.agreed : await this.agree(side, asks ? mode.ask : mode.negotiate);
        if (awaited) await this.admit(side, options.mandate); // now it is known whom the peer binds
        if (ready.kind !== 'prepared' && agreed.ahead) {
          await runAhead(parts, agreed, { wait: options.wait });
          parts.link.begin(clocksOf(options)); // the peer pauses now, and has to hear that this side lives
        }
        const onFailure = (listener: (error: ParleyError) => void) => this.onFailure(listener);
        const value = await negotiateAgreed(parts, agreed, { options, give, onFailure, cost, start });
        return { value, next: IDLE };
      };
    });
  }

  /** For whom this side acts, and what the peer has shown of that. */
  get certificates(): Certificates {
    return this.parts.certificates;
  }

  /** Terms as both sides have them in this session. */
  completed(options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>): Terms {
    return this.sideOf(options, IDLE).terms;
  }

  /** Whether this side's entry under these terms is already fixed, because an outcome was released on an earlier seal of its own and is not agreed. */
  async isSettled(options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>): Promise<boolean> {
    return this.stands(this.sideOf(options, IDLE));
  }

  /** Whether that entry can only give the outcome of the earlier session again. */
  async isRepeated(options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules'>): Promise<boolean> {
    return this.repeats(this.sideOf(options, IDLE));
  }

  async close(): Promise<void> {
    const { link } = this.parts;
    if (this.state.kind === 'busy') {
      link.abort(new ParleyError('ERR_CLOSED', 'the session was closed'));
      return;
    }
    try {
      await link.close();
    } finally {
      link.destroy();
      this.wipe();
    }
  }

  destroy(): void {
    this.parts.link.destroy();
    if (this.state.kind !== 'busy') this.wipe();
  }

  /** Steps 0 to 2, what is prepared, and a pause. Gives whether both prepared and pause. */
  private pause(
    terms: Terms | TermsDraft,
    options: PrepareOptions & Pick<NegotiateOptions, 'maxDisclosure'>,
    own: typeof mode.prepare | typeof mode.agree,
    onAgreed?: () => void,
  ): Promise<boolean> {
    return this.exclusively(options, async (ready) => {
      if (ready.kind === 'prepared') throw usage('the session is prepared already');
      await this.parts.witness.admit();
      await turn();
      const side = this.sideOf({ ...options, terms }, ready);
      await requireNoDispute(this.parts, side);
      return async () => {
        const whole = onAgreed !== undefined && this.negotiations === 0;
        const agreed = await this.agree(side, own);
        onAgreed?.();
        if (agreed.ahead) await runAhead(this.parts, agreed, options);
        return { value: agreed.ahead && agreed.peerPauses, next: { kind: 'prepared', agreed, whole } };
      };
    });
  }

  /** Whether an earlier entry of this side stands: it has to be entered again. */
  private async stands(side: Side): Promise<boolean> {
    const { ledger, sealKey, witness, certificates } = this.parts;
    const { terms, bound } = side;
    if (terms.seals === 'none' || sealKey === undefined) return false;
    const counted = certificates.counted(ledger, side, this.peer);
    if (counted === undefined) return false;
    const names = { session: this.id, maxDisclosure: undefined };
    const attempt = await RecordedAttempt.begin(counted, side, names, witness.afterCheat());
    try {
      return requiredEntry(attempt.previousSeals(), bound.seal!, sealKey) !== undefined;
    } finally {
      await attempt.end();
    }
  }

  /** Whether such an entry gives the same outcome. Where entries have commitments, the peer may enter something else. */
  private async repeats(side: Side): Promise<boolean> {
    return side.bound.seal?.committed === undefined && this.stands(side);
  }

  /** Asks a delegate whether it allows this negotiation. */
  private async admit(side: Side, mandate: MandateSource): Promise<void> {
    if (typeof mandate !== 'function' || mandate.admit === undefined) return;
    const { certificates, peer } = this.parts;
    const repeated = await this.repeats(side);
    const delegation = certificates.isAwaited(side) ? 'awaited' : certificates.ofPeer(side);
    const { terms, role } = side;
    await mandate.admit({ terms, peer, role, repeated, delegation });
  }

  private agree(side: Side, own: Mode): Promise<Agreed> {
    this.parts.tell({ event: 'terms', digest: shortDigest(side.digest) });
    const number = this.negotiations++;
    return agree(this.parts, side, { mode: own, number, stop: (error) => this.stop(error) });
  }

  /** Completes the terms; after `prepare`, they must be the prepared ones. */
  private sideOf(
    options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules' | 'maxDisclosure'>,
    ready: Ready,
  ): Side {
    const { ledger, sealKey, setup, disputes, certificates } = this.parts;
    const { maxDisclosure } = options;
    if (maxDisclosure !== undefined && ledger === undefined) {
      throw usage('a limit on disclosure needs a ledger');
    }
    if (maxDisclosure !== undefined && !(maxDisclosure >= 0)) {
      throw usage('a limit on disclosure is a number of bits');
    }
    const nonce = encodeBase64url(this.id.subarray(0, NONCE_LENGTH));
    const keys = { own: this.own, peer: this.peer, nonce };
    const side = this.preflight.run(options.terms, keys, options.rules, options.role);
    if (ready.kind === 'prepared' && !equalBytes(ready.agreed.side.digest, side.digest)) {
      throw usage('the session is prepared for other terms');
    }
    const { security, seals } = side.terms;
    if (!supportedSecurities.includes(security) || (setup.security ?? security) !== security) {
      throw usage('the session is set up for another kind of security');
    }
    if (seals !== 'none' && sealKey === undefined) throw noSealKey();
    if (side.arbiter !== undefined && disputes === undefined) {
      throw usage('terms with an arbiter need a place for disputes');
    }
    certificates.check(side);
    return side;
  }

  /**
   * Runs one call at a time. `check` runs before anything is sent: if it throws, the session stays as it was. Then the function that it
   * returned runs, and any failure of that ends the session.
   */
  private async exclusively<Value>(
    options: CallOptions,
    check: (ready: Ready) => Promise<() => Promise<{ readonly value: Value; readonly next: Ready }>>,
  ): Promise<Value> {
    const { link } = this.parts;
    const { state } = this;
    if (state.kind === 'busy') throw usage('the session is busy with another negotiation');
    if (link.ended !== undefined) throw link.ended;
    const { signal } = options;
    const clocks = clocksOf(options);
    if (signal?.aborted) throw cancelled(signal);
    this.state = { kind: 'busy' };
    let after: Ready = state;
    const onAbort = () => link.abort(cancelled(signal!));
    try {
      const run = await check(state);
      if (signal?.aborted) throw cancelled(signal); // it may have aborted during the check
      after = IDLE;
      link.begin(clocks);
      signal?.addEventListener('abort', onAbort, { once: true });
      const { value, next } = await run().catch((error: unknown) => this.fail(error));
      after = next;
      return value;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.state = after;
      link.rest();
      // A session that ended during the call is wiped here.
      if (link.ended !== undefined) this.wipe();
    }
  }

  /** Ends the session because of `error`, records it, and throws the error that tells most about the failure. */
  private async fail(error: unknown): Promise<never> {
    const { link, setup, witness } = this.parts;
    const earlier = link.ended;
    const own = error instanceof ParleyError ? error : undefined;
    this.stop(error);
    setup.wipe();
    const consequence = own === undefined || own.code === 'ERR_CLOSED';
    if (consequence && earlier !== undefined) {
      earlier.engagement ??= own?.engagement;
      earlier.dispute ??= own?.dispute;
    }
    const cause = consequence && earlier !== undefined ? earlier : error;
    await witness.testify(cause);
    throw cause;
  }

  /** Zeroes every secret, and forgets what was prepared. */
  private wipe(): void {
    this.state = IDLE;
    this.parts.setup.wipe();
  }

  private stop(error: unknown): void {
    this.parts.link.abort(typed(error));
  }
}

/** What ends a session, as an error of this library. */
export function typed(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('ERR_INTERNAL', 'the session was stopped', { cause: error });
}

function cancelled(signal: AbortSignal): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: signal.reason });
}

function usage(message: string): InputError {
  return new InputError('ERR_USAGE', message);
}
