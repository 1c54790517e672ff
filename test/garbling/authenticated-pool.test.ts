import { describe, expect, test } from 'vitest';
import { blockAt, Kernel, NOWHERE, type Pointer } from '../../src/crypto/kernel.ts';
import { Pool } from '../../src/garbling/authenticated/pool.ts';

/** A region of `count` blocks whose first bytes count up from `first`. */
function blocks(kernel: Kernel, first: number, count: number): Pointer {
  const pointer = kernel.allocate(16 * count);
  for (let i = 0; i < count; i += 1) kernel.view(blockAt(pointer, i), 16).fill(first + i);
  return pointer;
}

const read = (kernel: Kernel, pointer: Pointer, count: number) =>
  Array.from({ length: count }, (_, i) => kernel.read(blockAt(pointer, i), 1)[0]);

describe('a pool of blocks made ahead', () => {
  test('gives them out once each, in order, column by column', () => {
    const kernel = new Kernel();
    const pool = new Pool(kernel, 2);
    pool.add([blocks(kernel, 1, 5), blocks(kernel, 101, 5)], 5);
    const first = pool.take(2);
    const second = pool.take(3);
    expect(first.map((pointer) => read(kernel, pointer, 2))).toEqual([
      [1, 2],
      [101, 102],
    ]);
    expect(second.map((pointer) => read(kernel, pointer, 3))).toEqual([
      [3, 4, 5],
      [103, 104, 105],
    ]);
    expect(pool.available).toBe(0);
    expect(() => pool.take(1)).toThrow(RangeError);
  });

  test('joins what is added to what is left, and says where it is now', () => {
    const kernel = new Kernel();
    const pool = new Pool(kernel, 1);
    pool.add([blocks(kernel, 1, 5)], 5);
    pool.take(2);
    const [added] = pool.add([blocks(kernel, 50, 4)], 4);
    kernel.view(added!, 1)[0] = 77;
    expect(pool.available).toBe(7);
    expect(read(kernel, pool.take(7)[0]!, 7)).toEqual([3, 4, 5, 77, 51, 52, 53]);
  });

  test('keeps its place where what is added has room in that of what was taken, of which nothing is left', () => {
    const kernel = new Kernel();
    const pool = new Pool(kernel, 1);
    const first = blocks(kernel, 1, 6);
    pool.add([first], 6);
    pool.take(4);
    const added = blocks(kernel, 50, 3);
    expect(pool.add([added], 3)).toEqual([blockAt(first, 2)]);
    expect(read(kernel, first, 6)).toEqual([5, 6, 50, 51, 52, 0]);
    expect(read(kernel, added, 3)).toEqual([0, 0, 0]);
    expect(pool.available).toBe(5);
    pool.take(1);
    pool.add([blocks(kernel, 60, 2)], 2);
    expect(read(kernel, pool.take(6)[0]!, 6)).toEqual([6, 50, 51, 52, 60, 61]);
  });

  test('zeroes what was taken when swept, and all when dropped', () => {
    const kernel = new Kernel();
    const pool = new Pool(kernel, 1);
    pool.add([blocks(kernel, 1, 4)], 4);
    const [taken] = pool.take(2);
    pool.sweep();
    expect(read(kernel, taken!, 4)).toEqual([0, 0, 3, 4]);
    pool.drop();
    expect(read(kernel, taken!, 4)).toEqual([0, 0, 0, 0]);
    expect(pool.available).toBe(0);
  });

  test('refuses another number of columns', () => {
    expect(() => new Pool(new Kernel(), 2).add([NOWHERE], 1)).toThrow(RangeError);
  });
});
