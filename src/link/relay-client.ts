import { ConnectionError, ParleyError, PeerLeftError } from '../errors.ts';
import { AcceptQueue } from './accept-queue.ts';
import type { Address, Channel, Listener } from './channel.ts';
import { encodeEntry, type RelayEntry, relayStatus } from './relay-messages.ts';
import { after, type Timer } from './timer.ts';

/** Milliseconds without a sign of life from a relay after which it counts as gone. */
const SILENCE = 60_000;
/** How many connections wait in the room at a time, so that losing one to a stranger does not matter. */
const AHEAD = 2;
/** The most connections that have arrived and wait to be accepted. */
const BACKLOG = 16;
/** Milliseconds until the next attempt after a failure: doubled each further time, up to the second figure. */
const RETRY = 2_000;
const MAX_RETRY = 30_000;
/** Failures in a row after which the person is told and, below, after which this side gives up (two and a half minutes). */
const TOLD = 3;
const RETRIES = 8;
/** Pairings after which the next attempt follows at once. Then milliseconds to wait, doubled each further time, up to the last figure, which is less than a joiner waits. */
const AT_ONCE = 4;
const PAUSE = 1_000;
const MAX_PAUSE = 15_000;
/** Pairings for one invite after which this side gives up on the relay: at most one of them was with the holder. */
const PAIRINGS = 100;
/** Milliseconds of undisturbed waiting after which earlier failures are forgotten. */
const SETTLED = 30_000;

export interface RelayClientOptions extends RelayEntry {
  /** Connects to the relay. */
  readonly dial: (signal: AbortSignal) => Promise<Channel>;
  readonly signal: AbortSignal;
  /** Milliseconds to wait for the other side. Default: no limit. */
  readonly wait?: number;
  /** Called once the relay has let this side in. */
  readonly onWaiting?: () => void;
}

/**
 * A channel through a relay, once the other side has come to the room. The joiner counts as the side that opened it. Throws ConnectionError
 * `ERR_CONNECT` (no relay, a full relay, or nobody came) or the signal's reason.
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
  const deadline = wait === undefined ? undefined : after(wait, () => stop(nobodyThere()));
  let silence: Timer | undefined;
  const listen = () => {
    silence?.cancel();
    silence = after(SILENCE, () => stop(refused('the relay went silent', 'try again')));
  };
  try {
    if (signal.aborted) onAbort();
    await channel.send(encodeEntry(options));
    for (;;) {
      listen();
      const chunk = await channel.receive();
      if (chunk === undefined) throw new PeerLeftError();
      const last = chunk.findIndex((status) => status !== relayStatus.waiting);
      if (chunk[last] === relayStatus.full)
        throw refused('the relay is full', 'try again later, or use another relay');
      if (last !== -1 && chunk[last] !== relayStatus.paired)
        throw refused('what answers there is not a Parley relay', 'check the address');
      options.onWaiting?.();
      if (last !== -1) return new RelayedChannel(channel, chunk.subarray(last + 1), side === 'joiner');
    }
  } catch (error) {
    channel.destroy();
    if (failure !== undefined) throw failure;
    if (error instanceof ConnectionError) throw error;
    throw refused('the relay closed the connection', 'check the address, and that it is a Parley relay');
  } finally {
    deadline?.cancel();
    silence?.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

export interface RelayListenOptions extends Omit<RelayClientOptions, 'side' | 'wait' | 'onWaiting'> {
  readonly address: Address;
  /** Called when the relay has failed a few times in a row, or pairs this side again and again. This side keeps trying. */
  readonly onTrouble?: (error: ConnectionError) => void;
}

/**
 * Waits in a room of a relay for one connection after another. Resolves once the relay has let this side in. Connections that break or are
 * paired are replaced, more and more slowly if that happens often. `accept` throws after eight failures in a row, or 100 pairings.
 */
export async function listenAtRelay(options: RelayListenOptions): Promise<Listener> {
  const closing = new AbortController();
  const waiting = new RoomWait(options, AbortSignal.any([options.signal, closing.signal]));
  await waiting.begin();
  return {
    address: options.address,
    accept: () => waiting.arrived.next(),
    async close() {
      closing.abort();
      waiting.arrived.close();
    },
  };
}

/** A host's connections in its room. */
class RoomWait {
  readonly arrived = new AcceptQueue(BACKLOG);
  private readonly options: RelayListenOptions;
  private readonly signal: AbortSignal;
  private letIn = false;
  private pairings = 0;
  /** Pairings since a connection last waited undisturbed for long enough. */
  private hasty = 0;

  constructor(options: RelayListenOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  /** Resolves once the relay has let this side in. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onWaiting = () => {
        this.letIn = true;
        resolve();
      };
      for (let i = 0; i < AHEAD; i++) {
        this.keepWaiting(onWaiting).catch((error: unknown) => {
          this.arrived.fail(error);
          reject(error);
        });
      }
    });
  }

  private async keepWaiting(onWaiting: () => void): Promise<void> {
    const { options, signal } = this;
    let failures = 0;
    while (!signal.aborted) {
      const start = performance.now();
      const calm = () => performance.now() - start >= SETTLED;
      try {
        this.arrived.add(await enterRelay({ ...options, side: 'host', signal, onWaiting }));
        failures = 0;
        await pause(this.pauseAfterPairing(calm()), signal);
      } catch (error) {
        failures = calm() ? 1 : failures + 1;
        if (signal.aborted || !this.letIn || failures > RETRIES || this.pairings >= PAIRINGS) throw error;
        if (failures === TOLD && error instanceof ConnectionError) options.onTrouble?.(error);
        await pause(Math.min(RETRY * 2 ** (failures - 1), MAX_RETRY), signal);
      }
    }
  }

  /** Milliseconds until the next attempt after a pairing. Throws ConnectionError `ERR_CONNECT` after too many pairings. */
  private pauseAfterPairing(calm: boolean): number {
    this.pairings += 1;
    this.hasty = calm ? 1 : this.hasty + 1;
    if (this.pairings >= PAIRINGS) throw onlyStrangers();
    const further = this.hasty - AT_ONCE;
    if (further === 1) this.options.onTrouble?.(onlyStrangers());
    return further < 1 ? 0 : Math.min(PAUSE * 2 ** (further - 1), MAX_PAUSE);
  }
}

/** A relayed connection. Bytes that arrived together with the relay's own last byte are received first. */
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

/** Waits, unless the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = after(milliseconds, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

function nobodyThere(): ConnectionError {
  return refused(
    'the other side is not at the relay',
    'it has stopped waiting, or the invite has been used or has expired: ask for a new one',
  );
}

function onlyStrangers(): ConnectionError {
  return refused(
    'the relay brings one connection after another that is not the other side',
    'use another relay',
  );
}

function refused(message: string, hint: string): ConnectionError {
  return new ConnectionError('ERR_CONNECT', message, { hint });
}
