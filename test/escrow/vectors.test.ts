import { readFileSync, writeFileSync } from 'node:fs';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { packBits } from '../../src/circuit/bits.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { fromHex, toHex } from '../../src/crypto/encoding.ts';
import { caseOf } from '../../src/documents/fair.ts';
import {
  commitMasked,
  drawBits,
  Escrow,
  escrowLabel,
  jointSalt,
  matrixSeed,
  recordDigest,
} from '../../src/escrow/index.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { reveal } from './revealed.ts';
import { arbiter, digest, opening, seeded } from './support.ts';
import { arbitratedTerms, buyer, seller } from './terms.ts';

/*
 * An escrow with all that goes into it, and the documents of a run, as a second implementation would make them. `expected` is computed here from the specification, with other libraries.
 * A difference means that the format changed. Never regenerate a fixture; add one.
 */
const file = (name: string) => new URL(`../fixtures/v1/${name}.json`, import.meta.url);
function fixture(name: string, bytes: Uint8Array): Uint8Array {
  if (process.env.PARLEY_NEW_FIXTURE === name) writeFileSync(file(name), bytes, { flag: 'wx' });
  return readFileSync(file(name));
}

const WIDTH = 11;
const ALL = WIDTH + 48;
const fair = { escrows: { seller: 'AA', buyer: 'BB' }, masked: 'CC', complainBy: '2026-11-27T12:10:00Z' };

/** What the project computes from seeds. */
async function vector() {
  const random = seeded(77);
  const owner = {
    session: digest('session'),
    terms: digest('terms'),
    role: 'seller',
    key: arbiter.publicKey,
  };
  const label = escrowLabel(owner);
  const bits = drawBits(WIDTH, random);
  const seeds: Uint8Array[] = [];
  const recorded = (length: number) => {
    const drawn = random(length);
    seeds.push(drawn.slice());
    return drawn;
  };
  const escrow = await Escrow.make({ label, key: arbiter.publicKey, width: WIDTH, bits, random: recorded });
  const nonce = random(32);
  const matrix = matrixSeed(label, nonce);
  const asked = { challenge: 0x12_3456_789an, matrix };
  const { record } = escrow.answer({ ...asked, opened: opening(WIDTH, bits, asked) });
  const salt = jointSalt(random(32), random(32));
  const masked = drawBits(1, random).subarray(0, WIDTH);
  const hex = (value: Uint8Array) => toHex(value);
  return {
    secret: hex(arbiter.exportSecret()),
    key: hex(owner.key),
    session: hex(owner.session),
    terms: hex(owner.terms),
    role: owner.role,
    label: hex(label),
    bits: hex(packBits(bits)),
    seeds: hex(concatBytes(...seeds.slice(0, 80))),
    ciphertexts: hex(escrow.ciphertexts),
    challenge: hex(record.challenge),
    nonce: hex(nonce),
    matrixSeed: hex(record.matrix),
    shares: hex(record.shares),
    tag: hex(record.tag),
    record: hex(recordDigest(record)),
    salt: hex(salt),
    masked: hex(packBits(masked)),
    commitment: hex(commitMasked(owner.session, salt, masked)),
    fair: JSON.stringify(fair),
    case: hex(caseOf({ ...owner, fair })),
  };
}

type Vector = Awaited<ReturnType<typeof vector>>;

/** SHA-256 over the tag and parts, each after its length in 8 bytes. */
function H(tag: string, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const uint64 = (value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    return bytes;
  };
  const state = sha256.create();
  for (const part of [`parley/1 ${tag}`, ...parts]) {
    const bytes =
      typeof part === 'number'
        ? uint64(part)
        : typeof part === 'string'
          ? new TextEncoder().encode(part)
          : part;
    state.update(uint64(bytes.length)).update(bytes);
  }
  return state.digest();
}

const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const number = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes.slice().reverse())}`);
const bitsOf = (bytes: Uint8Array, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (bytes[(from + i) >> 3]! >> ((from + i) & 7)) & 1);
const packed = (bits: readonly number[]) => {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    bytes[i >> 3]! |= bit << (i & 7);
  });
  return bytes;
};

/** The same from the specification. */
function computed(given: Vector): Partial<Vector> {
  const at = Object.fromEntries(
    Object.entries(given).map(([name, text]) => [
      name,
      /^([0-9a-f]{2})+$/.test(text) ? fromHex(text) : new Uint8Array(),
    ]),
  ) as Record<keyof Vector, Uint8Array>;
  const { Point } = ristretto255;
  const key = Point.BASE.multiply(number(at.secret));
  const label = H('escrow label', at.session, at.terms, given.role, key.toBytes());
  const own = bitsOf(at.bits, 0, ALL);
  const rho = (k: number) => bitsOf(at.bits, (k + 1) * ALL, ALL);
  const plus = (k: number, times: number) => rho(k).map((bit, i) => bit ^ (times & own[i]!));
  const encrypted = (k: number, b: number) => {
    const p = packed(plus(k, b));
    const seed = at.seeds.subarray(32 * (2 * k + b), 32 * (2 * k + b + 1));
    const wide = [0, 1].flatMap((half) => [...H('escrow randomness', label, k, b, p, seed, half)]);
    const r = number(Uint8Array.from(wide)) % ORDER;
    const U = Point.BASE.multiply(r).toBytes();
    const shared = key.multiply(r).toBytes();
    const pad = [0, 1].flatMap((block) => [...H('escrow pad', label, k, b, U, shared, block)]);
    return [...U, ...[...seed, ...p].map((byte, i) => byte ^ pad[i]!)];
  };
  const ciphertexts = Array.from({ length: 80 }, (_, i) => encrypted(i >> 1, i & 1));
  const e = BigInt(`0x${given.challenge}`);
  const bit = (k: number) => Number((e >> BigInt(k)) & 1n);
  const seed = H('escrow matrix seed', label, at.nonce);
  const stream = Uint8Array.from([0, 1, 2].flatMap((block) => [...H('escrow matrix', seed, block)]));
  const tag = Array.from({ length: 48 }, (_, i) =>
    bitsOf(stream, i * WIDTH, WIDTH).reduce((sum, a, j) => sum ^ (a & own[j]!), own[WIDTH + i]!),
  );
  const shares = Uint8Array.from(Array.from({ length: 40 }, (_, k) => [...packed(plus(k, bit(k)))]).flat());
  const unopened = Array.from({ length: 40 }, (_, k) =>
    H('escrow ciphertext', Uint8Array.from(ciphertexts[2 * k + 1 - bit(k)]!)),
  );
  const first = H('escrow unopened ciphertexts', label, at.challenge, ...unopened);
  const record = H('escrow record', first, H('escrow shares', shares, packed(tag), seed));
  return {
    key: toHex(key.toBytes()),
    label: toHex(label),
    ciphertexts: toHex(Uint8Array.from(ciphertexts.flat())),
    matrixSeed: toHex(seed),
    shares: toHex(shares),
    tag: toHex(packed(tag)),
    record: toHex(record),
    commitment: toHex(H('escrow masked outcome', at.session, at.salt, WIDTH, at.masked)),
    case: toHex(H('escrow case', at.terms, at.session, new TextEncoder().encode(canonical(given.fair)))),
  };
}

/** RFC 8785 of two levels of plain members. */
function canonical(text: string): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([name, member]) => [name, sorted(member)]),
        )
      : value;
  return JSON.stringify(sorted(JSON.parse(text)));
}

describe('a second implementation', () => {
  test('gets the same escrow', async () => {
    const made = `${JSON.stringify(await vector(), undefined, 2)}\n`;
    const saved = new TextDecoder().decode(fixture('escrow', new TextEncoder().encode(made)));
    expect(made).toBe(saved);
    expect(JSON.parse(saved)).toMatchObject(computed(JSON.parse(saved)));
  });

  test('reads the same documents', async () => {
    const terms = await arbitratedTerms();
    const run = await reveal(terms, [{ reservation: 400n }, { reservation: 600n }]);
    const parties = { seller: seller.publicKey, buyer: buyer.publicKey };
    for (const [kind, bytes] of [
      ['signed', run.signed],
      ['opened', run.opened],
      ['resolved', run.resolved],
    ] as const) {
      const saved = fixture(`arbiter-${kind}`, bytes);
      expect(Buffer.compare(saved, bytes), kind).toBe(0);
      expect(await verifyAgreement(new Uint8Array(saved), { parties })).toMatchObject({
        proof: kind,
        pinned: true,
        outcome: { price: '500' },
      });
    }
  });
});
