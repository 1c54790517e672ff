import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { concatBytes } from '../src/crypto/bytes.ts';
import { giveBack } from '../src/crypto/give-back.ts';
import type { Channel } from '../src/link/channel.ts';

/** A simulated wide-area network: the same in each direction, and nothing is lost. */
export interface Wan {
  /** Milliseconds from the last bit's departure to its arrival. */
  readonly delay: number;
  /** Bytes per second. */
  readonly bandwidth: number;
}

/** The clock that both ends go by. */
export interface Clock {
  /** Milliseconds from any start, which is the same for both ends. */
  now(): number;
  /** Resolves at `time` or a little later, never before; rejects once `signal` aborts. */
  until(time: number, signal: AbortSignal): Promise<void>;
}

/** Bytes that arrive together: at 20 Mbit/s, those of 6.6 ms. */
const SEGMENT = 16_384;
/** Bytes that have not departed yet, past which `send` makes its caller wait: as many as a socket's channel takes ahead. */
export const SEND_BUFFER = 1 << 20;
/** Bytes that have come through and are held until they arrive or are taken, past which no more are read. */
export const RECEIVE_BUFFER = 1 << 20;
/** Before each segment stand its time of arrival (a double) and its length (32 bits). */
const HEADER = 12;

/** The clock of this machine, the same in all of its processes. The last millisecond is not slept through, since timers count in whole ones. */
export const monotonic: Clock = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
  async until(time, signal) {
    for (;;) {
      const left = time - monotonic.now();
      if (left <= 0) return signal.throwIfAborted();
      if (left > 1.25) await sleep(Math.floor(left - 0.25), undefined, { signal });
      else await nextTurn(undefined, { signal });
    }
  },
};

/**
 * One end of a connection over a wide-area network, over a channel that is fast itself; the other end has to be one too. The sender works out when each
 * segment departs, after those before it and as fast as the bandwidth lets it, and when it arrives; the receiver holds it until then. So neither end is
 * slower for computing meanwhile, as with a socket, and late timers cost no bandwidth.
 */
export function overWan(channel: Channel, { delay, bandwidth }: Wan, clock = monotonic): Channel {
  const rate = bandwidth / 1000;
  const ended = new AbortController();
  const arriving = new Arrivals(channel, delay, clock);
  let free = 0;
  return {
    initiator: channel.initiator,
    remote: channel.remote,
    async send(bytes) {
      const written: Promise<void>[] = [];
      free = Math.max(free, clock.now());
      for (let offset = 0; offset < bytes.length; offset += SEGMENT) {
        const segment = bytes.subarray(offset, offset + SEGMENT);
        free += segment.length / rate;
        written.push(channel.send(frame(free + delay, segment)));
      }
      giveBack(bytes);
      await Promise.all(written);
      if ((free - clock.now()) * rate > SEND_BUFFER) {
        await clock.until(free - SEND_BUFFER / rate, ended.signal);
      }
    },
    receive: () => arriving.next(ended.signal),
    close: () => channel.close(),
    destroy() {
      ended.abort();
      channel.destroy();
    },
  };
}

function frame(at: number, segment: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setFloat64(0, at);
  view.setUint32(8, segment.length);
  return concatBytes(header, segment);
}

interface Arrival {
  readonly at: number;
  /** Undefined at the orderly end. */
  readonly bytes: Uint8Array | undefined;
}

/** What comes through the channel, read ahead and held until its time. */
class Arrivals {
  private readonly channel: Channel;
  private readonly delay: number;
  private readonly clock: Clock;
  private readonly held: Arrival[] = [];
  private size = 0;
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeTaker: (() => void) | undefined;
  /** The segment that is coming through: its header, then its bytes, as far as they have come. */
  private readonly header = new Uint8Array(HEADER);
  private body: Uint8Array | undefined;
  private filled = 0;

  constructor(channel: Channel, delay: number, clock: Clock) {
    this.channel = channel;
    this.delay = delay;
    this.clock = clock;
    this.read().catch((error: unknown) => {
      this.failure = { error };
      this.wakeTaker?.();
    });
  }

  async next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    while (this.held.length === 0) {
      if (this.failure !== undefined) throw this.failure.error;
      await new Promise<void>((resolve) => {
        this.wakeTaker = resolve;
      });
    }
    const { at, bytes } = this.held[0]!;
    await this.clock.until(at, signal);
    this.held.shift();
    this.size -= bytes?.length ?? 0;
    this.wakeReader?.();
    return bytes;
  }

  private async read(): Promise<void> {
    for (;;) {
      while (this.size > RECEIVE_BUFFER) {
        await new Promise<void>((resolve) => {
          this.wakeReader = resolve;
        });
      }
      const chunk = await this.channel.receive();
      if (chunk === undefined) return this.hold({ at: this.clock.now() + this.delay, bytes: undefined });
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(this.fill(rest));
      giveBack(chunk);
    }
  }

  /** Puts the first bytes where they belong; how many those were. */
  private fill(bytes: Uint8Array): number {
    const target = this.body ?? this.header;
    const some = bytes.subarray(0, target.length - this.filled);
    target.set(some, this.filled);
    this.filled += some.length;
    if (this.filled < target.length) return some.length;
    this.filled = 0;
    const { body } = this;
    const view = new DataView(this.header.buffer);
    this.body = body === undefined ? new Uint8Array(view.getUint32(8)) : undefined;
    if (body !== undefined) this.hold({ at: view.getFloat64(0), bytes: body });
    return some.length;
  }

  private hold(arrival: Arrival): void {
    this.held.push(arrival);
    this.size += arrival.bytes?.length ?? 0;
    this.wakeTaker?.();
  }
}
