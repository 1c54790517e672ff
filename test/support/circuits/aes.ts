import { type Bit, CircuitBuilder, type Word } from '../../../src/circuit/builder.ts';
import type { Circuit } from '../../../src/circuit/circuit.ts';
import { xorWords } from '../../../src/circuit/gadgets/word.ts';
import { sBox } from './aes-sbox.ts';

/**
 * AES-128 encryption (FIPS 197): input groups key and plaintext, output ciphertext, 128 bits each, byte after byte, the
 * lowest bit of a byte first. 6,400 ANDs: 200 S-boxes of 32.
 */
export function aes128Circuit(): Circuit {
  const c = new CircuitBuilder();
  let roundKey = bytesOf(c.input(128));
  let state = bytesOf(c.input(128));
  let roundConstant = 1;
  state = addRoundKey(c, state, roundKey);
  for (let round = 1; round <= 10; round++) {
    state = shiftRows(state.map((byte) => sBox(c, byte)));
    if (round < 10) state = mixColumns(c, state);
    roundKey = nextRoundKey(c, roundKey, roundConstant);
    roundConstant = (roundConstant << 1) ^ (roundConstant & 0x80 ? 0x11b : 0);
    state = addRoundKey(c, state, roundKey);
  }
  c.output(state.flat());
  return c.build();
}

function bytesOf(word: Word): Word[] {
  return Array.from({ length: word.length / 8 }, (_, i) => word.slice(8 * i, 8 * i + 8));
}

function addRoundKey(c: CircuitBuilder, state: Word[], key: Word[]): Word[] {
  return state.map((byte, i) => xorWords(c, byte, key[i]!));
}

/** Byte r + 4c of the state is row r, column c; row r moves left by r. */
function shiftRows(state: Word[]): Word[] {
  return state.map((_, i) => state[(i + 4 * (i % 4)) % 16]!);
}

function double(c: CircuitBuilder, byte: Word): Word {
  const high = byte[7]!;
  return byte.map((_, i): Bit => {
    const below = i === 0 ? high : byte[i - 1]!;
    return i === 1 || i === 3 || i === 4 ? c.xor(below, high) : below;
  });
}

function mixColumns(c: CircuitBuilder, state: Word[]): Word[] {
  return state.map((byte, i) => {
    const column = i - (i % 4);
    const other = (distance: number): Word => state[column + ((i + distance) % 4)]!;
    const doubled = double(c, xorWords(c, byte, other(1)));
    return [other(1), other(2), other(3)].reduce((sum, each) => xorWords(c, sum, each), doubled);
  });
}

function nextRoundKey(c: CircuitBuilder, key: Word[], roundConstant: number): Word[] {
  const next: Word[] = [];
  for (let i = 0; i < 16; i++) {
    let word: Word = i < 4 ? sBox(c, key[12 + ((i + 1) % 4)]!) : next[i - 4]!;
    if (i === 0) word = xorWords(c, word, c.constant(BigInt(roundConstant), 8));
    next.push(xorWords(c, key[i]!, word));
  }
  return next;
}
