import { platform } from '#platform';
import type { SealedEntries } from '../../protocols/rule.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import { Kernel } from '../crypto/kernel.ts';
import { tags } from '../crypto/tags.ts';
import type { Agreement } from '../documents/agreement.ts';
import { fingerprint } from '../documents/identity.ts';
import { encodeBase64url } from '../documents/json.ts';
import {
  type OutcomeJson,
  type PublicJwk,
  type Security,
  supportedSecurities,
  type Terms,
  type TermsDraft,
} from '../documents/terms.ts';
import type { Engine } from '../engine/engine.ts';
import { InputError, ParleyError, PeerCheatedError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { LinkStats, SecureLink } from '../link/secure-link.ts';
import { Attempt } from './attempt.ts';
import { computeAgreement } from './computation.ts';
import { type EngineSource, openEngineSource } from './engines.ts';
import { askMandate } from './mandate.ts';
import {
  clocksOf,
  DEFAULT_WAIT,
  type NegotiateOptions,
  type Phase,
  type PrepareOptions,
  type SessionParts,
} from './options.ts';
import { type Plan, Preflight } from './preflight.ts';
import { countCost, type NegotiationStats, type Result, toOutcome } from './result.ts';
import { Sealing, sealAnds } from './sealing.ts';
import { mode, TermsExchange, type TermsExchangeOptions } from './terms-exchange.ts';

/** Bytes of the session id that make the nonce of terms without one. */
const NONCE_LENGTH = 16;

/** A negotiation whose terms both sides have accepted. */
interface Agreed {
  readonly plan: Plan;
  /** Names this negotiation, 32 bytes. */
  readonly id: Uint8Array;
  readonly engine: Promise<Engine>;
  /** Where the terms have seals. */
  readonly sealing: Sealing | undefined;
}

/**
 * An authenticated, encrypted connection to a peer, for one negotiation after another. Any failure ends it on both sides, and
 * zeroes its secrets.
 */
export class Session {
  /** The peer's proven key. */
  readonly peer: PublicJwk;
  /** 32 bytes, the same on both sides. */
  readonly id: Uint8Array;
  private readonly parts: SessionParts;
  private readonly kernel = new Kernel();
  private readonly preflight = new Preflight();
  private source: { readonly security: Security; readonly ready: Promise<EngineSource> } | undefined;
  private prepared: Agreed | undefined;
  /** What holds secrets, to be closed before the kernel's memory goes: the setup, and the latest engine. */
  private openSource: EngineSource | undefined;
  private openEngine: Engine | undefined;
  private wiped = false;
  private negotiations = 0;
  private busy = false;
  private failureListeners = new Set<(error: ParleyError) => void>();

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.peer = parts.peer;
    this.id = parts.sessionId;
    parts.link.rest();
  }

  /** RFC 7638 thumbprint of the peer's key. */
  peerFingerprint(): Promise<string> {
    return fingerprint(this.peer);
  }

  /** Bytes and flights so far. */
  get stats(): LinkStats {
    return this.parts.link.stats;
  }

  /** Calls `listener` once, when the session fails. Gives what takes that back. */
  onFailure(listener: (error: ParleyError) => void): () => void {
    const { ended } = this.parts.link;
    if (ended !== undefined) queueMicrotask(() => listener(ended));
    else this.failureListeners.add(listener);
    return () => this.failureListeners.delete(listener);
  }

  /** To be called with the link's failure. */
  failed(error: ParleyError): void {
    for (const listener of this.failureListeners) listener(error);
    this.failureListeners.clear();
    // Whether the peer had engaged by the time it left is known where the negotiation ends.
    const cheat = error instanceof PeerCheatedError && error.attributable;
    if (!this.busy || cheat) void this.parts.witness.testify(error);
    if (!this.busy) this.wipe();
  }

  /**
   * Runs an exchange of messages ahead of a negotiation, such as that of an invite's terms. If it throws, the session ends on both sides.
   */
  converse<Value>(
    options: Pick<NegotiateOptions, 'timeout' | 'wait' | 'signal'>,
    exchange: (link: SecureLink) => Promise<Value>,
  ): Promise<Value> {
    return this.exclusively(options, async () => {
      await this.parts.witness.admit();
      return () => exchange(this.parts.link);
    });
  }

  /** This side's key. */
  get own(): PublicJwk {
    return this.parts.identity.publicKey;
  }

  /**
   * Agrees on the terms and runs what does not depend on the mandates, ahead of `negotiate` with the same terms. Both sides call it.
   */
  async prepare(terms: Terms | TermsDraft, options: PrepareOptions = {}): Promise<void> {
    if (this.prepared !== undefined) throw usage('the session is prepared already');
    await this.exclusively(options, async () => {
      await this.parts.witness.admit();
      const plan = this.plan({ ...options, terms });
      return async () => {
        const agreed = await this.agree(plan, mode.prepare);
        this.parts.witness.prepares();
        const engine = await agreed.engine;
        await engine.prepare(plan.bound.ands + sealAnds(plan));
        agreed.sealing?.prepare(true);
        this.parts.link.flush();
        await platform.nextTurn();
        this.parts.witness.reached('terms-agreed');
        this.prepared = agreed;
      };
    });
  }

  /**
   * One negotiation, step by step as in README.md of this folder. Throws typed errors: before anything is sent InputError or
   * TermsError (the session stays open), afterwards whatever ended the session. `engagement` in an error is what the peer had signed.
   */
  negotiate(options: NegotiateOptions): Promise<Result> {
    return this.exclusively(options, async () => {
      const start = performance.now();
      const { mandate } = options;
      const { witness } = this.parts;
      await witness.admit(mandate);
      const plan = this.plan(options);
      const { rule, bound, terms, party, role } = plan;
      const onProgress = (phase: Phase) => {
        witness.reached(phase);
        options.onProgress?.(phase);
      };
      const enter = (given: unknown) => bound.enter(party, given, this.parts.random);
      const entry = typeof mandate === 'function' ? undefined : enter(mandate);
      return async () => {
        const counted = countCost(this.parts.link, this.negotiations === 0);
        const asks = typeof mandate === 'function';
        const agreed = this.prepared ?? (await this.agree(plan, asks ? mode.ask : mode.negotiate));
        this.prepared = undefined;
        onProgress('terms-agreed');
        const asked = performance.now();
        const names = { peer: this.peer, session: agreed.id, maxDisclosure: options.maxDisclosure };
        const attempt = await Attempt.begin(this.parts.ledger, plan, names, witness.afterCheat(mandate));
        try {
          if (terms.seals === 'none') attempt?.admitUnsealed();
          const value =
            typeof mandate === 'function'
              ? enter(
                  await askMandate(
                    mandate,
                    { terms, rule, peer: this.peer, role },
                    options.wait ?? DEFAULT_WAIT,
                    (listener) => this.onFailure(listener),
                  ),
                )
              : entry!;
          onProgress('mandate-given');
          const { link, identity, initiator } = this.parts;
          witness.learnsFirst = initiator === (await this.setup(terms.security)).initiatorLearnsFirst;
          const { outcome, agreement } = await computeAgreement({
            ...agreed,
            link,
            identity,
            entry: value,
            attempt,
            signsFirst: witness.learnsFirst,
            onProgress,
          });
          const unrecorded = await attempt?.agreed(agreement);
          onProgress('signed');
          const result = this.result(plan, outcome, agreement, counted(), { start, asked });
          return unrecorded === undefined ? result : { ...result, unrecorded };
        } finally {
          await attempt?.end();
        }
      };
    });
  }

  /**
   * Ends the session in order: both sides know that the other has everything. Rejects with PeerLeftError or TimeoutError if
   * the peer does not confirm. A negotiation under way is cancelled.
   */
  async close(): Promise<void> {
    if (this.busy) {
      this.parts.link.abort(new ParleyError('ERR_CLOSED', 'the session was closed'));
      return;
    }
    try {
      await this.parts.link.close();
    } finally {
      this.parts.link.destroy();
      this.wipe();
    }
  }

  /** Drops the connection and every secret at once. */
  destroy(): void {
    this.parts.link.destroy();
    if (!this.busy) this.wipe();
  }

  private result(
    { bound, terms, role }: Plan,
    outcome: OutcomeJson,
    agreement: Agreement,
    cost: Pick<NegotiationStats, 'bytes' | 'flights'>,
    { start, asked }: { readonly start: number; readonly asked: number },
  ): Result {
    const ms = { total: performance.now() - start, setup: asked - start };
    const stats = { ands: bound.ands, ...cost, ms };
    return { ...toOutcome(bound, outcome), outcome, agreement, terms, role, stats };
  }

  /** Completes the terms; after `prepare`, they must be the prepared ones. */
  private plan(options: Pick<NegotiateOptions, 'terms' | 'role' | 'rules' | 'maxDisclosure'>): Plan {
    if (options.maxDisclosure !== undefined && this.parts.ledger === undefined) {
      throw usage('a limit on disclosure needs a ledger');
    }
    if (options.maxDisclosure !== undefined && !(options.maxDisclosure >= 0)) {
      throw usage('a limit on disclosure is a number of bits');
    }
    const nonce = encodeBase64url(this.id.subarray(0, NONCE_LENGTH));
    const keys = { own: this.parts.identity.publicKey, peer: this.peer, nonce };
    const plan = this.preflight.run(options.terms, keys, options.rules, options.role);
    if (this.prepared !== undefined && !equalBytes(this.prepared.plan.digest, plan.digest)) {
      throw usage('the session is prepared for other terms');
    }
    const { security } = plan.terms;
    if (!supportedSecurities.includes(security) || (this.source?.security ?? security) !== security) {
      throw usage('the session is set up for another kind of security');
    }
    if (plan.terms.seals !== 'none' && this.parts.sealKey === undefined) {
      throw new InputError('ERR_USAGE', 'the terms ask for seals, and this side has no seal key', {
        hint: 'give a sealKey, made by createSealKey, or terms with "seals": "none"',
      });
    }
    return plan;
  }

  /** Steps 1 and 2: both sides show that they have the same terms; meanwhile the setup begins. */
  private async agree(plan: Plan, mode: TermsExchangeOptions['mode']): Promise<Agreed> {
    const { link, initiator, sessionId } = this.parts;
    const id = hash(tags.negotiationId, sessionId, this.negotiations++);
    this.parts.witness.begins(plan, id);
    // Once there is a setup, the side whose engine begins says hello with that.
    const seal = plan.terms.seals === 'none' ? undefined : plan.bound.seal;
    const deferred = seal === undefined && ((await this.source?.ready)?.responderBegins ?? false);
    const speaksFirst = deferred ? !initiator : initiator;
    const exchange = new TermsExchange({ link, digest: plan.digest, mode, speaksFirst, deferred });
    const sealing = seal && this.sealing(plan, seal, id, exchange);
    const open = async () => {
      const source = await this.setup(plan.terms.security);
      this.openEngine = source.open(plan.party, id, sealing?.link ?? exchange);
      return this.openEngine;
    };
    await exchange.begin();
    let engine: Promise<Engine> | undefined;
    if (speaksFirst) {
      engine = open();
      engine.catch(() => undefined); // reported where it is awaited
    }
    if (sealing !== undefined) {
      await platform.nextTurn(); // what was sent leaves before this side computes
      sealing.prepare(initiator);
    }
    if (!exchange.mayGoOn) await exchange.confirm();
    engine ??= open();
    engine.catch((error: unknown) => this.stop(error));
    return { plan, id, engine, sealing };
  }

  private sealing(plan: Plan, seal: SealedEntries, session: Uint8Array, link: Link): Sealing {
    const { initiator, sealKey, knownKeys, random } = this.parts;
    return new Sealing(link, { plan, seal, session, garbles: !initiator, key: sealKey!, knownKeys, random });
  }

  /** The setup of the session's engines: run once, with its first negotiation. */
  private setup(security: Security): Promise<EngineSource> {
    const { link, initiator, random, sessionId, early } = this.parts;
    this.source ??= {
      security,
      ready: openEngineSource({ security, initiator, link, kernel: this.kernel, random, sessionId, early }),
    };
    this.source.ready.then(
      (source) => {
        if (this.wiped) source.close();
        else this.openSource = source;
      },
      () => undefined, // reported where it is awaited
    );
    return this.source.ready;
  }

  /**
   * Runs one thing at a time: first what is checked before anything is sent, then the rest, of which any failure ends the session.
   */
  private async exclusively<Value>(
    options: Pick<NegotiateOptions, 'timeout' | 'wait' | 'signal'>,
    check: () => Promise<() => Promise<Value>>,
  ): Promise<Value> {
    const { link } = this.parts;
    if (this.busy) throw usage('the session is busy with another negotiation');
    if (link.ended !== undefined) throw link.ended;
    const { signal } = options;
    const clocks = clocksOf(options);
    if (signal?.aborted) throw cancelled(signal);
    this.busy = true;
    const onAbort = () => link.abort(cancelled(signal!));
    try {
      const run = await check();
      link.begin(clocks);
      signal?.addEventListener('abort', onAbort, { once: true });
      return await run().catch((error: unknown) => this.fail(error));
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.busy = false;
      link.rest();
      // What ended meanwhile has left the wiping to this.
      if (link.ended !== undefined) this.wipe();
    }
  }

  /** Ends the session because of `error`, has it put on record, and throws what tells most about it. */
  private async fail(error: unknown): Promise<never> {
    const { link } = this.parts;
    const earlier = link.ended;
    const own = error instanceof ParleyError ? error : undefined;
    this.stop(error);
    this.wipe();
    const consequence = own === undefined || own.code === 'ERR_CLOSED';
    if (consequence && earlier !== undefined) earlier.engagement ??= own?.engagement;
    const cause = consequence && earlier !== undefined ? earlier : error;
    await this.parts.witness.testify(cause);
    throw cause;
  }

  private stop(error: unknown): void {
    const typed =
      error instanceof ParleyError
        ? error
        : new ParleyError('ERR_INTERNAL', 'the session was stopped', { cause: error });
    this.parts.link.abort(typed);
  }

  /** Zeroes every secret. */
  private wipe(): void {
    if (this.wiped) return;
    this.wiped = true;
    this.prepared = undefined;
    try {
      this.openEngine?.close();
      this.openSource?.close();
      if ('sender' in this.parts.early) this.parts.early.sender.clear();
    } finally {
      this.kernel.destroy();
    }
  }
}

function cancelled(signal: AbortSignal): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: signal.reason });
}

function usage(message: string): InputError {
  return new InputError('ERR_USAGE', message);
}
