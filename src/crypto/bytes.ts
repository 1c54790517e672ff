import { platform } from '#platform';

/** Whether two byte strings are equal, in time that depends on their lengths only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && platform.equalBytes(left, right);
}

/** One array holding the parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The XOR of two byte strings of one length. */
export function xorBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  const sum = new Uint8Array(left.length);
  for (let i = 0; i < sum.length; i += 1) sum[i] = left[i]! ^ right[i]!;
  return sum;
}
