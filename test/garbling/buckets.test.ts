import { expect, test } from 'vitest';
import { packBits } from '../../src/circuit/bits.ts';
import { blockAt, byteAt, Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { shuffled } from '../support/shuffled.ts';

const random = seededRandom(new Uint8Array(16).fill(6));
const xor = (...blocks: readonly Uint8Array[]) =>
  blocks[0]!.map((_, j) => blocks.reduce((sum, block) => sum ^ block[j]!, 0));
const times = (bit: number, block: Uint8Array) => block.map((byte) => byte & -bit);

test.each([
  [1, 7],
  [5, 3],
  [40, 4],
])('%i buckets of %i are filled and corrected as defined', (count, size) => {
  const leaky = count * size;
  const shares = Array.from({ length: 3 * leaky }, () => random(16));
  const bits = random(leaky).map((byte) => byte & 1);
  const addend = random(16);
  const order = [...shuffled(leaky, random(16))];
  const opened = random(count * (size - 1)).map((byte) => byte & 1);

  const kernel = new Kernel();
  const place = (bytes: Uint8Array): Pointer => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const room = (blocks: number) => kernel.allocate(16 * blocks);
  const [x, y, z] = [room(count), room(count), room(count)];
  const [rest, differences] = [room(leaky - count), room(leaky - count)];
  const words = place(new Uint8Array(Uint32Array.from(order).buffer));
  const [planes, packed] = [place(Buffer.concat(shares)), place(packBits(bits))];
  const one = place(addend);
  const half = count >> 1; // in two calls
  const fill = (first: number, buckets: number) => {
    const at = (start: Pointer) => blockAt(start, first);
    const others = (start: Pointer) => blockAt(start, first * (size - 1));
    kernel.call.fillBuckets(
      at(x),
      at(y),
      at(z),
      others(rest),
      others(differences),
      planes,
      byteAt(words, 4 * first * size),
      packed,
      one,
      buckets,
      size,
    );
  };
  fill(0, half);
  fill(half, count - half);
  const read = (pointer: Pointer, i: number) => kernel.read(blockAt(pointer, i), 16);
  const zs: Uint8Array[] = [];
  for (let i = 0; i < count; i += 1) {
    const members = order.slice(i * size, (i + 1) * size);
    const part = (n: number) => members.map((member) => shares[3 * member + n]!);
    expect(read(x, i)).toEqual(xor(...part(0)));
    expect(read(y, i)).toEqual(part(1)[0]);
    const flips = members.map((member) => times(bits[member]!, addend));
    zs.push(xor(...part(2), ...flips));
    expect(read(z, i)).toEqual(zs[i]);
    for (let j = 1; j < size; j += 1) {
      const at = i * (size - 1) + j - 1;
      expect(read(rest, at)).toEqual(part(0)[j]);
      expect(read(differences, at)).toEqual(xor(part(1)[0]!, part(1)[j]!));
      zs[i] = xor(zs[i]!, times(opened[at]!, part(0)[j]!));
    }
  }
  kernel.call.correctBuckets(z, rest, place(packBits(opened)), count, size);
  for (let i = 0; i < count; i += 1) expect(read(z, i)).toEqual(zs[i]);
});
