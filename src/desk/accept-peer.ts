import { ParleyError, TimeoutError } from '../errors.ts';
import type { Channel, Listener } from '../link/channel.ts';
import { after, type Timer } from '../link/timer.ts';
import type { Session } from '../session/index.ts';

/** The most handshakes under way at a time. One more, and the oldest is dropped. */
const PENDING = 128;

export interface AcceptOptions {
  readonly listener: Listener;
  /** Runs the handshake and any other check that decides whether this is the peer. */
  readonly open: (channel: Channel, signal: AbortSignal) => Promise<Session>;
  /** Milliseconds to wait for the peer. */
  readonly wait: number;
  readonly signal: AbortSignal;
  /** Called for each connection that was not the peer's, unless it only repeated an earlier first message. */
  readonly onRefused: (error: unknown) => void;
  /** Whether only a holder of the invite gets an answer. A connection that has had an answer is then not dropped for newer ones. */
  readonly invited?: boolean;
  /** Whether an error of `open` ends the wait. Otherwise it ends only that connection. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * The session over the first connection that proves to be the peer's. Other connections meanwhile (a port scan, garbage,
 * somebody else) are refused and end nothing. Throws TimeoutError, or the signal's reason.
 */
export function acceptPeer(options: AcceptOptions): Promise<Session> {
  return new Promise((resolve, reject) => new Reception(options, resolve, reject).begin());
}

/** Handles connections side by side until one of them is the peer's. */
class Reception {
  private readonly options: AcceptOptions;
  private readonly resolve: (session: Session) => void;
  private readonly reject: (error: unknown) => void;
  private readonly pending = new Set<AbortController>();
  /** The pending connections that have proved that they hold the invite. */
  private readonly answered = new WeakSet<AbortController>();
  private readonly onAbort = () => this.fail(this.options.signal.reason);
  private timer: Timer | undefined;
  private over = false;

  constructor(options: AcceptOptions, resolve: (session: Session) => void, reject: (error: unknown) => void) {
    this.options = options;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(): void {
    const { signal, wait } = this.options;
    this.timer = after(wait, () => this.fail(new TimeoutError('nobody connected in time')));
    signal.addEventListener('abort', this.onAbort, { once: true });
    if (signal.aborted) this.onAbort();
    this.loop().catch((error: unknown) => this.fail(error));
  }

  private async loop(): Promise<void> {
    for (;;) {
      const channel = await this.options.listener.accept();
      if (channel === undefined) return;
      if (this.over) channel.destroy();
      else void this.attend(channel);
    }
  }

  private async attend(channel: Channel): Promise<void> {
    const { open, signal, invited, isFinal, onRefused } = this.options;
    const attempt = this.admit();
    const heard = invited === true ? onFirstSend(channel, () => this.answered.add(attempt)) : channel;
    try {
      const session = await open(heard, attempt.signal);
      if (this.over || attempt.signal.aborted) return session.destroy();
      this.pending.delete(attempt);
      this.finish();
      signal.addEventListener('abort', () => attempt.abort(signal.reason), { once: true });
      this.resolve(session);
    } catch (error) {
      if (this.over) return;
      if (isFinal?.(error) === true) this.fail(error);
      else if (!isReplay(error)) onRefused(error);
    } finally {
      this.pending.delete(attempt);
    }
  }

  /** Makes room for one more handshake. If there are too many, the oldest one that has proved nothing is dropped. */
  private admit(): AbortController {
    const attempt = new AbortController();
    this.pending.add(attempt);
    if (this.pending.size > PENDING) {
      const oldest = [...this.pending].find((one) => !this.answered.has(one)) ?? attempt;
      oldest.abort(superseded());
      this.pending.delete(oldest);
    }
    return attempt;
  }

  private fail(error: unknown): void {
    if (this.over) return;
    this.finish();
    this.reject(error);
  }

  /** Stops accepting connections. */
  private finish(): void {
    this.over = true;
    this.timer?.cancel();
    this.options.signal.removeEventListener('abort', this.onAbort);
    void this.options.listener.close();
    for (const attempt of this.pending) attempt.abort(superseded());
  }
}

/** A channel that reports its first send: a handshake with an invite sends nothing until the other side has proved that it holds the invite. */
function onFirstSend(channel: Channel, tell: () => void): Channel {
  return {
    initiator: channel.initiator,
    send(bytes) {
      tell();
      return channel.send(bytes);
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}

function isReplay(error: unknown): boolean {
  return error instanceof ParleyError && error.code === 'ERR_REPLAYED';
}

function superseded(): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'another connection took its place');
}
