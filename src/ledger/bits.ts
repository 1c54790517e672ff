/** Bits by which a sum of logarithms may be off. */
const ROUNDING = 1e-6;

/** Whether so many bits more stay within a limit. */
export function fits(bits: number, counted: number, limit: number): boolean {
  return counted + bits <= limit + ROUNDING;
}
