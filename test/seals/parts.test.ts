import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { evaluateCircuit, fromBristol, toBristol } from '../../src/circuit/index.ts';
import { gcd } from '../../src/crypto/integers.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  decrypt,
  encrypt,
  PreparedEncryption,
  PublicKey,
  type plaintext,
  Randomness,
} from '../../src/paillier/index.ts';
import { Challenge } from '../../src/seals/challenge.ts';
import { linkAnds, linkCircuit, linkOffset } from '../../src/seals/circuit.ts';
import { reopenSeal, Seal, sealPrepared, sealValue } from '../../src/seals/index.ts';
import { Mask } from '../../src/seals/mask.ts';
import { multiplierOf, termsOf } from '../../src/seals/multiplier.ts';
import { answerWidth, maskWidth } from '../../src/seals/parameters.ts';
import { verifyAnswer } from '../../src/seals/verify.ts';
import { alice, bob } from '../paillier/keys.ts';

const random = seededRandom(new Uint8Array(16).fill(21));
const LAST = (1n << 40n) - 1n;
const e40 = fc.oneof(
  fc.bigInt({ min: 0n, max: LAST }),
  fc.constantFrom(0n, 1n, 127n, 128n, 0x5555555555n, 0xaaaaaaaaaan, LAST - 127n, LAST - 1n, LAST),
);

describe('the multiplier', () => {
  it('has eight terms of which no two are neighbours, and is positive and below 2⁷⁷', () => {
    fc.assert(
      fc.property(e40, (e) => {
        const terms = termsOf(e);
        expect(terms).toHaveLength(8);
        for (const [i, { place }] of terms.entries()) {
          expect(place).toBeGreaterThanOrEqual(i === 0 ? 0 : terms[i - 1]!.place + 2);
        }
        const k = multiplierOf(e);
        expect(k > 0n && k >> 77n === 0n).toBe(true);
      }),
    );
    expect(() => termsOf(1n << 40n)).toThrow(RangeError);
    expect(() => termsOf(-1n)).toThrow(RangeError);
  });

  it('gives the challenge back', () => {
    fc.assert(
      fc.property(e40, (e) => {
        expect(challengeOf(multiplierOf(e))).toBe(e);
      }),
    );
  });
});

describe('the link circuit', () => {
  const widths = fc.oneof(fc.constantFrom(1, 2, 16, 64), fc.integer({ min: 3, max: 130 }));

  it('computes t = k(e)·x + m, with no more gates than are announced', () => {
    fc.assert(
      fc.property(widths, e40, fc.bigInt({ min: 0n }), fc.boolean(), (width, e, seed, top) => {
        const circuit = linkCircuit(width, e);
        expect(circuit.ands).toBeLessThanOrEqual(linkAnds(width));
        const [ofX, ofM] = [1n << BigInt(width), 1n << BigInt(maskWidth(width))];
        const [x, m] = top ? [ofX - 1n, ofM - 1n] : [seed % ofX, (seed * 7_919n ** 20n) % ofM];
        const outputs = evaluateCircuit(circuit, [bigintToBits(x, width), bigintToBits(m, maskWidth(width))]);
        expect(outputs.length).toBe(answerWidth(width));
        const opened = bitsToBigint(outputs);
        expect(opened - linkOffset(width, e)).toBe(multiplierOf(e) * x + m);
      }),
      { numRuns: 150 },
    );
    expect(linkAnds(64)).toBe(629);
    expect(linkCircuit(64, challengeOf(places(0, 11, 22, 33, 44, 55, 65, 75))).ands).toBe(629);
    expect(() => linkCircuit(64, 1n << 40n)).toThrow(RangeError);
    expect(() => linkCircuit(0, 1n)).toThrow(RangeError);
  });

  it('computes the same after a trip through Bristol Fashion', () => {
    const circuit = fromBristol(toBristol(linkCircuit(64, 0x123456789an)));
    const inputs = [bigintToBits(2n ** 64n - 2n, 64), bigintToBits(2n ** 180n + 5n, 181)];
    const opened = bitsToBigint(evaluateCircuit(circuit, inputs));
    const t = multiplierOf(0x123456789an) * (2n ** 64n - 2n) + 2n ** 180n + 5n;
    expect(opened - linkOffset(64, 0x123456789an)).toBe(t);
  });
});

describe('a mask', () => {
  it('answers one challenge and forgets', () => {
    const sealed = sealValue(alice, 77n, 64, random);
    const mask = Mask.create(alice, 64, random);
    const m = bitsToBigint(mask.bits());
    expect(mask.bits().length).toBe(181);
    expect(decrypt(alice, mask.ciphertext, 181)).toBe(m);
    const e = 0x123456789an;
    const randomness = mask.answer(sealed, e);
    const answer = multiplierOf(e) * 77n + m;
    expect(() => mask.answer(sealed, e)).toThrow(/one challenge/);
    expect(() => mask.bits()).toThrow(/one challenge/);
    const view = { seal: sealed.seal, mask: mask.ciphertext, challenge: e, answer, randomness };
    verifyAnswer(view);
    for (const wrong of [
      { ...view, challenge: e + 1n },
      { ...view, answer: view.answer + 1n },
      { ...view, mask: Mask.create(alice, 64, random).ciphertext },
      { ...view, seal: sealValue(alice, 77n, 64, random).seal },
      { ...view, randomness: Randomness.generate(alice.publicKey, random) },
    ]) {
      expect(() => verifyAnswer(wrong)).toThrow(/seal link/);
    }
  });

  it('has no C_m once m is forgotten', () => {
    const mask = Mask.create(alice, 64, random);
    mask.discard();
    expect(() => mask.ciphertext).toThrow(/one challenge/);
    const used = Mask.create(alice, 64, random);
    const before = used.ciphertext;
    used.discard();
    expect(used.ciphertext).toBe(before);
    expect(used.fits(alice.publicKey, 64)).toBe(true);
    expect(used.fits(alice.publicKey, 63)).toBe(false);
    expect(used.fits(bob.publicKey, 64)).toBe(false);
  });

  it('does not answer out of bounds or for a seal of another width', () => {
    const sealed = sealValue(alice, 77n, 32, random);
    const mask = Mask.create(alice, 64, random);
    expect(() => mask.answer(sealed, 1n)).toThrow(RangeError);
    expect(() => mask.answer(sealValue(alice, 1n, 64, random), 1n << 40n)).toThrow(RangeError);
    expect(() => mask.answer(sealValue(alice, 1n, 64, random), -1n)).toThrow(RangeError);
  });

  it('is never the same twice, and its answers are spread over its range', () => {
    const tops = Array.from({ length: 12 }, () => bitsToBigint(Mask.create(alice, 8, random).bits()) >> 117n);
    expect(new Set(tops).size).toBeGreaterThan(6);
  });
});

describe('a seal', () => {
  it('comes back from the key alone, from JSON too', () => {
    const { seal, randomness } = sealValue(alice, 123_456n, 64, random);
    const again = Seal.fromJSON(JSON.parse(JSON.stringify(seal)), { width: 64, committed: false });
    expect(again.equals(seal)).toBe(true);
    expect(again.digest()).toEqual(seal.digest());
    const reopened = reopenSeal(alice, again);
    expect(reopened.value).toBe(123_456n);
    expect(reopened.randomness.value).toBe(randomness.value);
    expect(() => reopenSeal(bob, again)).toThrow(/two different keys/);
    const json = seal.toJSON();
    for (const bad of [
      null,
      {},
      { ...json, more: 1 },
      { ...json, ciphertext: `${json.ciphertext}=` },
      { ...json, ciphertext: json.ciphertext.slice(4) },
    ]) {
      expect(() => Seal.fromJSON(bad, { width: 64, committed: false })).toThrow();
    }
  });

  it('can be prepared before its value is known, for one value', () => {
    const prepared = PreparedEncryption.create(alice, random);
    expect(inspect(prepared)).toBe('PreparedEncryption (secret)');
    expect(() => sealPrepared(prepared, 1n << 64n, 64)).toThrow(/bounds/);
    const sealed = sealPrepared(prepared, 77n, 64);
    expect(encrypt(alice.publicKey, sealed.value, sealed.randomness).equals(sealed.seal.ciphertext)).toBe(
      true,
    );
    expect(reopenSeal(alice, sealed.seal).value).toBe(77n);
    expect(() => sealPrepared(prepared, 78n, 64)).toThrow(/has been used/);
  });

  it('is of a bounded value', () => {
    expect(() => sealValue(alice, 1n << 64n, 64, random)).toThrow(/bounds/);
    expect(() => sealValue(alice, -1n, 64, random)).toThrow(/bounds/);
    expect(() => sealValue(alice, 1n, 1_025, random)).toThrow(RangeError);
  });

  it('shows nothing of what it holds in logs or JSON', () => {
    const sealed = sealValue(alice, 987_654_321n, 64, random);
    const challenge = Challenge.create(new Uint8Array(32), 'a', random);
    const mask = Mask.create(alice, 64, random);
    const logged = inspect({ sealed, alice, challenge, mask, randomness: sealed.randomness }, { depth: 9 });
    for (const secret of [
      sealed.value,
      sealed.randomness.value,
      alice.p.prime,
      alice.q.prime,
      challenge.value,
      bitsToBigint(mask.bits()),
    ]) {
      expect(logged).not.toContain(secret.toString());
    }
    expect(() => JSON.stringify({ sealed })).toThrow(TypeError);
  });

  it('is hidden, and never the same for the same value', () => {
    const [one, two] = [sealValue(alice, 5n, 64, random), sealValue(alice, 5n, 64, random)];
    expect(one.seal.equals(two.seal)).toBe(false);
    expect(one.seal.digest()).not.toEqual(two.seal.digest());
  });
});

describe('the binding argument', () => {
  const fixture = new URL('../fixtures/paillier-malformed.json', import.meta.url);
  const [f, p, q] = (
    JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string[]>
  ).factorAboveBound!.map(BigInt);
  const key = new PublicKey(f! * p! * q!);
  const step = key.modulus / f!;

  it('is tight: with a factor f of N above 2^16, an out-of-range X passes for x when f divides the difference of multipliers', () => {
    const [x, m] = [41n, 1_000n];
    const X = x + step;
    const enc = (value: bigint, r: Randomness) => encryptAny(key, value, r);
    const [rx, rm] = [Randomness.generate(key, random), Randomness.generate(key, random)];
    const [one, two] = congruentChallenges(f!);
    const seal = new Seal(enc(X, rx), 64);
    // k(one)·X + M = k(one)·x + m
    const mask = enc((((m - multiplierOf(one) * step) % key.modulus) + key.modulus) % key.modulus, rm);
    const pass = (challenge: bigint) => {
      const multiplier = multiplierOf(challenge);
      const power = powerOf(rx.value, multiplier, key.modulus);
      const randomness = Randomness.from(key, (power * rm.value) % key.modulus);
      return () => verifyAnswer({ seal, mask, challenge, answer: multiplier * x + m, randomness });
    };
    for (const e of [one, two]) expect(pass(e)).not.toThrow();
    for (const e of [0n, 1n, one ^ 128n, LAST]) {
      expect((multiplierOf(e) - multiplierOf(one)) % f!).not.toBe(0n);
      expect(pass(e)).toThrow(/seal link/);
    }
  });

  it('binds such a seal all the same: one in-range value, and no opening', () => {
    const X = 41n + step;
    expect(X >> 64n).not.toBe(0n);
    // Two in-range values that both passed would differ by a multiple of N/(g·g′), for divisors g, g′ < 2^77.
    expect(key.modulus >> 154n > 1n << 1_024n).toBe(true);
    expect(gcd(f!, step)).toBe(1n);
  });
});

function powerOf(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}

/** Enc of any integer below N, which the honest code refuses to make. */
function encryptAny(key: PublicKey, value: bigint, randomness: Randomness) {
  return encrypt(key, value as ReturnType<typeof plaintext>, randomness);
}

/** The challenge that a multiplier belongs to: its non-adjacent form, read as src/seals/README.md says. */
function challengeOf(multiplier: bigint): bigint {
  let [signs, rank, size] = [0n, 0n, 0n];
  for (let [rest, place] = [multiplier, 0n]; rest !== 0n; rest >>= 1n, place++) {
    if ((rest & 1n) === 0n) continue;
    const negative = (rest & 3n) === 3n;
    if (negative) signs |= 1n << size;
    rest += negative ? 1n : -1n;
    rank += binomial(place - size, size + 1n);
    size++;
  }
  return (rank << 7n) | signs;
}

/** The multiplier with these places, all positive. */
function places(...of: readonly number[]): bigint {
  return of.reduce((sum, place) => sum + (1n << BigInt(place)), 0n);
}

function binomial(n: bigint, k: bigint): bigint {
  let value = 1n;
  for (let i = 0n; i < k; i++) value = (value * (n - i)) / (i + 1n);
  return value;
}

/** Two challenges whose multipliers have one remainder modulo a small number. */
function congruentChallenges(modulus: bigint): [bigint, bigint] {
  const seen = new Map<bigint, bigint>();
  for (let e = 1n; ; e += 0x123456789n) {
    const challenge = e & LAST;
    const remainder = multiplierOf(challenge) % modulus;
    const earlier = seen.get(remainder);
    if (earlier !== undefined) return [earlier, challenge];
    seen.set(remainder, challenge);
  }
}
