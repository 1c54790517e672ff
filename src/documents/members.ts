import * as z from 'zod';
import { countMembers } from './collections.ts';
import { parsePublicJwk } from './identity.ts';
import { decodeBase64url } from './json.ts';
import type { PublicJwk } from './terms.ts';
import { isPlainText } from './text.ts';
import { isTime } from './time.ts';

/** The most letters in the name of a role. */
const ROLE = 40;

/** Bytes in base64url, of one of these lengths. */
export function bytesOf(shortest: number, longest = shortest): z.ZodType<string> {
  return z.string().refine((text) => {
    const length = decodeBase64url(text)?.length;
    return length !== undefined && length >= shortest && length <= longest;
  });
}

/** A UTC time in whole seconds, as terms write one. */
export const timeMember: z.ZodType<string> = z.string().refine(isTime);

/** The name of a role. */
export const roleMember: z.ZodType<string> = z
  .string()
  .min(1)
  .max(ROLE)
  .refine((text) => isPlainText(text) && text !== '__proto__');

/** A member for each of two roles. It looks at none of more. */
export function byRole<Value>(value: z.ZodType<Value>): z.ZodType<Record<string, Value>> {
  const two = z.custom<Record<string, unknown>>((members) => countMembers(members) === 2);
  return two.pipe(z.record(roleMember, value));
}

/** A public key, decoded strictly. Needs `loadSodium`. */
export const keyMember: z.ZodType<PublicJwk> = z.custom<PublicJwk>((value) => {
  try {
    parsePublicJwk(value);
    return true;
  } catch {
    return false;
  }
});
