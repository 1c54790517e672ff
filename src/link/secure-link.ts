import { platform } from '#platform';
import { giveBack } from '../crypto/give-back.ts';
import { turn, turns } from '../crypto/turns.ts';
import { ParleyError, PeerAbortedError, PeerCheatedError, PeerLeftError } from '../errors.ts';
import type { Channel } from './channel.ts';
import { messageLength, orderedFields, splitFields } from './fields.ts';
import type { Handshaken } from './handshake.ts';
import { MESSAGE_HEADER, messageHeader, readHeader } from './header.ts';
import { Heart } from './heart.ts';
import { endsInput, Inbox } from './inbox.ts';
import type { Link } from './link.ts';
import type { Fields, MessageType } from './message.ts';
import { Outbox, SMALL } from './outbox.ts';
import { PeerClock } from './peer-clock.ts';
import { type OpenedRecord, RecordOpener, RecordSealer, recordKey, recordKind } from './records.ts';
import { type LinkStats, Tally } from './tally.ts';

/** Nothing more is read from the channel while this many received bytes have not been taken. */
const READ_LIMIT = 4 << 20;
/** Milliseconds for an abort to leave before the connection is dropped. */
const ABORT_GRACE = 500;

export interface SecureLinkOptions {
  readonly channel: Channel;
  readonly initiator: boolean;
  readonly handshaken: Handshaken;
  /** Milliseconds of silence, while this side waits, after which the peer counts as gone: `ERR_TIMEOUT`. */
  readonly timeout: number;
  /** Milliseconds for which a peer may show that it is alive without making progress: `ERR_TIMEOUT`. */
  readonly wait: number;
  /** Ends the link with `ERR_CANCELLED` when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the link fails, with the error that all pending and later calls get. */
  readonly onFailure?: (error: ParleyError) => void;
}

/**
 * A Link over encrypted records. Any failure is final: every pending and later call rejects with the same error,
 * and the channel is dropped. The link reads ahead up to 4 MiB while the protocol computes. It sends heartbeats unless
 * it waits for the peer to go on.
 */
export class SecureLink implements Link {
  private readonly channel: Channel;
  private readonly inbox = new Inbox();
  private readonly outbox: Outbox;
  private readonly sealer: RecordSealer;
  private readonly opener: RecordOpener;
  private readonly onFailure: ((error: ParleyError) => void) | undefined;
  private readonly heart = new Heart((interval) => this.beat(interval));
  private readonly signal: AbortSignal | undefined;
  private readonly onAbort = () =>
    this.fail(new ParleyError('ERR_CANCELLED', 'the session was cancelled', { cause: this.signal?.reason }));
  private readonly handshaken: { readonly sent: number; readonly received: number };
  private readonly clock: PeerClock;
  /** The clocks between exchanges. */
  private readonly ownClocks: { readonly timeout: number; readonly wait: number };
  /** Whether no exchange is under way and, below, whether the peer has taken part in the present one. */
  private resting = false;
  private begun = true;
  private received = 0;
  private readonly tally: Tally;
  private failure: ParleyError | undefined;
  private receiving = false;
  /** Whether nothing more will be read from the channel. */
  private inputEnded = false;
  private peerClosed = false;
  private closing: Promise<void> | undefined;
  private closeSent = false;
  /** Settles once the channel has taken this side's close. */
  private closeSaid: Promise<void> | undefined;
  /** Whether an abort has been sent that may not have left yet. */
  private aborting = false;
  private wakeReceiver: (() => void) | undefined;
  private wakeReader: (() => void) | undefined;

  constructor(options: SecureLinkOptions) {
    const { channel, initiator, handshaken, timeout, wait } = options;
    const { keys, sessionId } = handshaken;
    this.ownClocks = { timeout, wait };
    this.channel = channel;
    this.handshaken = { sent: handshaken.sent, received: handshaken.received };
    this.onFailure = options.onFailure;
    this.tally = new Tally(initiator, handshaken);
    this.sealer = new RecordSealer(recordKey(keys.send, sessionId));
    this.opener = new RecordOpener(recordKey(keys.receive, sessionId));
    keys.send.fill(0);
    keys.receive.fill(0);
    this.outbox = new Outbox(channel, this.sealer, (error) => this.fail(error));
    this.clock = new PeerClock(
      { timeout, wait },
      () => this.outbox.lastData,
      (error) => this.fail(error),
    );
    this.heart.pace(timeout);
    this.signal = options.signal;
    this.signal?.addEventListener('abort', this.onAbort, { once: true });
    if (this.signal?.aborted) this.onAbort();
    void this.read(handshaken.rest);
  }

  get stats(): LinkStats {
    return {
      sent: this.handshaken.sent + this.outbox.sent,
      received: this.handshaken.received + this.received,
      flights: this.tally.flights,
    };
  }

  /**
   * What the handshake and all messages have cost that have been sent, or queued, and taken. What is sent from here on shares no record with them. So two sides that
   * call this between the same messages count the same, whatever else is under way.
   */
  settle(): LinkStats {
    this.outbox.separate();
    const { received, flights } = this.tally;
    return { sent: this.handshaken.sent + this.outbox.data, received, flights };
  }

  /** Counts flights from zero again, for another negotiation on the same connection. */
  restartFlights(): void {
    this.tally.restartFlights();
  }

  /** The error that ended the link, if it has ended. */
  get ended(): ParleyError | undefined {
    return this.failure;
  }

  /** Whether the peer has taken part in the present exchange. */
  get heard(): boolean {
    return this.begun;
  }

  /** Begins an exchange of messages, with its own clocks, in milliseconds. */
  begin(clocks: { readonly timeout: number; readonly wait: number }): void {
    this.setClocks(clocks);
    this.resting = false;
    this.begun = false;
  }

  /** Ends an exchange. Until the next one the peer only has to show that it is alive. */
  rest(): void {
    this.setClocks(this.ownClocks);
    this.resting = true;
  }

  send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const sent = this.write(type, shape, fields);
    sent.catch(() => undefined); // if the caller does not await it, the next call throws the error
    return sent;
  }

  /** Sends everything queued now, for a party that goes on to compute without receiving. */
  flush(): void {
    this.outbox.flush();
  }

  async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    if (this.receiving) throw new Error('two receives at a time');
    this.outbox.flush();
    this.receiving = true;
    const watch = this.clock.watch(type.name);
    let payload: Uint8Array;
    try {
      const length = messageLength(type, shape);
      const flight = readHeader(await this.take(MESSAGE_HEADER), type, length);
      payload = await this.take(length);
      this.tally.took(flight);
      this.begun = true;
    } catch (error) {
      this.fail(error);
      throw this.failure;
    } finally {
      watch.stop();
      this.receiving = false;
    }
    await this.turn();
    return splitFields(type, shape, payload);
  }

  /**
   * Says that this side needs nothing more and sends nothing more, waits until the peer says so too, and closes the channel. Then
   * each side knows that the other has everything. Rejects with PeerLeftError or TimeoutError if the peer does not answer.
   */
  close(): Promise<void> {
    this.closing ??= this.closeOrderly();
    return this.closing;
  }

  /** Ends the session because of `error`: the peer gets one opaque abort, pending and later calls here get the error. */
  abort(error: ParleyError): void {
    this.fail(error);
  }

  /**
   * Drops the connection without notice, and all data that arrived and was not taken. An abort that is on its way is sent first: otherwise
   * dropping a connection with unread data would discard the abort, and to the peer the connection would look cut.
   */
  destroy(): void {
    this.fail(new ParleyError('ERR_CLOSED', 'the session is closed'), true);
    if (this.aborting) this.inbox.clear();
    else this.drop();
  }

  private async write<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const parts = orderedFields(type, shape, fields);
    if (this.failure !== undefined) throw this.failure;
    if (this.peerClosed) throw new PeerLeftError();
    if (this.closing !== undefined) throw new ParleyError('ERR_CLOSED', 'the session is closed');
    const length = messageLength(type, shape);
    const header = messageHeader(type.id, length, this.tally.nextFlight());
    const written = this.outbox.write([header, ...parts]);
    const watch = this.clock.watch(type.name);
    try {
      await written;
    } finally {
      watch.stop();
    }
    if (this.failure !== undefined) throw this.failure;
    if (length > SMALL) await this.turn();
  }

  /** Waits for the protocol's turn to compute. */
  private async turn(): Promise<void> {
    const due = turn();
    if (due === undefined) return;
    await due;
    if (this.failure !== undefined && !endsInput(this.failure)) throw this.failure;
  }

  /** The next `length` bytes of the stream, by reference if they are many and contiguous. */
  private async take(length: number): Promise<Uint8Array> {
    let whole: Uint8Array | undefined;
    let filled = 0;
    while (filled < length) {
      if (this.failure !== undefined && !endsInput(this.failure)) throw this.failure;
      if (this.inbox.length === 0) {
        if (this.inputEnded || this.peerClosed) throw this.failure ?? new PeerLeftError();
        await new Promise<void>((resolve) => {
          this.wakeReceiver = resolve;
        });
        continue;
      }
      const lent = whole === undefined ? this.inbox.lend(length) : undefined;
      whole ??= lent ?? platform.allocate(length); // not zeroed, but filled before it is returned
      filled += lent?.length ?? this.inbox.copyInto(whole.subarray(filled));
      if (this.inbox.length <= READ_LIMIT) this.wakeReader?.();
    }
    this.tally.takeData(length);
    return whole ?? new Uint8Array(0);
  }

  /** Reads the channel until it ends or the link fails. Messages that a peer sent before it left can still be received. */
  private async read(rest: Uint8Array): Promise<void> {
    try {
      const onRecord = (record: OpenedRecord) => this.onRecord(record);
      const opened = this.opener.push(rest, onRecord);
      if (opened instanceof Promise) await opened;
      while (this.failure === undefined || endsInput(this.failure)) {
        if (this.inbox.length > READ_LIMIT) {
          await new Promise<void>((resolve) => {
            this.wakeReader = resolve;
          });
          continue;
        }
        const chunk = await this.channel.receive();
        if (chunk === undefined) throw new PeerLeftError();
        this.received += chunk.length;
        const more = this.opener.push(chunk, onRecord);
        if (more instanceof Promise) await more;
        giveBack(chunk);
      }
    } catch (error) {
      this.fail(error);
    }
    this.inputEnded = true;
    if (this.failure !== undefined && endsInput(this.failure)) this.channel.destroy();
    this.wakeReceiver?.();
  }

  private onRecord({ kind, pieces, length }: OpenedRecord): void {
    if (this.peerClosed) throw new PeerCheatedError('a record after the last');
    this.clock.sign(length);
    if (kind === recordKind.data) {
      this.inbox.push(pieces);
      this.tally.arrived(length);
      this.wakeReceiver?.();
    } else if (kind === recordKind.close) {
      this.peerClosed = true;
      this.heart.stop();
      // Answers the peer's close at once only if everything has been taken. Otherwise close() answers, or the link fails.
      if (this.inbox.length === 0 && !this.receiving) this.sayClose();
      this.wakeReceiver?.();
    } else if (kind === recordKind.abort) {
      throw new PeerAbortedError();
    }
  }

  private async closeOrderly(): Promise<void> {
    if (this.failure !== undefined && !this.closedByBoth()) throw this.failure;
    const watch = this.clock.watch('the end of the session', this.clock.timeout);
    try {
      await this.outbox.drained();
      this.sayClose();
      while (!this.peerClosed) {
        if (this.failure !== undefined) throw this.failure;
        this.inbox.clear();
        this.wakeReader?.();
        await new Promise<void>((resolve) => {
          this.wakeReceiver = resolve;
        });
      }
      await this.closeSaid;
      this.failure ??= new ParleyError('ERR_CLOSED', 'the session is closed');
      await this.channel.close();
      this.drop();
    } finally {
      watch.stop();
    }
  }

  protected closedByBoth(): boolean {
    return this.peerClosed && this.closeSent;
  }

  private sayClose(): void {
    if (this.closeSent) return;
    this.closeSent = true;
    this.closeSaid = this.outbox.signal(recordKind.close).catch((error: unknown) => this.fail(error));
  }

  private setClocks(clocks: { readonly timeout: number; readonly wait: number }): void {
    this.clock.timeout = clocks.timeout;
    this.clock.wait = clocks.wait;
    this.heart.pace(clocks.timeout);
  }

  /** Shows the peer that this side is alive, unless both may be waiting for each other, and judges the peer in the same way. */
  private beat(interval: number): void {
    if (this.resting && this.inbox.length <= READ_LIMIT) this.clock.tick(interval);
    const quiet = performance.now() - this.outbox.lastSent;
    // Where sessions of this process queue to compute, this one may be waiting for work of its own that is stuck behind another session's.
    const waits = this.receiving && this.begun && !turns.contended;
    if (waits || this.closeSent || this.outbox.blocked || quiet < interval / 2) return;
    this.outbox.signal(recordKind.heartbeat).catch((error: unknown) => this.fail(error));
  }

  private fail(cause: unknown, silently = false): void {
    if (this.failure !== undefined) return;
    const error =
      cause instanceof ParleyError ? cause : new ParleyError('ERR_INTERNAL', 'a fault in Parley', { cause });
    this.failure = error;
    this.heart.stop();
    if (silently || this.closeSent || this.peerClosed) {
      this.outbox.stop();
      this.drop();
    } else if (endsInput(error)) {
      this.outbox.stop();
    } else {
      this.aborting = true;
      const aborted = this.outbox.signal(recordKind.abort).then(() => this.channel.close());
      this.outbox.stop();
      const grace = setTimeout(() => this.drop(), ABORT_GRACE);
      aborted
        .catch(() => undefined)
        .finally(() => {
          clearTimeout(grace);
          this.drop();
        });
    }
    this.wakeReceiver?.();
    this.wakeReader?.();
    this.onFailure?.(error);
  }

  /** Drops the connection, the keys and all data that was not yet taken. */
  private drop(): void {
    this.aborting = false;
    this.signal?.removeEventListener('abort', this.onAbort);
    this.channel.destroy();
    this.sealer.destroy();
    this.opener.destroy();
    this.inbox.clear();
  }
}
