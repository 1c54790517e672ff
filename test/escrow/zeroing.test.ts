import { afterEach, expect, test, vi } from 'vitest';
import { drawBits, Escrow } from '../../src/escrow/index.ts';
import { contextOf, seeded } from './support.ts';

/** What has been packed, and what came of it; and the hashes from which logarithms of ciphertexts are made. */
const { taken, given, halves } = vi.hoisted(() => ({
  taken: [] as Uint8Array[],
  given: [] as Uint8Array[],
  halves: [] as Uint8Array[],
}));
vi.mock('../../src/circuit/bits.ts', async (original) => {
  const real = await original<typeof import('../../src/circuit/bits.ts')>();
  const packBits = (bits: Uint8Array) => {
    const packed = real.packBits(bits);
    taken.push(bits);
    given.push(packed);
    return packed;
  };
  return { ...real, packBits };
});
vi.mock('../../src/crypto/hash.ts', async (original) => {
  const real = await original<typeof import('../../src/crypto/hash.ts')>();
  const hash: typeof real.hash = (tag, ...parts) => {
    const digest = real.hash(tag, ...parts);
    if (tag === 'parley/1 escrow randomness') halves.push(digest);
    return digest;
  };
  return { ...real, hash };
});

afterEach(() => {
  for (const list of [taken, given, halves]) list.length = 0;
});

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const context = contextOf(11);

test('making an escrow leaves nothing of the mask and its shares but what it keeps', async () => {
  const bits = drawBits(11, seeded(7));
  await Escrow.make({ ...context, bits, random: seeded(8) });
  expect(given.length).toBeGreaterThanOrEqual(80);
  expect(taken.filter(({ buffer }) => buffer !== bits.buffer)).toEqual([]);
  expect(given.filter((packed) => !isZero(packed))).toEqual([]);
  expect(halves).toHaveLength(160);
  expect(halves.filter((half) => !isZero(half))).toEqual([]);
});

test('nor does one that is given up on its way', async () => {
  const seeds: Uint8Array[] = [];
  const source = seeded(9);
  const random = (length: number) => {
    const drawn = source(length);
    seeds.push(drawn);
    return drawn;
  };
  const work = Escrow.making({ ...context, bits: drawBits(11, seeded(7)), random });
  work.next();
  work.next();
  work.return(undefined as never);
  expect(seeds).toHaveLength(4);
  expect([...seeds, ...given].filter((secret) => !isZero(secret))).toEqual([]);
});
