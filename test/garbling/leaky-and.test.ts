import { expect, test } from 'vitest';
import { unpackBits } from '../../src/circuit/bits.ts';
import { hash } from '../../src/crypto/hash.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { tags } from '../../src/crypto/tags.ts';
import { ChosenKeyHash } from '../../src/garbling/chosen-hash.ts';
import { dealtCots } from '../../src/ot/ideal.ts';
import { hashByDefinition } from './chosen-hash-reference.ts';

const random = seededRandom(new Uint8Array(16).fill(5));
const binding = random(32);
const key = hash(tags.labelHashKey, 'leaky and', binding, 0).subarray(0, 16);
const FIRST = 2 ** 20;

interface Party {
  readonly delta: Uint8Array;
  /** Three times as many as leaky ANDs: x, y and r of one after another. */
  keys: Uint8Array;
  macs: Uint8Array;
  readonly domain: bigint;
}

const xor = (...blocks: readonly Uint8Array[]) =>
  blocks[0]!.map((_, j) => blocks.reduce((sum, block) => sum ^ block[j]!, 0));
const times = (bit: number, block: Uint8Array) => block.map((byte) => byte & -bit);
const at = (blocks: Uint8Array, i: number) => blocks.subarray(16 * i, 16 * i + 16);

function pair(count: number): [Party, Party] {
  const delta = (fixed: number) => {
    const bytes = random(16);
    bytes[0] = (bytes[0]! & ~3) | fixed;
    return bytes;
  };
  const empty = new Uint8Array();
  const a: Party = { delta: delta(3), keys: empty, macs: empty, domain: 1n };
  const b: Party = { delta: delta(1), keys: empty, macs: empty, domain: 2n };
  for (const [mine, theirs] of [[a, b] as const, [b, a] as const]) {
    const { keys, macs } = dealtCots(
      random,
      theirs.delta,
      random(Math.ceil((3 * count) / 8)),
      3 * count,
      true,
    );
    mine.macs = macs;
    theirs.keys = keys;
  }
  return [a, b];
}

/** G and S but for the peer's G, of leaky AND i by their definition (README of authenticated garbling, step 3). */
function byDefinition({ delta, keys, macs, domain }: Party, i: number) {
  const own = { counter: BigInt(FIRST + i), domain };
  const peer = { ...own, domain: 3n - domain };
  const [x, y, r] = [0, 1, 2].map((n) => ({
    key: at(keys, 3 * i + n),
    mac: at(macs, 3 * i + n),
  })) as [
    { key: Uint8Array; mac: Uint8Array },
    { key: Uint8Array; mac: Uint8Array },
    { key: Uint8Array; mac: Uint8Array },
  ];
  const c = xor(times(y.mac[0]! & 1, delta), y.key, y.mac);
  const zero = hashByDefinition(key, x.key, own);
  const ciphertext = xor(zero, hashByDefinition(key, xor(x.key, delta), own), c);
  const partial = xor(
    xor(zero, hashByDefinition(key, x.mac, peer), r.key, r.mac),
    xor(times(x.mac[0]! & 1, c), times(r.mac[0]! & 1, delta)),
  );
  return { ciphertext, partial };
}

/** The same by the kernels. */
function byKernels({ delta, domain, ...bits }: Party, count: number) {
  const kernel = new Kernel();
  const place = (bytes: Uint8Array) => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const room = (blocks: number) => kernel.allocate(16 * blocks);
  const [keys, macs] = [place(bits.keys), place(bits.macs)];
  const [inner, outer] = [room(3 * count), room(3 * count)];
  const [ciphertexts, partial] = [room(count), room(count)];
  const pointer = place(delta);
  kernel.call.leakyHashBlocks(outer, keys, macs, count, pointer);
  const domains = [Number(domain), Number(domain), Number(3n - domain)] as const;
  new ChosenKeyHash(kernel, 'leaky and', binding).hashRows(inner, outer, count, { first: FIRST, domains }, 0);
  kernel.call.leakyCiphertexts(ciphertexts, partial, inner, outer, keys, macs, count, pointer);
  const choices = kernel.allocate(Math.ceil(count / 8));
  kernel.call.leakyChoices(choices, macs, count);
  return {
    ciphertexts: kernel.read(ciphertexts, 16 * count),
    partial: kernel.read(partial, 16 * count),
    choices: unpackBits(kernel.read(choices, Math.ceil(count / 8)), count),
  };
}

test.each([1, 2, 33])(
  '%i leaky ANDs are those of the definition, and both parties’ S are shares of x ∧ y ⊕ r',
  (count) => {
    const parties = pair(count);
    const made = parties.map((party) => byKernels(party, count));
    for (let i = 0; i < count; i += 1) {
      const shares = parties.map((party, n) => {
        const { ciphertext, partial } = byDefinition(party, i);
        expect(at(made[n]!.ciphertexts, i)).toEqual(ciphertext);
        expect(at(made[n]!.partial, i)).toEqual(partial);
        const x = at(party.macs, 3 * i)[0]! & 1;
        expect(made[n]!.choices[i]).toBe(x);
        return xor(at(made[n]!.partial, i), times(x, at(made[1 - n]!.ciphertexts, i)));
      }) as [Uint8Array, Uint8Array];
      const bit = (n: number) => parties.reduce((sum, { macs }) => sum ^ (at(macs, 3 * i + n)[0]! & 1), 0);
      // S_G ⊕ S_E = (xy ⊕ r)·(Δ_G ⊕ Δ_E), whose bit 1 is xy ⊕ r
      const delta = xor(parties[0].delta, parties[1].delta);
      expect(xor(...shares)).toEqual(times((bit(0) & bit(1)) ^ bit(2), delta));
    }
  },
);
