/** Gains are integers 0 to 65,535. */
export const MOST_GAIN = 0xffff;
/** Fractional bits of a logarithm. */
const SCALE = 34;

/** Bits of the lower part of an encoded logarithm. */
export const LOW_BITS = 20;

let logarithms: Float64Array | undefined;
let encoded: EncodedLogs | undefined;

/** Logarithms as they enter a circuit, by gain: the lower 20 bits, and the 19 above. */
export interface EncodedLogs {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/**
 * f(n) for 1 ≤ n ≤ 65,535 (README.md, The logarithm table): completely additive, f(p) = round(2^34 · log₂ p) for primes, so
 * f(a) + f(b) orders all products a · b as they are ordered, with exact ties. All values are integers below 2^38.
 */
export function logTable(): Float64Array {
  logarithms ??= makeTable();
  return logarithms;
}

/** The logarithms as they enter a circuit, 39 bits: 0 for no gain, else f(gain) + 2^38. */
export function encodedLogs(): EncodedLogs {
  encoded ??= encode(logTable());
  return encoded;
}

/** An encoded logarithm as one number, for twins: not for what is secret. */
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

/** round(2^34 · log₂ n), the same on every platform: near a half, where Math.log2 could tip either way, it is computed exactly. */
function roundedLog(n: number): number {
  const scaled = 2 ** SCALE * Math.log2(n);
  const fraction = scaled - Math.floor(scaled);
  return Math.abs(fraction - 0.5) > 2 ** -10 ? Math.round(scaled) : Number(exactRoundedLog(BigInt(n)));
}

/** floor(2^34 · log₂ n + ½) by repeated squaring, each square rounded down to `digits` fractional bits. */
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
