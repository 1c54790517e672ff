/** Which parts of a memory are in use: first fit over a list of holes. It deals with addresses only and touches no memory. */
export class Regions {
  /** Free regions by address, never adjacent to one another. */
  private holes: { start: number; size: number }[];
  private readonly sizes = new Map<number, number>();
  private end: number;
  private highest: number;

  /** At first everything from `start` to `end` is free. */
  constructor(start: number, end: number) {
    this.holes = [{ start, size: end - start }];
    this.end = end;
    this.highest = start;
  }

  /** The end of the highest region that was ever taken: nothing has been written from there on. */
  get highWater(): number {
    return this.highest;
  }

  /** Free bytes at the end, which `extend` adds to. */
  get tail(): number {
    const last = this.holes.at(-1);
    return last !== undefined && last.start + last.size === this.end ? last.size : 0;
  }

  /** Whether there is a hole for `size` bytes. */
  fits(size: number): boolean {
    return this.holes.some((hole) => hole.size >= size);
  }

  /** The start of a region of `size` bytes, which fits. */
  take(size: number): number {
    const index = this.holes.findIndex((hole) => hole.size >= size);
    if (index < 0) throw new Error('taking more than fits');
    const { start, size: room } = this.holes[index]!;
    if (room === size) this.holes.splice(index, 1);
    else this.holes[index] = { start: start + size, size: room - size };
    this.sizes.set(start, size);
    this.highest = Math.max(this.highest, start + size);
    return start;
  }

  /** Frees the region that starts at `start`, and gives its size. Throws a plain error unless one does. */
  give(start: number): number {
    const size = this.sizeOf(start);
    this.sizes.delete(start);
    this.free(start, size);
    return size;
  }

  /** Frees all but the first `size` bytes of the region that starts at `start`, and gives the size that it had. Throws a plain error unless one that large does. */
  shrink(start: number, size: number): number {
    const before = this.sizeOf(start);
    if (size > before) throw new Error('shrinking to more than was allocated');
    this.sizes.set(start, size);
    if (size < before) this.free(start + size, before - size);
    return before;
  }

  /** Adds the memory up to `end`. */
  extend(end: number): void {
    this.insert(this.holes.length, this.end, end - this.end);
    this.end = end;
  }

  private sizeOf(start: number): number {
    const size = this.sizes.get(start);
    if (size === undefined) throw new Error('freeing what was not allocated');
    return size;
  }

  private free(start: number, size: number): void {
    const index = this.holes.findIndex((hole) => hole.start > start);
    this.insert(index < 0 ? this.holes.length : index, start, size);
  }

  private insert(index: number, start: number, size: number): void {
    this.holes.splice(index, 0, { start, size });
    this.join(index);
    this.join(index - 1);
  }

  /** Merges the hole at `index` with the next one if they touch. */
  private join(index: number): void {
    const left = this.holes[index];
    const right = this.holes[index + 1];
    if (left === undefined || right === undefined || left.start + left.size !== right.start) return;
    this.holes.splice(index, 2, { start: left.start, size: left.size + right.size });
  }
}
