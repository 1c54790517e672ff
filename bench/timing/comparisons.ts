import { bigintToBits } from '../../src/circuit/bits.ts';
import { equalBytes } from '../../src/crypto/bytes.ts';
import { bytesToInteger, integerToBytes, modulo, randomBelow } from '../../src/crypto/integers.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { addHashOf, HASH_LENGTH } from '../../src/crypto/polynomial-hash.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { Subject } from './measure.ts';

const INTEGER_BYTES = 384;

/** Comparisons and hashes of secret bytes, and the conversions of integers between bytes, bits and BigInts. */
export function comparisons(): Subject[] {
  return [...bytes(), ...integers()];
}

function bytes(): Subject[] {
  const length = 1_024;
  const input = new Uint8Array(length);
  const expected = systemRandom(length);
  const kernel = new Kernel();
  const key = systemRandom(HASH_LENGTH);
  const sum = new Uint8Array(HASH_LENGTH);
  return [
    { id: 'equalBytes', samples: 40_000, input, fixed: expected, run: () => equalBytes(input, expected) },
    {
      id: 'polynomialHash',
      samples: 20_000,
      input,
      fixed: new Uint8Array(length),
      run: () => addHashOf(kernel, sum, key, input),
    },
  ];
}

/** Full-length integers with one or two bits set, and 0 where lengths may differ, compared with random ones. */
function integers(): Subject[] {
  const input = new Uint8Array(INTEGER_BYTES);
  const sparse = Uint8Array.of(0x80, ...new Uint8Array(INTEGER_BYTES - 2), 1);
  const modulus = bytesToInteger(Uint8Array.of(0x80, ...systemRandom(INTEGER_BYTES / 2 - 1)));
  let value = 0n;
  const full = (id: string, run: () => void): Subject => ({
    id: `integers.${id}`,
    samples: 20_000,
    input,
    fixed: sparse,
    load() {
      input[0]! |= 0x80;
      value = bytesToInteger(input);
    },
    run,
  });
  const word = new Uint8Array(8);
  const short = (id: string, fixed: number, run: () => void): Subject => ({
    id: `integers.${id}`,
    samples: 40_000,
    input: word,
    fixed: Uint8Array.of(...new Uint8Array(7), fixed),
    load() {
      value = bytesToInteger(word);
    },
    run,
  });
  return [
    full('bytesToInteger', () => bytesToInteger(input)),
    full('integerToBytes', () => integerToBytes(value, INTEGER_BYTES)),
    full('modulo', () => modulo(value, modulus)),
    full('multiply', () => value * modulus),
    full('randomBelow', () => randomBelow(() => input.slice(), 1n << BigInt(8 * INTEGER_BYTES))),
    short('bigintToBits.one', 1, () => bigintToBits(value, 64)),
    short('bigintToBits.zero', 0, () => bigintToBits(value, 64)),
  ];
}
