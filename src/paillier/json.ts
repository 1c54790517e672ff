/** The value as a record if it is an object with exactly these members, whatever they hold; else undefined. */
export function exactMembers<Name extends string>(
  value: unknown,
  ...names: readonly Name[]
): Readonly<Record<Name, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = Object.keys(value);
  const exact = found.length === names.length && names.every((name) => Object.hasOwn(value, name));
  return exact ? (value as Record<Name, unknown>) : undefined;
}

/** Bytes from base64url without padding; undefined unless it is a string that re-encodes to itself. */
export function decodeBase64url(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? new Uint8Array(bytes) : undefined;
}

/** Base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
