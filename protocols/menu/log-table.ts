/** The largest gain. Gains are integers, and the smallest is 0. */
export const MOST_GAIN = 0xffff;
/** Fractional bits of a logarithm. */
const SCALE = 34;

/** Bits of the lower part of an encoded logarithm. */
export const LOW_BITS = 20;

let logarithms: Float64Array | undefined;
let encoded: EncodedLogs | undefined;

/** The logarithm of every gain as it enters a circuit, in two parts: its lower 20 bits and its upper 19. */
export interface EncodedLogs {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/**
 * f(n) for 1 ≤ n ≤ 65,535 (README.md, The logarithm table). For a prime p, f(p) = round(2^34 · log₂ p); for all a and b, f(ab) = f(a) + f(b). Of two products,
 * the larger one has the larger sum f(a) + f(b), and equal products have equal sums. All values are integers below 2^38.
 */
export function logTable(): Float64Array {
  logarithms ??= makeTable();
  return logarithms;
}

/** The logarithm of every gain as it enters a circuit, in 39 bits: f(gain) + 2^38, or 0 for a gain of 0. */
export function encodedLogs(): EncodedLogs {
  encoded ??= encode(logTable());
  return encoded;
}

/** The encoded logarithm of a gain as one number. It is for plaintext twins, and takes no care to hide the gain. */
export function encodedLog(gain: number): number {
  const { low, high } = encodedLogs();
  return high[gain]! * 2 ** LOW_BITS + low[gain]!;
}

function encode(table: Float64Array): EncodedLogs {
  const whole = table.map((log, gain) => (gain === 0 ? 0 : log + 2 ** 38));
  return {
    low: Uint32Array.from(whole, (log) => log % 2 ** LOW_BITS),
    high: Uint32Array.from(whole, (log) => Math.floor(log / 2 ** LOW_BITS)),
  };
}

function makeTable(): Float64Array {
  const table = new Float64Array(MOST_GAIN + 1);
  const leastFactor = new Uint32Array(MOST_GAIN + 1);
  for (let n = 2; n <= MOST_GAIN; n++) {
    if (leastFactor[n] !== 0) {
      table[n] = table[leastFactor[n]!]! + table[n / leastFactor[n]!]!;
      continue;
    }
    table[n] = roundedLog(n);
    for (let multiple = n; multiple <= MOST_GAIN; multiple += n) {
      if (leastFactor[multiple] === 0) leastFactor[multiple] = n;
    }
  }
  return table;
}

/** round(2^34 · log₂ n), the same on every platform. Where the fraction is so close to ½ that an error of Math.log2 could change the result, it is computed exactly. */
function roundedLog(n: number): number {
  const scaled = 2 ** SCALE * Math.log2(n);
  const fraction = scaled - Math.floor(scaled);
  return Math.abs(fraction - 0.5) > 2 ** -10 ? Math.round(scaled) : Number(exactRoundedLog(BigInt(n)));
}

/** floor(2^34 · log₂ n + ½), computed by repeated squaring. Each square is rounded down to `digits` fractional bits. */
export function exactRoundedLog(n: bigint, digits = 128n): bigint {
  let exponent = BigInt(n.toString(2).length - 1);
  let mantissa = (n << digits) >> exponent; // in [1, 2)
  for (let i = 0; i <= SCALE; i++) {
    mantissa = (mantissa * mantissa) >> digits;
    exponent *= 2n;
    if (mantissa >> (digits + 1n) > 0n) {
      mantissa >>= 1n;
      exponent += 1n;
    }
  }
  return (exponent + 1n) >> 1n;
}
