import { ConnectionError, ParleyError, PeerLeftError } from '../errors.ts';
import { AcceptQueue } from './accept-queue.ts';
import type { Address, Channel, Listener } from './channel.ts';
import { encodeEntry, type RelayEntry, relayStatus } from './relay-messages.ts';

/** Milliseconds without a sign of life from a relay after which it counts as gone. */
const SILENCE = 60_000;
/** Milliseconds between attempts to reach a relay that went away, and how many there are in a row. */
const RETRY = 2_000;
const RETRIES = 15;
/** Connections that wait in the room at a time, so that one that is taken up by a stranger is no loss. */
const AHEAD = 2;

export interface RelayClientOptions extends RelayEntry {
  /** Connects to the relay. */
  readonly dial: (signal: AbortSignal) => Promise<Channel>;
  readonly signal: AbortSignal;
  /** Milliseconds to wait for the other side, if not for ever. */
  readonly wait?: number;
  /** Called once the relay has let this side in. */
  readonly onWaiting?: () => void;
}

/**
 * A channel through a relay, once the other side has come to the room. The joiner counts as the side that opened it. Throws ConnectionError
 * `ERR_CONNECT` (no relay there, full, or nobody came) or the signal's reason.
 */
export async function enterRelay(options: RelayClientOptions): Promise<Channel> {
  const { signal, side, wait } = options;
  const channel = await options.dial(signal);
  let failure: ParleyError | undefined;
  const stop = (error: ParleyError) => {
    failure ??= error;
    channel.destroy();
  };
  const onAbort = () => stop(new ParleyError('ERR_CANCELLED', 'cancelled', { cause: signal.reason }));
  signal.addEventListener('abort', onAbort, { once: true });
  const deadline = setTimeout(
    () =>
      stop(
        refused(
          'nobody came to the relay in time',
          'check that the other side is there, and that the invite is new',
        ),
      ),
    wait ?? 2 ** 31 - 1,
  );
  let silence: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => stop(refused('the relay went silent', 'try again')), SILENCE);
  };
  try {
    if (signal.aborted) onAbort();
    await channel.send(encodeEntry(options));
    for (;;) {
      listen();
      const chunk = await channel.receive();
      if (chunk === undefined) throw new PeerLeftError();
      const paired = chunk.findIndex((status) => status !== relayStatus.waiting);
      if (chunk.length > 0 && paired !== 0) options.onWaiting?.();
      if (paired === -1) continue;
      if (chunk[paired] === relayStatus.full)
        throw refused('the relay is full', 'try again later, or use another relay');
      if (chunk[paired] !== relayStatus.paired)
        throw refused('what answers there is not a Parley relay', 'check the address');
      return new RelayedChannel(channel, chunk.subarray(paired + 1), side === 'joiner');
    }
  } catch (error) {
    channel.destroy();
    if (failure !== undefined) throw failure;
    if (error instanceof ConnectionError) throw error;
    throw refused('the relay closed the connection', 'check the address, and that it is a Parley relay');
  } finally {
    clearTimeout(deadline);
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Waits in a room of a relay for one connection after another. Resolves once the relay has let this side in. Connections that break are
 * made again; when that fails for half a minute, `accept` throws.
 */
export async function listenAtRelay(
  options: Omit<RelayClientOptions, 'side' | 'onWaiting'> & { readonly address: Address },
): Promise<Listener> {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const arrived = new AcceptQueue();
  let letIn = false;
  const keepWaiting = async (onWaiting: () => void) => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const channel = await enterRelay({
          ...options,
          side: 'host',
          signal,
          onWaiting: () => {
            failures = 0;
            onWaiting();
          },
        });
        arrived.add(channel);
      } catch (error) {
        failures += 1;
        if (signal.aborted || !letIn || failures > RETRIES) throw error;
        await pause();
      }
    }
  };
  await new Promise<void>((resolve, reject) => {
    const onWaiting = () => {
      letIn = true;
      resolve();
    };
    for (let i = 0; i < AHEAD; i++) {
      keepWaiting(onWaiting).catch((error: unknown) => {
        arrived.fail(error);
        reject(error);
      });
    }
  });
  return {
    address: options.address,
    accept: () => arrived.next(),
    async close() {
      closing.abort();
      arrived.close();
    },
  };
}

/** A relayed connection: what came with the relay's last word stands before the rest. */
class RelayedChannel implements Channel {
  readonly initiator: boolean;
  private readonly channel: Channel;
  private rest: Uint8Array | undefined;

  constructor(channel: Channel, rest: Uint8Array, initiator: boolean) {
    this.channel = channel;
    this.rest = rest.length > 0 ? rest : undefined;
    this.initiator = initiator;
  }

  send(bytes: Uint8Array): Promise<void> {
    return this.channel.send(bytes);
  }

  async receive(): Promise<Uint8Array | undefined> {
    const { rest } = this;
    this.rest = undefined;
    return rest ?? this.channel.receive();
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  destroy(): void {
    this.channel.destroy();
  }
}

/** Until the next attempt. Does not keep a process alive that has nothing else to do. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, RETRY);
    (timer as { unref?(): void }).unref?.();
  });
}

function refused(message: string, hint: string): ConnectionError {
  return new ConnectionError('ERR_CONNECT', message, { hint });
}
