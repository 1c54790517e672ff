import { ParleyError, TimeoutError } from '../../errors.ts';
import type { Channel } from '../../link/channel.ts';
import type { Listener } from '../../node/net/tcp.ts';
import type { Session } from '../../session/index.ts';

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
  /** Whether only somebody with an invite gets an answer at all. Who has got one is then not dropped for newer connections. */
  readonly invited?: boolean;
  /** Whether an error of `open` ends the waiting, instead of only that connection. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * The session with the first connection that proves to be the peer's. Whatever else connects meanwhile (a port scan, garbage,
 * somebody else) is refused beside it and ends nothing. Throws TimeoutError, or the signal's reason.
 */
export function acceptPeer(options: AcceptOptions): Promise<Session> {
  const { listener, open, wait, signal, onRefused } = options;
  const pending = new Set<AbortController>();
  /** Those of them that have shown that they hold the invite. */
  const answered = new WeakSet<AbortController>();
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
        const oldest = [...pending].find((one) => !answered.has(one)) ?? attempt;
        oldest.abort(superseded());
        pending.delete(oldest);
      }
      const heard = options.invited === true ? onFirstSend(channel, () => answered.add(attempt)) : channel;
      try {
        const session = await open(heard, attempt.signal);
        if (over || attempt.signal.aborted) return session.destroy();
        finish(attempt);
        signal.addEventListener('abort', () => attempt.abort(signal.reason), { once: true });
        resolve(session);
      } catch (error) {
        if (over) return;
        if (options.isFinal?.(error) !== true) return onRefused(error);
        finish();
        reject(error);
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

/** A channel that tells when something is sent for the first time: a handshake with an invite answers only who holds it. */
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

function superseded(): ParleyError {
  return new ParleyError('ERR_CANCELLED', 'another connection took its place');
}
