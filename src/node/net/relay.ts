import type { Channel, Listener } from '../../link/channel.ts';
import { ChannelReader } from '../../link/reader.ts';
import {
  decodeEntry,
  ENTRY_LENGTH,
  type RelayEntry,
  type RelaySide,
  relayStatus,
} from '../../link/relay-messages.ts';
import { after, type Timer } from '../../link/timer.ts';
import { Addresses } from './relay-addresses.ts';

/** Limits of a relay. Times are in milliseconds. */
export interface RelayLimits {
  /** The most connections that have not yet named a room. One more, and the oldest is dropped. */
  readonly entering: number;
  /** Time in which a connection must name a room. */
  readonly entryTime: number;
  /** The most rooms in which somebody waits. Further rooms are refused. */
  readonly rooms: number;
  /** The most connections of one side that wait in a room. One more, and the oldest is dropped. */
  readonly waitingInRoom: number;
  /** Time that a connection may wait for the other side. */
  readonly waitingTime: number;
  /** The most connected pairs. */
  readonly pairs: number;
  /** Time that a pair may last. */
  readonly pairTime: number;
  /** Time after which an idle pair, in which neither side sends anything, is ended; it gets at least half of it. Sessions send heartbeats more often. */
  readonly pairIdle: number;
  /** The most bytes that a pair may carry, both ways together. */
  readonly pairBytes: number;
  /** Time between signs of life to waiting connections. */
  readonly signOfLife: number;
  /** The most connections of one address (one /64, for IPv6) that have yet to name a room, that wait, and that are in pairs. */
  readonly byAddress: { readonly entering: number; readonly waiting: number; readonly paired: number };
  /** Time for which an address is refused again after a refusal; doubled with each further one. */
  readonly penalty: number;
}

export const defaultRelayLimits: RelayLimits = {
  entering: 256,
  entryTime: 5_000,
  rooms: 1_024,
  waitingInRoom: 4,
  waitingTime: 1_800_000,
  pairs: 128,
  pairTime: 3_600_000,
  pairIdle: 120_000,
  pairBytes: 2 ** 30,
  signOfLife: 15_000,
  byAddress: { entering: 32, waiting: 32, paired: 32 },
  penalty: 1_000,
};

export interface Relay {
  readonly stats: { readonly rooms: number; readonly pairs: number };
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * A blind relay. It pipes a host's and a joiner's connection to each other if they name the same room. It cannot read what passes, nor change it
 * unnoticed, and knows neither their keys nor the invite. src/link/README.md (_Relay_) says what it sees.
 */
export function serveRelay(listeners: readonly Listener[], limits: Partial<RelayLimits> = {}): Relay {
  const relay = new BlindRelay({ ...defaultRelayLimits, ...limits });
  for (const listener of listeners) void relay.listen(listener);
  return {
    get stats() {
      return relay.stats;
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
      relay.drop();
    },
  };
}

class BlindRelay {
  private readonly limits: RelayLimits;
  private readonly entering = new Set<Channel>();
  private readonly rooms = new Map<string, Record<RelaySide, Waiting[]>>();
  private readonly pairs = new Set<readonly [Channel, Channel]>();
  private readonly addresses: Addresses<keyof RelayLimits['byAddress']>;

  constructor(limits: RelayLimits) {
    this.limits = limits;
    this.addresses = new Addresses(limits.byAddress, limits.penalty);
  }

  get stats(): Relay['stats'] {
    return { rooms: this.rooms.size, pairs: this.pairs.size };
  }

  async listen(listener: Listener): Promise<void> {
    for (;;) {
      const channel = await listener.accept();
      if (channel === undefined) return;
      void this.attend(channel);
    }
  }

  drop(): void {
    for (const channel of this.entering) channel.destroy();
    for (const room of [...this.rooms.values()]) {
      for (const waiting of [...room.host, ...room.joiner]) waiting.leave();
    }
    for (const pair of this.pairs) for (const channel of pair) channel.destroy();
  }

  /** Step 1: reads which room a connection names. Anything else gets no answer. */
  private async attend(channel: Channel): Promise<void> {
    const { entering, limits } = this;
    const leave = this.addresses.take('entering', channel.remote);
    if (leave === undefined) return channel.destroy();
    entering.add(channel);
    if (entering.size > limits.entering) {
      const [oldest] = entering;
      entering.delete(oldest!);
      oldest!.destroy();
    }
    const timer = after(limits.entryTime, () => channel.destroy());
    try {
      const reader = new ChannelReader(channel);
      const entry = decodeEntry(await reader.exactly(ENTRY_LENGTH));
      if (entry === undefined || reader.takeRest().length > 0) return channel.destroy();
      this.enter(channel, entry);
    } catch {
      channel.destroy();
    } finally {
      timer.cancel();
      entering.delete(channel);
      leave();
    }
  }

  /** Step 2: pairs a connection with one that waits on the other side of its room, or lets it wait. */
  private enter(channel: Channel, entry: RelayEntry): void {
    const key = Buffer.from(entry.room).toString('base64');
    const partner = this.rooms.get(key)?.[entry.side === 'host' ? 'joiner' : 'host'][0];
    if (this.addresses.isRefused(channel.remote)) this.refuse(channel);
    else if (partner === undefined) this.letWait(channel, entry.side, key);
    else this.bringTogether(partner, channel);
  }

  private letWait(channel: Channel, side: RelaySide, key: string): void {
    const { limits, rooms } = this;
    const full = !rooms.has(key) && rooms.size >= limits.rooms;
    const leave = full ? undefined : this.addresses.take('waiting', channel.remote);
    if (leave === undefined) {
      this.refuse(channel);
      return;
    }
    const room = rooms.get(key) ?? { host: [], joiner: [] };
    const own = room[side];
    const waiting = new Waiting(channel, limits, () => {
      leave();
      own.splice(own.indexOf(waiting), 1);
      if (room.host.length + room.joiner.length === 0) rooms.delete(key);
    });
    rooms.set(key, room);
    own.push(waiting);
    if (own.length > limits.waitingInRoom) own[0]!.leave();
  }

  /** Tells a connection that the relay is full, and records the refusal. */
  private refuse(channel: Channel): void {
    this.addresses.refuse(channel.remote);
    channel.send(Uint8Array.of(relayStatus.full)).catch(() => undefined);
    void channel.close();
  }

  /** Pairs a waiting connection with a new one, if the limits allow. */
  private bringTogether(waiting: Waiting, channel: Channel): void {
    const ends = [waiting.channel, channel] as const;
    const full = this.pairs.size >= this.limits.pairs;
    const places = full ? [] : ends.map(({ remote }) => this.addresses.take('paired', remote));
    const release = () => {
      for (const leave of places) leave?.();
    };
    if (full || places.includes(undefined)) {
      release();
      this.refuse(channel);
      return;
    }
    const first = [waiting.takeOver(), channel.receive()] as const;
    void this.pair(ends, first).finally(release);
  }

  /** Step 3: pipes both ways until either side ends, or a limit is reached. `first` is the first chunk from each side. */
  private async pair(
    ends: readonly [Channel, Channel],
    first: readonly [Promise<Uint8Array | undefined>, Promise<Uint8Array | undefined>],
  ): Promise<void> {
    const { limits, pairs } = this;
    const drop = () => {
      for (const end of ends) end.destroy();
    };
    pairs.add(ends);
    const timer = after(limits.pairTime, drop);
    const idle = new IdleTimer(limits.pairIdle, drop);
    let left = limits.pairBytes;
    const pipe = async (first: Promise<Uint8Array | undefined>, from: Channel, to: Channel) => {
      for (let chunk = await first; chunk !== undefined; chunk = await from.receive()) {
        idle.restart();
        left -= chunk.length;
        if (left < 0) return drop();
        await to.send(chunk);
      }
      await to.close();
    };
    try {
      await Promise.all(ends.map((end) => end.send(Uint8Array.of(relayStatus.paired))));
      await Promise.all([pipe(first[0], ends[0], ends[1]), pipe(first[1], ends[1], ends[0])]);
    } catch {
      // One side left or its connection broke. The other side's protocol notices.
    } finally {
      timer.cancel();
      idle.stop();
      drop();
      pairs.delete(ends);
    }
  }
}

/** Calls back once nothing has happened for a time between half the limit and all of it. */
class IdleTimer {
  private busy = false;
  private timer: Timer;

  constructor(limit: number, callback: () => void) {
    const check = () => {
      if (!this.busy) return callback();
      this.busy = false;
      this.timer = after(limit / 2, check);
    };
    this.timer = after(limit / 2, check);
  }

  restart(): void {
    this.busy = true;
  }

  stop(): void {
    this.timer.cancel();
  }
}

/** A connection in a room. It may send nothing until it is paired. */
class Waiting {
  readonly channel: Channel;
  private readonly first: Promise<Uint8Array | undefined>;
  private readonly onDone: () => void;
  private readonly timer: Timer;
  private readonly signs: NodeJS.Timeout;
  private done = false;

  constructor(channel: Channel, limits: RelayLimits, onDone: () => void) {
    this.channel = channel;
    this.onDone = onDone;
    this.first = channel.receive();
    const leave = () => this.leave();
    this.first.then(leave, leave);
    const say = () => channel.send(Uint8Array.of(relayStatus.waiting)).catch(leave);
    this.timer = after(limits.waitingTime, leave);
    this.signs = setInterval(say, limits.signOfLife);
    void say();
  }

  /** Ends the wait, and returns the first chunk that arrives. */
  takeOver(): Promise<Uint8Array | undefined> {
    this.finish();
    return this.first;
  }

  /** Drops the connection, unless it has been paired. */
  leave(): void {
    if (this.done) return;
    this.finish();
    this.channel.destroy();
  }

  private finish(): void {
    if (this.done) return;
    this.done = true;
    this.timer.cancel();
    clearInterval(this.signs);
    this.onDone();
  }
}
