/**
 * Scalars as signed digits to base 2^width, −2^(width − 1) … 2^(width − 1) − 1, least significant first. Takes the same time for every scalar.
 */

/** Bytes of a scalar's digits, one each. The two lanes' digits follow each other. */
export const DIGITS: usize = 64;

/** Scalars are below 2^253. */
const BITS: u32 = 253;

/** Writes the digits of the two scalars of 32 bytes at `scalars`; `width` at most 8. */
export function recode(digits: usize, scalars: usize, width: u32): void {
  recodeLane(digits, scalars, width);
  recodeLane(digits + DIGITS, scalars + 32, width);
}

function recodeLane(digits: usize, scalar: usize, width: u32): void {
  const mask: u32 = (1 << width) - 1;
  const half: u32 = 1 << (width - 1);
  let carry: u32 = 0;
  for (let bit: u32 = 0; bit < BITS; bit += width) {
    // no bit that counts lies in the byte behind the scalar
    const digit = ((<u32>load<u16>(scalar + (bit >> 3)) >> (bit & 7)) & mask) + carry;
    carry = (digit + half) >> width;
    store<i8>(digits, <i8>(digit - (carry << width)));
    digits += 1;
  }
}
