import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';

/**
 * Blocks of one kind made ahead, used in the order in which they were made: `columns` arrays of equal length (keys and MACs of some shares). What is
 * taken stays where it is until `sweep`, and may be changed in place.
 */
export class Pool {
  private readonly kernel: Kernel;
  private readonly columns: number;
  private pointers: Pointer[] = [];
  private length = 0;
  private used = 0;
  private owned: Pointer[] = [];

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
    } else {
      const { kernel } = this;
      const merged = pointers.map((pointer, column) => {
        const target = kernel.allocate(16 * (left + count));
        kernel.write(target, kernel.view(blockAt(this.pointers[column]!, this.used), 16 * left));
        kernel.write(blockAt(target, left), kernel.view(pointer, 16 * count));
        kernel.free(pointer);
        return target;
      });
      this.drop();
      this.pointers = merged;
    }
    this.owned = [...this.pointers];
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
    for (const pointer of this.owned) this.kernel.free(pointer);
    this.owned = [];
    this.pointers = [];
    this.length = 0;
    this.used = 0;
  }
}
