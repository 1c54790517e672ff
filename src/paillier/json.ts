export { decodeBase64url, encodeBase64url } from '../crypto/encoding.ts';

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
