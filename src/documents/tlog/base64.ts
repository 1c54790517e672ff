import { decodeBase64url, encodeBase64url } from '../json.ts';

/** RFC 4648, section 4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(4 * Math.ceil(text.length / 4), '=');
}

/** The bytes of a base64 text; undefined unless it is exactly what those bytes encode to. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = decodeBase64url(
    text
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  );
  return bytes !== undefined && encodeBase64(bytes) === text ? bytes : undefined;
}
