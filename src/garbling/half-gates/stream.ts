import { giveBack } from '../../crypto/give-back.ts';
import { ParleyError } from '../../errors.ts';
import type { Link } from '../../link/link.ts';
import { garbledTables } from './messages.ts';
import { TABLE_BYTES, type TableSink, type TableSource } from './tables.ts';

/** Gates whose tables make one message; with its header it fills a 256 KiB record. The last of a batch may be shorter. */
export const GATES_PER_MESSAGE = (1 << 13) - 1;

/** Tables on their way out: at most two messages' worth is held, one being filled and one being sent. */
export class TableWriter implements TableSink {
  private readonly link: Link;
  private buffers: [Uint8Array, Uint8Array] | undefined;
  private sending: Promise<void> = Promise.resolve();
  private filled = 0;
  private remaining = 0;
  private closed = false;

  constructor(link: Link) {
    this.link = link;
  }

  get room(): number {
    return Math.min(GATES_PER_MESSAGE, this.remaining) - this.filled;
  }

  /** Announces `gates` tables to come, which end with a message of their own. */
  begin(gates: number): void {
    this.remaining = gates;
  }

  append(tables: Uint8Array): void {
    this.buffers ??= [0, 1].map(() => new Uint8Array(GATES_PER_MESSAGE * TABLE_BYTES)) as [
      Uint8Array,
      Uint8Array,
    ];
    this.buffers[0].set(tables, this.filled * TABLE_BYTES);
    this.filled += tables.length / TABLE_BYTES;
  }

  async flush(): Promise<void> {
    await this.sending;
    if (this.closed) throw new ParleyError('ERR_CLOSED', 'the session is closed');
    if (this.filled === 0 || this.buffers === undefined) return;
    const [full, empty] = this.buffers;
    this.buffers = [empty, full];
    this.sending = this.link.send(garbledTables, this.filled, {
      tables: full.subarray(0, this.filled * TABLE_BYTES),
    });
    this.sending.catch(() => undefined); // reported by the next flush
    this.remaining -= this.filled;
    this.filled = 0;
  }

  /** Sends what is left and waits until all of it has been taken. */
  async end(): Promise<void> {
    await this.flush();
    await this.sending;
  }

  close(): void {
    this.closed = true;
    this.buffers = undefined;
  }
}

/** Tables on their way in: one message's worth is held. */
export class TableReader implements TableSource {
  private readonly link: Link;
  private tables = new Uint8Array();
  private offset = 0;
  private remaining = 0;
  private closed = false;

  constructor(link: Link) {
    this.link = link;
  }

  get room(): number {
    return (this.tables.length - this.offset) / TABLE_BYTES;
  }

  /** Announces `gates` tables to come. */
  begin(gates: number): void {
    this.remaining = gates;
  }

  take(gates: number): Uint8Array {
    const start = this.offset;
    this.offset += gates * TABLE_BYTES;
    return this.tables.subarray(start, this.offset);
  }

  async fill(): Promise<void> {
    giveBack(this.tables);
    const gates = Math.min(GATES_PER_MESSAGE, this.remaining);
    const { tables } = await this.link.receive(garbledTables, gates);
    if (this.closed) throw new ParleyError('ERR_CLOSED', 'the session is closed');
    this.tables = tables as Uint8Array<ArrayBuffer>;
    this.offset = 0;
    this.remaining -= gates;
  }

  close(): void {
    this.closed = true;
    this.tables = new Uint8Array();
    this.offset = 0;
  }
}
