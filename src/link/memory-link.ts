import { concatBytes } from '../crypto/bytes.ts';
import { ParleyError, PeerCheatedError, PeerLeftError, TimeoutError } from '../errors.ts';
import { orderedFields, splitFields } from './fields.ts';
import type { Link } from './link.ts';
import type { Fields, MessageType } from './message.ts';
import { after } from './timer.ts';

/** Which end of the pair sent a message: `a` is the first link of the pair, `b` the second. */
export type LinkSide = 'a' | 'b';

// biome-ignore lint/suspicious/noExplicitAny: a hook sees messages of every shape
export type AnyMessageType = MessageType<any, string>;

/** A message on its way. */
export interface Delivery {
  readonly type: AnyMessageType;
  readonly fields: Fields<string>;
}

/**
 * Sees every message on its way from `side`. Returns the fields to deliver in place of `fields` (copies, which it may change), or a
 * list of messages to deliver instead: an empty list drops the message, and two messages repeat or insert one. Lengths are not
 * checked here, so that the receiver's checks can be tested.
 */
export type Intercept = (
  side: LinkSide,
  type: AnyMessageType,
  fields: Record<string, Uint8Array>,
) => Fields<string> | readonly Delivery[];

export interface MemoryLinkOptions {
  readonly intercept?: Intercept;
  /** Milliseconds after which a pending receive fails with `ERR_TIMEOUT`. Default 10,000. */
  readonly timeout?: number;
}

/** An in-memory end of a link, for tests of protocols: no encryption, but the checks of the real one. */
export interface MemoryLink extends Link {
  /** Leaves. Messages sent before still arrive. After that the peer's receives fail with `ERR_PEER_LEFT`, and this side's with `ERR_CLOSED`. */
  destroy(): void;
  /** Bytes of fields sent and received, and the length of the longest chain of messages, each sent after receiving the one before. */
  readonly stats: { readonly sent: number; readonly received: number; readonly flights: number };
}

/** Two links joined back to back. The first is side `a` to the hook. */
export function memoryLinkPair(options: MemoryLinkOptions = {}): [MemoryLink, MemoryLink] {
  const a = new End('a', options);
  const b = new End('b', options);
  a.peer = b;
  b.peer = a;
  return [a, b];
}

interface Parcel {
  readonly id: number;
  readonly payload: Uint8Array;
  /** Its place in the longest chain of messages that led to it, from 1. */
  readonly depth: number;
}

class End implements MemoryLink {
  readonly stats = { sent: 0, received: 0, flights: 0 };
  peer!: End;
  private readonly side: LinkSide;
  private readonly intercept: Intercept | undefined;
  private readonly timeout: number;
  private readonly inbox: Parcel[] = [];
  private wake: (() => void) | undefined;
  private destroyed = false;

  constructor(side: LinkSide, options: MemoryLinkOptions) {
    this.side = side;
    this.intercept = options.intercept;
    this.timeout = options.timeout ?? 10_000;
  }

  async send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    if (this.destroyed) throw closed();
    const payload = concatBytes(...orderedFields(type, shape, fields));
    this.stats.sent += payload.length;
    if (this.peer.destroyed) throw new PeerLeftError();
    const depth = this.stats.flights + 1;
    for (const { id, payload: bytes } of this.rewrite(type, shape, payload)) {
      this.peer.deliver({ id, payload: bytes, depth });
    }
  }

  async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    const parcel = await this.next(type.name);
    if (parcel.id !== type.id) throw new PeerCheatedError(`${type.name} expected`);
    const fields = splitFields(type, shape, parcel.payload);
    this.stats.received += parcel.payload.length;
    this.stats.flights = Math.max(this.stats.flights, parcel.depth);
    return fields;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.wake?.();
    this.peer.wake?.();
  }

  private deliver(parcel: Parcel): void {
    this.inbox.push(parcel);
    this.wake?.();
  }

  private async next(expected: string): Promise<Parcel> {
    if (this.wake !== undefined) throw new Error('two receives at a time');
    const deadline = Date.now() + this.timeout;
    for (;;) {
      if (this.destroyed) throw closed();
      const parcel = this.inbox.shift();
      if (parcel !== undefined) return parcel;
      if (this.peer.destroyed) throw new PeerLeftError();
      const left = deadline - Date.now();
      if (left <= 0) throw new TimeoutError(`${expected} did not arrive`);
      await new Promise<void>((resolve) => {
        const timer = after(left, resolve);
        this.wake = () => {
          timer.cancel();
          resolve();
        };
      });
      this.wake = undefined;
    }
  }

  private rewrite<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    payload: Uint8Array,
  ): { id: number; payload: Uint8Array }[] {
    if (this.intercept === undefined) return [{ id: type.id, payload }];
    const fields = { ...splitFields(type, shape, payload) } as Record<string, Uint8Array>;
    const changed = this.intercept(this.side, type, fields);
    const deliveries = Array.isArray(changed)
      ? (changed as Delivery[])
      : [{ type, fields: changed as Fields<string> }];
    return deliveries.map((delivery) => ({
      id: delivery.type.id,
      payload: concatBytes(...Object.values(delivery.fields)),
    }));
  }
}

function closed(): ParleyError {
  return new ParleyError('ERR_CLOSED', 'the link is closed');
}
