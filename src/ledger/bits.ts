/** Tolerance, in bits, for rounding errors in a sum of logarithms. */
const ROUNDING = 1e-6;

/** Whether `bits` more, on top of those counted, stay within the limit. */
export function fits(bits: number, counted: number, limit: number): boolean {
  return counted + bits <= limit + ROUNDING;
}
