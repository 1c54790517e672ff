import fc from 'fast-check';
import { PrivateKey as PeerPrivateKey, PublicKey as PeerPublicKey } from 'paillier-bigint';
import { describe, expect, it } from 'vitest';
import { integerToBytes, modInverse } from '../../src/crypto/integers.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  add,
  Ciphertext,
  combineRandomness,
  decrypt,
  encrypt,
  encryptOwn,
  generateKey,
  multiply,
  opens,
  PrivateKey,
  PublicKey,
  plaintext,
  Randomness,
  recoverRandomness,
  rerandomise,
} from '../../src/paillier/index.ts';
import { alice, bob } from './keys.ts';

const key = alice.publicKey;
const random = seededRandom(new Uint8Array(16).fill(7));
const seal = (value: bigint, bits = 256) =>
  encryptOwn(alice, plaintext(value, bits), Randomness.generate(key, random));
const code = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
  return undefined;
};

describe('Paillier encryption', () => {
  it('is the same by the public key and by the owner, and decrypts', () => {
    for (const value of [0n, 1n, 2n ** 64n - 1n, 2n ** 256n - 1n]) {
      const randomness = Randomness.generate(key, random);
      const ciphertext = encrypt(key, plaintext(value, 256), randomness);
      expect(encryptOwn(alice, plaintext(value, 256), randomness).equals(ciphertext)).toBe(true);
      expect(decrypt(alice, ciphertext, 256)).toBe(value);
      expect(recoverRandomness(alice, ciphertext).value).toBe(randomness.value);
      expect(opens(ciphertext, plaintext(value, 256), randomness)).toBe(true);
    }
  });

  it('is (1 + N)^m·r^N mod N², as another implementation decrypts and encrypts it', () => {
    const theirs = new PeerPublicKey(key.modulus, key.modulus + 1n);
    const phi = (alice.p.prime - 1n) * (alice.q.prime - 1n);
    const theirKey = new PeerPrivateKey(phi, modInverse(phi, key.modulus), theirs);
    const randomness = Randomness.generate(key, random);
    const ours = encrypt(key, plaintext(424_242n, 64), randomness);
    expect(theirs.encrypt(424_242n, randomness.value)).toBe(ours.value);
    expect(theirKey.decrypt(ours.value)).toBe(424_242n);
  });

  it('adds, multiplies by scalars and rerandomises', () => {
    const left = seal(2n ** 255n);
    const right = seal(12_345n);
    expect(decrypt(alice, add(left, right), 256)).toBe(2n ** 255n + 12_345n);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n }),
        (scalar, value) => {
          expect(decrypt(alice, multiply(seal(value), scalar), 128)).toBe(scalar * value);
        },
      ),
      { numRuns: 5 },
    );
    expect(decrypt(alice, multiply(seal(3n), 2n ** 100n + 1n), 128)).toBe(3n * (2n ** 100n + 1n));
    const fresh = rerandomise(right, random);
    expect(fresh.value).not.toBe(right.value);
    expect(decrypt(alice, fresh, 64)).toBe(12_345n);
    expect(code(() => multiply(right, -1n))).toBe('RangeError');
  });

  it('combines randomness as it combines ciphertexts', () => {
    const [rx, rm] = [Randomness.generate(key, random), Randomness.generate(key, random)];
    const [cx, cm] = [
      encryptOwn(alice, plaintext(99n, 64), rx),
      encryptOwn(alice, plaintext(1_000n, 64), rm),
    ];
    const scalar = 2n ** 40n - 3n;
    expect(
      opens(
        add(multiply(cx, scalar), cm),
        plaintext(99n * scalar + 1_000n, 128),
        combineRandomness(rx, scalar, rm),
      ),
    ).toBe(true);
    expect(code(() => combineRandomness(rx, 2n ** 80n, rm))).toBe('RangeError');
  });

  it('refuses plaintexts out of the stated bound, when encrypting and when decrypting', () => {
    expect(code(() => plaintext(-1n, 64))).toBe('ERR_PLAINTEXT_INVALID');
    expect(code(() => plaintext(2n ** 64n, 64))).toBe('ERR_PLAINTEXT_INVALID');
    expect(plaintext(2n ** 64n - 1n, 64)).toBe(2n ** 64n - 1n);
    expect(code(() => plaintext(0n, 0))).toBe('RangeError');
    expect(code(() => plaintext(0n, 1_537))).toBe('RangeError');
    expect(code(() => decrypt(alice, seal(2n ** 64n), 64))).toBe('ERR_PLAINTEXT_INVALID');
    const negative = Ciphertext.from(key, 1n + (key.modulus - 1n) * key.modulus);
    expect(code(() => decrypt(alice, negative, 256))).toBe('ERR_PLAINTEXT_INVALID');
  });

  it('refuses ciphertexts and randomness out of range or not coprime to N', () => {
    const { modulus, modulusSquared } = key;
    const { prime } = alice.p;
    const bad = [0n, -1n, modulusSquared, modulusSquared + 1n, modulus, prime, prime * 2n, modulus * 5n];
    for (const value of bad) expect(code(() => Ciphertext.from(key, value))).toBe('ERR_CIPHERTEXT_INVALID');
    for (const value of [0n, -1n, modulus, modulus + 1n, prime, 3n * prime]) {
      expect(code(() => Randomness.from(key, value))).toBe('ERR_RANDOMNESS_INVALID');
    }
    expect(Ciphertext.from(key, 1n).value).toBe(1n);
    expect(Ciphertext.from(key, modulusSquared - 1n).value).toBe(modulusSquared - 1n);
    expect(Randomness.from(key, modulus - 1n).value).toBe(modulus - 1n);
  });

  it('refuses to mix keys', () => {
    const foreign = Randomness.generate(bob.publicKey, random);
    expect(code(() => encrypt(key, plaintext(1n, 1), foreign))).toBe('ERR_SEAL_KEY_INVALID');
    expect(code(() => encryptOwn(alice, plaintext(1n, 1), foreign))).toBe('ERR_SEAL_KEY_INVALID');
    expect(code(() => decrypt(bob, seal(1n), 64))).toBe('ERR_SEAL_KEY_INVALID');
    expect(code(() => recoverRandomness(bob, seal(1n)))).toBe('ERR_SEAL_KEY_INVALID');
    const theirs = encrypt(bob.publicKey, plaintext(1n, 1), foreign);
    expect(code(() => add(seal(1n), theirs))).toBe('ERR_SEAL_KEY_INVALID');
  });

  it('serialises at fixed lengths', () => {
    const ciphertext = seal(5n);
    expect(ciphertext.toBytes().length).toBe(768);
    expect(Ciphertext.fromBytes(key, ciphertext.toBytes()).equals(ciphertext)).toBe(true);
    expect(code(() => Ciphertext.fromBytes(key, ciphertext.toBytes().subarray(1)))).toBe(
      'ERR_CIPHERTEXT_INVALID',
    );
    const zero = new Uint8Array(768);
    expect(code(() => Ciphertext.fromBytes(key, zero))).toBe('ERR_CIPHERTEXT_INVALID');
    const randomness = Randomness.generate(key, random);
    expect(randomness.toBytes().length).toBe(384);
    expect(Randomness.fromBytes(key, randomness.toBytes()).value).toBe(randomness.value);
    expect(code(() => Randomness.fromBytes(key, new Uint8Array(383)))).toBe('ERR_RANDOMNESS_INVALID');
  });
});

describe('Paillier keys', () => {
  it('are made with two distinct primes of equal length', async () => {
    const made = await generateKey();
    expect(made.publicKey.bits).toBe(3_072);
    expect(made.p.prime * made.q.prime).toBe(made.publicKey.modulus);
    expect(made.p.prime.toString(2).length).toBe(1_536);
    expect(made.q.prime.toString(2).length).toBe(1_536);
    const ciphertext = encrypt(made.publicKey, plaintext(7n, 8), Randomness.generate(made.publicKey, random));
    expect(decrypt(made, ciphertext, 8)).toBe(7n);
    await expect(generateKey(2_048)).rejects.toMatchObject({ code: 'ERR_SEAL_KEY_INVALID' });
    await expect(generateKey(3_100)).rejects.toMatchObject({ code: 'ERR_SEAL_KEY_INVALID' });
  });

  it('come back from JSON, and only from its canonical form', () => {
    const json = JSON.parse(JSON.stringify(key)) as Record<string, string>;
    expect(Object.keys(json)).toEqual(['kty', 'n']);
    expect(PublicKey.fromJSON(json).equals(key)).toBe(true);
    const bytes = key.toBytes();
    for (const bad of [
      null,
      'text',
      { ...json, extra: 1 },
      { kty: 'RSA', n: json.n },
      { kty: 'Paillier' },
      { kty: 'Paillier', n: 5 },
      { kty: 'Paillier', n: `${json.n}=` },
      { kty: 'Paillier', n: ` ${json.n}` },
      { kty: 'Paillier', n: Buffer.from([0, ...bytes]).toString('base64url') },
      { kty: 'Paillier', n: Buffer.from(integerToBytes(key.modulus - 1n, 384)).toString('base64url') },
      { kty: 'Paillier', n: Buffer.from(bytes.subarray(0, 256)).toString('base64url') },
      { kty: 'Paillier', n: Buffer.alloc(384).toString('base64url') },
      { kty: 'Paillier', n: Buffer.alloc(520, 0xff).toString('base64url') },
    ]) {
      expect(code(() => PublicKey.fromJSON(bad))).toBe('ERR_SEAL_KEY_INVALID');
    }
  });

  it('stay private, and are checked when they are read', () => {
    expect(() => JSON.stringify({ alice })).toThrow(TypeError);
    const json = alice.exportJson();
    expect(PrivateKey.importJson(json).publicKey.equals(key)).toBe(true);
    const encode = (value: bigint) => Buffer.from(integerToBytes(value, 192)).toString('base64url');
    const { prime: p } = alice.p;
    const { prime: q } = alice.q;
    for (const bad of [
      { ...json, q: json.p },
      { ...json, extra: '' },
      { kty: json.kty, n: json.n },
      { ...json, n: bob.publicKey.toJSON().n },
      { ...json, p: `${json.p}A` },
      { ...json, p: Buffer.from([1]).toString('base64url') },
    ]) {
      expect(code(() => PrivateKey.importJson(bad))).toBe('ERR_SEAL_KEY_INVALID');
    }
    const composite = p + 2n;
    const damaged = {
      kty: 'Paillier',
      n: Buffer.from(integerToBytes(composite * q, 384)).toString('base64url'),
      p: encode(composite),
      q: encode(q),
    };
    expect(code(() => PrivateKey.importJson(damaged))).toBe('ERR_SEAL_KEY_INVALID');
  });

  it('have primes of equal length, far apart, and N coprime to φ(N)', () => {
    const { prime: p } = alice.p;
    expect(code(() => new PrivateKey(p, p))).toBe('ERR_SEAL_KEY_INVALID');
    expect(code(() => new PrivateKey(p, p + 2n))).toBe('ERR_SEAL_KEY_INVALID');
    expect(code(() => new PrivateKey(p, 2n * p + 1n))).toBe('ERR_SEAL_KEY_INVALID');
    // Not a prime, but it makes 3 a common divisor of N and φ(N).
    const multipleOfThree = 3n * (2n ** 1_534n + 1n);
    const prime = [alice.p, alice.q, bob.p, bob.q]
      .map((part) => part.prime)
      .find((value) => value % 3n === 1n)!;
    expect(code(() => new PrivateKey(prime, multipleOfThree))).toBe('ERR_SEAL_KEY_INVALID');
  });
});
