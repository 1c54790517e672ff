import type { Channel } from '../channel/channel.ts';
import type { Listener } from '../channel/tcp.ts';
import { ParleyError, TimeoutError } from '../errors.ts';
import type { Session } from '../session/index.ts';

/** Most handshakes under way at a time; past it the oldest is dropped. */
const PENDING = 128;

export interface AcceptOptions {
  readonly listener: Listener;
  /** Runs the handshake and whatever else decides that this is the peer. */
  readonly open: (channel: Channel, signal: AbortSignal) => Promise<Session>;
  /** Milliseconds until nobody is expected any more. */
  readonly wait: number;
  readonly signal: AbortSignal;
  /** Called for each connection that was not the peer's. */
  readonly onRefused: (error: unknown) => void;
}

/**
 * The session with the first connection that proves to be the peer's. Whatever else connects meanwhile (a port scan, garbage,
 * somebody else) is refused beside it and ends nothing. Throws TimeoutError, or the signal's reason.
 */
export function acceptPeer(options: AcceptOptions): Promise<Session> {
  const { listener, open, wait, signal, onRefused } = options;
  const pending = new Set<AbortController>();
  return new Promise<Session>((resolve, reject) => {
    let over = false;
    const finish = (winner?: AbortController) => {
      over = true;
      clearTimeout(timer);
      void listener.close();
      pending.delete(winner as AbortController);
      for (const attempt of pending) attempt.abort(superseded());
      if (winner === undefined) signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      if (over) return;
      finish();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new TimeoutError('nobody connected in time'));
    }, wait);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    const attend = async (channel: Channel) => {
      const attempt = new AbortController();
      pending.add(attempt);
      if (pending.size > PENDING) {
        const [oldest] = pending;
        oldest!.abort(superseded());
        pending.delete(oldest!);
      }
      try {
        const session = await open(channel, attempt.signal);
        if (over || attempt.signal.aborted) return session.destroy();
        finish(attempt);
        signal.addEventListener('abort', () => attempt.abort(signal.reason), { once: true });
        resolve(session);
      } catch (error) {
        if (!over) onRefused(error);
      } finally {
        pending.delete(attempt);
      }
    };
    const loop = async () => {
      for (;;) {
        const channel = await listener.accept();
        if (channel === undefined) return;
        if (over) channel.destroy();
        else void attend(channel);
      }
    };
    loop().catch((error: unknown) => {
      if (over) return;
      finish();
      reject(error);
    });
  });
}

function superseded(): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'another connection took its place');
}
