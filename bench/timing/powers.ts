import { bytesToInteger } from '../../src/crypto/integers.ts';
import { Modulus } from '../../src/crypto/modexp.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { add, decrypt, encryptOwn, withMessage } from '../../src/paillier/encryption.ts';
import {
  type Ciphertext,
  generateKey,
  type PrivateKey,
  plaintext,
  Randomness,
} from '../../src/paillier/index.ts';
import type { Subject } from './measure.ts';

const SAMPLES = 2_000;
const EXPONENT_BYTES = 192;
const MODULUS_BYTES = 384;
/** A sealed bid as most rules have it: at most this many bits. */
const BID_BITS = 64;

/** Powers with secret exponents and bases, and Paillier with secret plaintexts and keys, at 3,072 bits. */
export async function powers(): Promise<Subject[]> {
  const key = await generateKey();
  key.prepare();
  const zeros = encryptionsOfZero(key);
  return [...modexp(), ...encryption(key, zeros), drawing(key), decryption(key, zeros)];
}

function modexp(): Subject[] {
  const odd = systemRandom(MODULUS_BYTES);
  odd[0]! |= 0x80;
  odd[MODULUS_BYTES - 1]! |= 1;
  const modulus = new Modulus(bytesToInteger(odd));
  modulus.prepare();
  const base = bytesToInteger(systemRandom(MODULUS_BYTES - 1));
  const exponent = bytesToInteger(Uint8Array.from(systemRandom(EXPONENT_BYTES), topBit));
  let secret = 0n;
  const subject = (id: string, length: number, run: () => void): Subject => {
    const input = new Uint8Array(length);
    return {
      id,
      samples: SAMPLES,
      input,
      // a top bit only: of the same length as the random ones, which get it too
      fixed: Uint8Array.of(0x80, ...new Uint8Array(length - 2), 2),
      load() {
        input[0]! |= 0x80;
        secret = bytesToInteger(input);
      },
      run,
    };
  };
  return [
    subject('modexp.exponent', EXPONENT_BYTES, () => modulus.power(base, secret)),
    subject('modexp.base', MODULUS_BYTES - 8, () => modulus.power(secret, exponent)),
  ];
}

function topBit(byte: number, index: number): number {
  return index === 0 ? byte | 0x80 : byte;
}

function encryption(key: PrivateKey, zeros: () => Ciphertext): Subject[] {
  const message = bid();
  const fixedRandomness = Randomness.generate(key.publicKey, systemRandom);
  let randomness = fixedRandomness;
  let zero = zeros();
  const input = new Uint8Array(MODULUS_BYTES);
  return [
    {
      ...message,
      id: 'paillier.encrypt.message',
      load() {
        message.load();
        randomness = Randomness.generate(key.publicKey, systemRandom);
      },
      run: () => encryptOwn(key, message.value, randomness),
    },
    {
      ...message,
      id: 'paillier.encrypt.prepared',
      samples: 20_000,
      load() {
        message.load();
        zero = zeros();
      },
      run: () => withMessage(zero, message.value),
    },
    {
      id: 'paillier.encrypt.randomness',
      samples: SAMPLES,
      input,
      fixed: fixedRandomness.toBytes(),
      load() {
        input[0]! &= 0x7f; // below N, whose top bit is set
        randomness = Randomness.fromUnit(key.publicKey, bytesToInteger(input));
      },
      run: () => encryptOwn(key, plaintext(0n, 1), randomness),
    },
  ];
}

/** Drawing r: its only check is that it is coprime to N. */
function drawing(key: PrivateKey): Subject {
  const input = new Uint8Array(MODULUS_BYTES);
  return {
    id: 'paillier.randomness',
    samples: SAMPLES,
    input,
    fixed: Uint8Array.of(0x40, ...new Uint8Array(MODULUS_BYTES - 2), 1),
    load() {
      input[0] = (input[0]! & 0x7f) | 0x40; // below N, and all of one length
    },
    run: () => Randomness.generate(key.publicKey, () => input.slice()),
  };
}

function decryption(key: PrivateKey, zeros: () => Ciphertext): Subject {
  const message = bid();
  let ciphertext = zeros();
  return {
    ...message,
    id: 'paillier.decrypt.message',
    load() {
      message.load();
      ciphertext = withMessage(zeros(), message.value);
    },
    run: () => decrypt(key, ciphertext, BID_BITS),
  };
}

/** Encryptions of zero, each a product of two out of 64. */
function encryptionsOfZero(key: PrivateKey): () => Ciphertext {
  const made = Array.from({ length: 64 }, () =>
    encryptOwn(key, plaintext(0n, 1), Randomness.generate(key.publicKey, systemRandom)),
  );
  return () => {
    const [left, right] = systemRandom(2).map((byte) => byte & 63);
    return add(made[left!]!, made[right!]!);
  };
}

/** Bids as inputs: 1 against random ones of up to 64 bits. */
function bid() {
  const input = new Uint8Array(BID_BITS / 8);
  return {
    samples: SAMPLES,
    input,
    fixed: Uint8Array.of(...new Uint8Array(input.length - 1), 1),
    value: plaintext(1n, BID_BITS),
    load() {
      this.value = plaintext(bytesToInteger(input), BID_BITS);
    },
  };
}
