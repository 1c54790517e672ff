import type { Channel, Listener } from '../../link/channel.ts';
import { ChannelReader } from '../../link/reader.ts';
import {
  decodeEntry,
  ENTRY_LENGTH,
  type RelayEntry,
  type RelaySide,
  relayStatus,
} from '../../link/relay-messages.ts';

/** What a relay gives at most. Times in milliseconds. */
export interface RelayLimits {
  /** Connections that have not yet named a room; past it the oldest is dropped. */
  readonly entering: number;
  /** For naming a room. */
  readonly entryTime: number;
  /** Rooms in which somebody waits; past it new ones are refused. */
  readonly rooms: number;
  /** Connections of one side that wait in a room; past it the oldest is dropped. */
  readonly waitingInRoom: number;
  /** For the other side to come. */
  readonly waitingTime: number;
  /** Pairs that are connected. */
  readonly pairs: number;
  /** For a pair. */
  readonly pairTime: number;
  /** Bytes of a pair, both ways together. */
  readonly pairBytes: number;
  /** Between signs of life to those who wait. */
  readonly signOfLife: number;
}

export const defaultRelayLimits: RelayLimits = {
  entering: 256,
  entryTime: 5_000,
  rooms: 1_024,
  waitingInRoom: 4,
  waitingTime: 1_800_000,
  pairs: 128,
  pairTime: 3_600_000,
  pairBytes: 2 ** 30,
  signOfLife: 15_000,
};

export interface Relay {
  readonly stats: { readonly rooms: number; readonly pairs: number };
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * A blind relay: two connections, a host's and a joiner's, that name the same room are piped to one another. It cannot read or change what
 * passes without the two noticing, and knows neither their keys nor the invite; README.md of this folder says what it sees.
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

  constructor(limits: RelayLimits) {
    this.limits = limits;
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

  /** Step 1: reads which room a connection wants. Anything else gets no answer. */
  private async attend(channel: Channel): Promise<void> {
    const { entering, limits } = this;
    entering.add(channel);
    if (entering.size > limits.entering) {
      const [oldest] = entering;
      entering.delete(oldest!);
      oldest!.destroy();
    }
    const timer = setTimeout(() => channel.destroy(), limits.entryTime);
    try {
      const reader = new ChannelReader(channel);
      const entry = decodeEntry(await reader.exactly(ENTRY_LENGTH));
      if (entry === undefined || reader.takeRest().length > 0) return channel.destroy();
      this.enter(channel, entry);
    } catch {
      channel.destroy();
    } finally {
      clearTimeout(timer);
      entering.delete(channel);
    }
  }

  /** Step 2: pairs a connection with one that waits at the other side of its room, or lets it wait. */
  private enter(channel: Channel, { side, room: name }: RelayEntry): void {
    const { limits, rooms } = this;
    const key = Buffer.from(name).toString('base64');
    const partner = rooms.get(key)?.[side === 'host' ? 'joiner' : 'host'][0];
    const room = rooms.get(key) ?? { host: [], joiner: [] };
    const full =
      partner === undefined ? !rooms.has(key) && rooms.size >= limits.rooms : this.pairs.size >= limits.pairs;
    if (full) {
      channel.send(Uint8Array.of(relayStatus.full)).catch(() => undefined);
      void channel.close();
      return;
    }
    const own = room[side];
    const waiting = new Waiting(channel, limits, () => {
      own.splice(own.indexOf(waiting), 1);
      if (room.host.length + room.joiner.length === 0) rooms.delete(key);
    });
    rooms.set(key, room);
    own.push(waiting);
    if (partner !== undefined) void this.pair(partner, waiting);
    else if (own.length > limits.waitingInRoom) own[0]!.leave();
  }

  /** Step 3: pipes both ways until either side ends, or a limit is reached. */
  private async pair(...members: readonly [Waiting, Waiting]): Promise<void> {
    const { limits, pairs } = this;
    const ends = [members[0].channel, members[1].channel] as const;
    const drop = () => {
      for (const end of ends) end.destroy();
    };
    pairs.add(ends);
    const timer = setTimeout(drop, limits.pairTime);
    let left = limits.pairBytes;
    const pipe = async (first: Promise<Uint8Array | undefined>, from: Channel, to: Channel) => {
      for (let chunk = await first; chunk !== undefined; chunk = await from.receive()) {
        left -= chunk.length;
        if (left < 0) return drop();
        await to.send(chunk);
      }
      await to.close();
    };
    try {
      const [one, other] = members.map((member) => member.takeOver()) as [
        Promise<Uint8Array | undefined>,
        Promise<Uint8Array | undefined>,
      ];
      await Promise.all(ends.map((end) => end.send(Uint8Array.of(relayStatus.paired))));
      await Promise.all([pipe(one, ends[0], ends[1]), pipe(other, ends[1], ends[0])]);
    } catch {
      // One side left or broke: the other side's protocol notices.
    } finally {
      clearTimeout(timer);
      drop();
      pairs.delete(ends);
    }
  }
}

/** A connection in a room. It may send nothing until it is paired. */
class Waiting {
  readonly channel: Channel;
  private readonly first: Promise<Uint8Array | undefined>;
  private readonly onDone: () => void;
  private readonly timer: NodeJS.Timeout;
  private readonly signs: NodeJS.Timeout;
  private done = false;

  constructor(channel: Channel, limits: RelayLimits, onDone: () => void) {
    this.channel = channel;
    this.onDone = onDone;
    this.first = channel.receive();
    const leave = () => this.leave();
    this.first.then(leave, leave);
    const say = () => channel.send(Uint8Array.of(relayStatus.waiting)).catch(leave);
    this.timer = setTimeout(leave, limits.waitingTime);
    this.signs = setInterval(say, limits.signOfLife);
    void say();
  }

  /** Ends the waiting, and gives the first chunk that comes. */
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
    clearTimeout(this.timer);
    clearInterval(this.signs);
    this.onDone();
  }
}
