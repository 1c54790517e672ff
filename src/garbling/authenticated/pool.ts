import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';

/**
 * Blocks of one kind made ahead, used in the order in which they were made: `columns` arrays of equal length (keys and MACs of some shares). What is
 * taken stays where it is until `sweep`, and may be changed in place.
 */
export class Pool {
  private readonly kernel: Kernel;
  private readonly columns: number;
  private pointers: Pointer[] = [];
  /** Entries that each array has room for. */
  private room = 0;
  private length = 0;
  private used = 0;

  constructor(kernel: Kernel, columns: number) {
    this.kernel = kernel;
    this.columns = columns;
  }

  /** Entries not taken yet. */
  get available(): number {
    return this.length - this.used;
  }

  /** Takes over arrays of `count` entries, and gives where these are now. Nothing taken before may be in use any more. */
  add(pointers: readonly Pointer[], count: number): Pointer[] {
    if (pointers.length !== this.columns) throw new RangeError('a pool has a fixed number of columns');
    const left = this.available;
    if (left === 0) {
      this.drop();
      this.pointers = [...pointers];
      this.room = count;
    } else {
      if (left + count > this.room) this.move(left + count);
      else for (const pointer of this.pointers) this.moveDown(pointer);
      for (const [column, pointer] of pointers.entries()) {
        this.kernel.write(blockAt(this.pointers[column]!, left), this.kernel.view(pointer, 16 * count));
        this.kernel.free(pointer);
      }
    }
    this.length = left + count;
    this.used = 0;
    return this.pointers.map((pointer) => blockAt(pointer, left));
  }

  /** The next `count` entries: a pointer into each column. */
  take(count: number): Pointer[] {
    if (count > this.available) throw new RangeError('the pool has too few entries');
    const start = this.used;
    this.used += count;
    return this.pointers.map((pointer) => blockAt(pointer, start));
  }

  /** Zeroes what has been taken, once it is no longer in use. */
  sweep(): void {
    if (this.available === 0) this.drop();
    else for (const pointer of this.pointers) this.kernel.view(pointer, 16 * this.used).fill(0);
  }

  /** Zeroes and gives back everything. */
  drop(): void {
    for (const pointer of this.pointers) this.kernel.free(pointer);
    this.pointers = [];
    this.room = 0;
    this.length = 0;
    this.used = 0;
  }

  /** Moves what has not been taken to new arrays of `room` entries. */
  private move(room: number): void {
    const { kernel, available, used } = this;
    this.pointers = this.pointers.map((from) => {
      const to = kernel.allocate(16 * room);
      kernel.write(to, kernel.view(blockAt(from, used), 16 * available));
      kernel.free(from);
      return to;
    });
    this.room = room;
  }

  /** Moves what has not been taken to the beginning of its array, and zeroes the rest. */
  private moveDown(pointer: Pointer): void {
    const entries = this.kernel.view(pointer, 16 * this.length);
    entries.copyWithin(0, 16 * this.used);
    entries.fill(0, 16 * this.available);
  }
}
