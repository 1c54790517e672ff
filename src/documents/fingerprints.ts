import * as z from 'zod';
import { exactMembers } from '../paillier/json.ts';
import { listOf, recordOf } from './collections.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';

/**
 * Both parties' fingerprints of what they entered, where an entry is more than the sealed number: 16 bytes by role, and the keys under which the
 * fingerprints were made, 16 bytes each, in order. See src/garbling/authenticated/README.md, step 12.
 */
export interface Fingerprints {
  readonly keys: readonly Uint8Array[];
  readonly values: Readonly<Record<string, Uint8Array>>;
}

export interface FingerprintsJson {
  readonly keys: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

const LENGTH = 16;
const element = z.string().refine((text) => decodeBase64url(text)?.length === LENGTH);

export const fingerprintsSchema: z.ZodType<FingerprintsJson> = z.strictObject({
  keys: listOf(element),
  values: recordOf(element),
});

/** The fingerprints of some roles, in the form of documents. */
export function fingerprintsAsJson(
  { keys, values }: Fingerprints,
  roles: readonly string[],
): FingerprintsJson {
  return {
    keys: keys.map(encodeBase64url),
    values: Object.fromEntries(roles.map((role) => [role, encodeBase64url(values[role]!)])),
  };
}

/** Reads fingerprints that the schema has accepted. Undefined unless there are `parts` keys, and a value for exactly these roles. */
export function readFingerprints(
  json: FingerprintsJson,
  parts: number,
  roles: readonly string[],
): Fingerprints | undefined {
  if (json.keys.length !== parts || exactMembers(json.values, ...roles) === undefined) return undefined;
  return {
    keys: json.keys.map((key) => decodeBase64url(key)!),
    values: Object.fromEntries(roles.map((role) => [role, decodeBase64url(json.values[role])!])),
  };
}
