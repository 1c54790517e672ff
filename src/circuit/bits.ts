/** One bit per byte (0 or 1), least significant bit of a number first. */
export type Bits = Uint8Array;

/** The `width` bits of `value`, lowest first. Throws RangeError unless 0 ≤ value < 2^width; the value is not in the error. */
export function bigintToBits(value: bigint, width: number): Bits {
  if (value < 0n || value >> BigInt(width) !== 0n) throw new RangeError(`not a ${width}-bit number`);
  const bytes = new DataView(new ArrayBuffer(8 * Math.ceil(width / 64)));
  // one more bit on top makes all values equally long: the time of BigInt depends on length
  let rest = value | (1n << BigInt(64 * Math.ceil(width / 64)));
  for (let at = 0; at < bytes.byteLength; at += 8) {
    bytes.setBigUint64(at, rest, true);
    rest >>= 64n;
  }
  const packed = new Uint8Array(bytes.buffer);
  const bits = unpackBits(packed, width);
  packed.fill(0);
  return bits;
}

/** The number whose bits, lowest first, are `bits`. */
export function bitsToBigint(bits: Bits): bigint {
  let value = 0n;
  for (let start = Math.floor(Math.max(bits.length - 1, 0) / 32) * 32; start >= 0; start -= 32) {
    let word = 0;
    for (let i = Math.min(bits.length, start + 32) - 1; i >= start; i--) word = word * 2 + bits[i]!;
    value = (value << 32n) | BigInt(word);
  }
  return value;
}

/** Number of bits needed for `value` ≥ 0: the smallest width with value < 2^width (0 for zero). */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Bits to bytes, eight to a byte, lowest bit of a byte first; the last byte is padded with zeros. */
export function packBits(bits: Bits): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) bytes[i >> 3]! |= bits[i]! << (i & 7);
  return bytes;
}

/** The first `width` bits of `bytes`, lowest bit of a byte first. Throws RangeError if there are fewer. */
export function unpackBits(bytes: Uint8Array, width: number = bytes.length * 8): Bits {
  if (width > bytes.length * 8) throw new RangeError(`fewer than ${width} bits`);
  const bits = new Uint8Array(width);
  for (let i = 0; i < width; i++) bits[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  return bits;
}
