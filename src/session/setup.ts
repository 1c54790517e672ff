import { Kernel } from '../crypto/kernel.ts';
import type { Random } from '../crypto/random.ts';
import type { Security } from '../documents/terms.ts';
import type { Engine, Party } from '../engine/engine.ts';
import { ParleyError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { type EarlyState, type EngineSource, openEngineSource } from './engines.ts';

/** Something that can be zeroed, more than once. */
export interface Secret {
  discard(): void;
}

export interface SetupParts {
  readonly link: Link;
  readonly initiator: boolean;
  readonly random: Random;
  readonly sessionId: Uint8Array;
}

/** Before the first negotiation: what the handshake's early bytes left. */
interface Fresh {
  readonly kind: 'fresh';
  readonly early: EarlyState;
}

/** From the first negotiation on. Before the kernel's memory is freed, the objects that hold secrets are closed: the latest engine, then the source. */
interface Running {
  readonly kind: 'running';
  readonly early: EarlyState;
  readonly security: Security;
  readonly ready: Promise<EngineSource>;
  source: EngineSource | undefined;
  engine: Engine | undefined;
}

/** The secrets of a session that outlive a negotiation: the kernel's memory, and the OT correlations that engines are made over. */
export class Setup {
  readonly kernel = new Kernel();
  private readonly parts: SetupParts;
  private guarded: Secret | undefined;
  private state: Fresh | Running | { readonly kind: 'wiped' };

  constructor(parts: SetupParts, early: EarlyState) {
    this.parts = parts;
    this.state = { kind: 'fresh', early };
  }

  /** The kind of security that this setup serves; undefined before the first negotiation. */
  get security(): Security | undefined {
    return this.state.kind === 'running' ? this.state.security : undefined;
  }

  /** The source of engines, if it has been asked for. */
  get begun(): Promise<EngineSource> | undefined {
    return this.state.kind === 'running' ? this.state.ready : undefined;
  }

  /** The source of engines, made with the session's first negotiation. */
  source(security: Security): Promise<EngineSource> {
    return this.running(security).ready;
  }

  /** An engine for one negotiation. */
  async open(security: Security, party: Party, id: Uint8Array, link: Link): Promise<Engine> {
    const running = this.running(security);
    const source = await running.ready;
    if (this.state !== running) throw closed();
    running.engine = source.open(party, id, link);
    return running.engine;
  }

  /** Zeroes this with all the rest, if the session ends before the negotiation has done so. There is one at a time. */
  guard(secret: Secret): void {
    this.guarded = secret;
  }

  /** Zeroes every secret. */
  wipe(): void {
    this.guarded?.discard();
    const { state } = this;
    if (state.kind === 'wiped') return;
    this.state = { kind: 'wiped' };
    try {
      if (state.kind === 'running') {
        state.engine?.close();
        state.source?.close();
      }
      if ('sender' in state.early) state.early.sender.clear();
    } finally {
      this.kernel.destroy();
    }
  }

  private running(security: Security): Running {
    const { state, kernel } = this;
    if (state.kind === 'running') return state;
    if (state.kind === 'wiped') throw closed();
    const { early } = state;
    const ready = openEngineSource({ ...this.parts, security, kernel, early });
    const running: Running = {
      kind: 'running',
      early,
      security,
      ready,
      source: undefined,
      engine: undefined,
    };
    this.state = running;
    ready.then(
      (source) => {
        if (this.state === running) running.source = source;
        else source.close();
      },
      () => undefined, // reported where it is awaited
    );
    return running;
  }
}

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the session was closed');
}
