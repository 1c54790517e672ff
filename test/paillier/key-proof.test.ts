import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { bytesToInteger, gcd, integerToBytes, modInverse } from '../../src/crypto/integers.ts';
import { Modulus } from '../../src/crypto/modexp.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { PublicKey } from '../../src/paillier/index.ts';
import { challenges } from '../../src/paillier/key-proof/challenges.ts';
import { keyProofLength, proveKey, verifyKeyProof } from '../../src/paillier/key-proof/index.ts';
import { hasSmallFactor, primesBelow } from '../../src/paillier/key-proof/small-factors.ts';
import { alice, bob, carol } from './keys.ts';

const random = seededRandom(new Uint8Array(16).fill(3));
const identity = random(32);
const key = alice.publicKey;
const proof = proveKey(alice, identity);

const fixture = new URL('../fixtures/paillier-malformed.json', import.meta.url);
const malformed = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string[]>;
const factors = (name: string): bigint[] => malformed[name]!.map(BigInt);

/** What a cheater with these prime factors can do: roots modulo each factor where they exist, anything elsewhere. */
function forge(primes: readonly bigint[], owner: Uint8Array): { key: PublicKey; proof: Uint8Array } {
  const forged = new PublicKey(primes.reduce((product, prime) => product * prime, 1n));
  const { modulus } = forged;
  const roots = challenges(forged, owner).map((challenge) => {
    let root = 0n;
    for (const prime of primes) {
      const exponent = gcd(modulus, prime - 1n) === 1n ? modInverse(modulus, prime - 1n) : 1n;
      const residue = new Modulus(prime).power(challenge, exponent);
      const others = modulus / prime;
      root += residue * others * (others % prime === 0n ? 1n : modInverse(others, prime));
    }
    return root % modulus;
  });
  return { key: forged, proof: concatBytes(...roots.map((root) => integerToBytes(root, 384))) };
}

describe('the proof that a Paillier key is well formed', () => {
  it('is accepted from an honest owner, and always the same', () => {
    for (const owner of [alice, bob, carol]) {
      const made = proveKey(owner, identity);
      expect(made.length).toBe(keyProofLength(owner.publicKey));
      expect(made.length).toBe(3_072);
      expect(verifyKeyProof(owner.publicKey, identity, made)).toBe(true);
      expect(proveKey(owner, identity)).toEqual(made);
    }
  });

  it('consists of N-th roots of the challenges', () => {
    for (const [index, challenge] of challenges(key, identity).entries()) {
      const root = bytesToInteger(proof.subarray(384 * index, 384 * (index + 1)));
      expect(new Modulus(key.modulus).power(root, key.modulus)).toBe(challenge);
    }
  });

  it('is refused after any root is changed, moved, negated, made zero or given out of range', () => {
    const { modulus } = key;
    const root = (index: number) => bytesToInteger(proof.subarray(384 * index, 384 * (index + 1)));
    for (let index = 0; index < 8; index++) {
      const changes = [
        root(index) ^ 1n,
        root((index + 1) % 8),
        modulus - root(index),
        0n,
        1n,
        modulus,
        alice.p.prime * 5n,
        // Equal modulo N, but not the canonical representative.
        root(index) + modulus,
      ];
      for (const value of changes) {
        if (value >= 1n << 3_072n) continue;
        const changed = proof.slice();
        changed.set(integerToBytes(value, 384), 384 * index);
        expect(verifyKeyProof(key, identity, changed)).toBe(false);
      }
    }
  });

  it('is refused at any other length', () => {
    for (const length of [0, 384, 3_071]) {
      expect(verifyKeyProof(key, identity, proof.subarray(0, length))).toBe(false);
    }
    expect(verifyKeyProof(key, identity, concatBytes(proof, new Uint8Array(1)))).toBe(false);
  });

  it('is refused for another identity or another key', () => {
    const other = identity.slice();
    other[31] = other[31]! ^ 0x80;
    expect(verifyKeyProof(key, other, proof)).toBe(false);
    expect(verifyKeyProof(bob.publicKey, identity, proof)).toBe(false);
    expect(() => verifyKeyProof(key, identity.subarray(1), proof)).toThrow(RangeError);
  });

  it('is refused for a factor below 2^16 even where all roots exist, and not for one above', () => {
    const below = forge(factors('factorBelowBound'), identity);
    expect(hasSmallFactor(below.key.modulus)).toBe(true);
    const roots = challenges(below.key, identity);
    const first = bytesToInteger(below.proof.subarray(0, 384));
    expect(new Modulus(below.key.modulus).power(first, below.key.modulus)).toBe(roots[0]);
    expect(verifyKeyProof(below.key, identity, below.proof)).toBe(false);

    const above = forge(factors('factorAboveBound'), identity);
    expect(hasSmallFactor(above.key.modulus)).toBe(false);
    expect(verifyKeyProof(above.key, identity, above.proof)).toBe(true);
  });

  it('cannot be made where p divides q − 1, or for the square of a prime', () => {
    const primes = factors('pDividesQMinusOne');
    expect((primes[1]! - 1n) % primes[0]!).toBe(0n);
    const divides = forge(primes, identity);
    expect(hasSmallFactor(divides.key.modulus)).toBe(false);
    expect(verifyKeyProof(divides.key, identity, divides.proof)).toBe(false);

    const { prime } = alice.p;
    const square = forge([prime, prime], identity);
    expect(verifyKeyProof(square.key, identity, square.proof)).toBe(false);
  });

  it('never comes to be verified for an even or too short modulus', () => {
    expect(() => new PublicKey(key.modulus + 1n)).toThrow(/even/);
    expect(() => new PublicKey(key.modulus >> 128n)).toThrow(/length/);
    expect(() => new PublicKey(-key.modulus)).toThrow(/length/);
  });

  it('tries all primes below 2^16 and no more', () => {
    const primes = primesBelow(65_536);
    expect(primes.length).toBe(6_542);
    expect(primes.at(-1)).toBe(65_521n);
    const large = 2n ** 3_217n - 1n;
    for (const prime of [2n, 3n, 251n, 257n, 65_521n]) expect(hasSmallFactor(prime * large)).toBe(true);
    expect(hasSmallFactor(65_537n * large)).toBe(false);
    expect(hasSmallFactor(large)).toBe(false);
  });
});
