import { platform } from '#platform';
import type { Channel } from './channel.ts';
import { MAX_RECORD, RECORD_OVERHEAD, type RecordKind, type RecordSealer, recordKind } from './records.ts';

/** Messages of up to this many bytes are copied when sent, and share records. */
export const SMALL = 65_536;
/** Bytes of plaintext in one record of a large message. */
const BULK_RECORD = Math.min(262_144, MAX_RECORD);
/** `write` makes its caller wait while more copied bytes than this are not yet sent. */
const QUEUE_LIMIT = 262_144;

interface Job {
  readonly bytes: Uint8Array;
  /** Length when queued. If the memory has been detached or resized since, that is a bug of ours. */
  readonly length: number;
  offset: number;
  readonly done: (() => void) | undefined;
  /** Whether it begins a record, and shares none with the job before. */
  readonly first: boolean;
}

/** Bytes on the channel of records with so much data. */
function recordBytes(data: number): number {
  return data + RECORD_OVERHEAD * Math.ceil(data / BULK_RECORD);
}

/**
 * Writes a stream of bytes as records, in order. Small writes are gathered into one record until `flush`, until the end of the
 * turn, or until there are enough. Large ones are encrypted straight from the caller's memory, with back-pressure.
 */
export class Outbox {
  private readonly channel: Channel;
  private readonly sealer: RecordSealer;
  private readonly onError: (error: unknown) => void;
  private jobs: Job[] = [];
  private queued = 0;
  private running = false;
  private scheduled = false;
  private stopped = false;
  private waiting: (() => void)[] = [];
  /** Whether the next job begins a record. */
  private separated = false;
  /** Bytes of records of data that have been made. */
  private made = 0;
  /** Bytes given to the channel so far. */
  sent = 0;
  /** When the channel last took a record, in milliseconds of `performance.now()`. */
  lastSent = performance.now();
  /** When the channel last took a record of data. */
  lastData = this.lastSent;

  constructor(channel: Channel, sealer: RecordSealer, onError: (error: unknown) => void) {
    this.channel = channel;
    this.sealer = sealer;
    this.onError = onError;
  }

  /** Whether the channel is holding up a record. */
  get blocked(): boolean {
    return this.running;
  }

  /** Bytes of the records of all data that has been given, also of what is queued if it is separate from what follows. */
  get data(): number {
    let [total, together] = [this.made, 0];
    for (const { length, offset, first } of this.jobs) {
      if (first) {
        total += recordBytes(together);
        together = 0;
      }
      together += length - offset;
    }
    return total + recordBytes(together);
  }

  /** Sends everything queued, in records that hold nothing of what is written later. */
  separate(): void {
    this.flush();
    this.separated = true;
  }

  /** Queues the parts, one after another. Resolves when the caller may use its memory again and there is room for more. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const bytes of parts) {
      if (bytes.length === 0) continue;
      this.queued += bytes.length;
      if (bytes.length <= SMALL) {
        this.push(bytes.slice(), undefined);
      } else {
        waits.push(new Promise((done) => this.push(bytes, done)));
      }
    }
    if (this.queued >= QUEUE_LIMIT) this.flush();
    else this.schedule();
    await Promise.all(waits);
    if (this.queued >= QUEUE_LIMIT) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Starts sending everything queued now. */
  flush(): void {
    if (!this.running && !this.stopped && this.jobs.length > 0) void this.run();
  }

  /** Resolves when the channel has taken everything queued, or the outbox has stopped. */
  async drained(): Promise<void> {
    this.flush();
    while ((this.running || this.jobs.length > 0) && !this.stopped) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Sends a record without data, ahead of what is queued. */
  async signal(kind: RecordKind): Promise<void> {
    if (!this.stopped) await this.send(kind, []);
  }

  /** Drops everything queued, and lets every waiting caller go on. The link tells them what happened. */
  stop(): void {
    this.stopped = true;
    for (const job of this.jobs) job.done?.();
    this.jobs = [];
    this.queued = 0;
    this.wake();
  }

  private push(bytes: Uint8Array, done: (() => void) | undefined): void {
    this.jobs.push({ bytes, length: bytes.length, offset: 0, done, first: this.separated });
    this.separated = false;
  }

  private schedule(): void {
    if (this.scheduled || this.running) return;
    this.scheduled = true;
    platform.atEndOfTurn(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      while (this.jobs.length > 0 && !this.stopped) {
        const { pieces, finished } = this.gather();
        this.made += pieces.reduce((sum, { length }) => sum + length, RECORD_OVERHEAD);
        const sending = this.send(recordKind.data, pieces);
        for (const job of finished) job.done?.();
        await sending;
        if (this.queued < QUEUE_LIMIT) this.wake();
      }
    } catch (error) {
      this.onError(error);
    } finally {
      this.running = false;
      this.wake();
    }
  }

  /** The plaintext of the next record, and the jobs that it completes. */
  private gather(): { pieces: Uint8Array[]; finished: Job[] } {
    const pieces: Uint8Array[] = [];
    const finished: Job[] = [];
    let room = BULK_RECORD;
    let count = 0;
    for (const job of this.jobs) {
      if (job.first && pieces.length > 0) break;
      if (job.bytes.length !== job.length) throw new Error('a message changed while it was being sent');
      const piece = job.bytes.subarray(job.offset, job.offset + room);
      pieces.push(piece);
      job.offset += piece.length;
      room -= piece.length;
      this.queued -= piece.length;
      if (job.offset === job.length) {
        finished.push(job);
        count += 1;
      }
      if (room === 0) break;
    }
    this.jobs.splice(0, count);
    return { pieces, finished };
  }

  /** All parts of a record are handed over at once, so that records never mix. */
  private async send(kind: RecordKind, pieces: readonly Uint8Array[]): Promise<void> {
    const sealed = this.sealer.seal(kind, pieces);
    const parts = sealed instanceof Promise ? await sealed : sealed;
    const sending = parts.map((part) => {
      this.sent += part.length;
      return this.channel.send(part);
    });
    await Promise.all(sending);
    this.lastSent = performance.now();
    if (kind === recordKind.data) this.lastData = this.lastSent;
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
