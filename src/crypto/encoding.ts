import { decode, encode } from 'jose/base64url';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** The ASCII codes of the hexadecimal digits. */
const DIGITS = encoder.encode('0123456789abcdef');

/** Characters from which the platform's encoder is faster. */
const LONG = 64;

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  if (text.length >= LONG) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encoder.encode(text);
    bytes[i] = code;
  }
  return bytes;
}

/** Two lower-case digits per byte. */
export function toHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    digits[2 * i] = DIGITS[bytes[i]! >> 4]!;
    digits[2 * i + 1] = DIGITS[bytes[i]! & 15]!;
  }
  const text = decoder.decode(digits);
  digits.fill(0);
  return text;
}

/** The bytes of an even number of lower-case digits, which the caller has checked. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitAt(text, 2 * i) << 4) | digitAt(text, 2 * i + 1);
  }
  return bytes;
}

/** The value of a digit, without a branch on it: codes of a to f have bit 6, those of 0 to 9 have not. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return (code & 15) + 9 * (code >> 6);
}

/** RFC 4648 section 5, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return encode(bytes);
}

/** The bytes of a base64url string; undefined unless it is exactly what those bytes encode to (RFC 4648, section 5, no padding). */
export function decodeBase64url(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const bytes = decode(text);
    return encode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
