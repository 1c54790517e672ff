import canonicalize from 'canonicalize';
import { utf8 } from '../crypto/encoding.ts';
import { InputError } from '../errors.ts';
import { duplicateKey } from './duplicate-key.ts';

export { decodeBase64url, encodeBase64url } from '../crypto/encoding.ts';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** Longest JSON text that is read, in UTF-16 code units: room for the terms or the utilities of a very large menu. */
export const MAX_JSON_LENGTH = 1 << 25;

/**
 * Parses JSON strictly (RFC 8259) and refuses what `JSON.parse` lets through: a key that stands twice in one object, in
 * whatever escaped form, and a text longer than `limit`. `what` names the source in errors ("the terms file").
 * Throws InputError `ERR_JSON`; the message never quotes the text, which may be a mandate.
 */
export function parseJson(text: string, what: string, limit = MAX_JSON_LENGTH): unknown {
  if (text.length > limit) throw refused(`${what} is too long`);
  try {
    const value: unknown = JSON.parse(text);
    const twice = duplicateKey(text);
    if (twice !== undefined)
      throw refused(`${what} has the key ${JSON.stringify(twice)} twice in one object`);
    return value;
  } catch (error) {
    if (error instanceof InputError) throw error;
    // A SyntaxError, or the RangeError of a text that is nested too deep.
    throw refused(`${what} is not valid JSON`);
  }
}

/** RFC 8785 form of a JSON value, as text. Throws for what JSON cannot hold. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** RFC 8785 form of a JSON value, in UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalText(value));
}

function refused(message: string): InputError {
  return new InputError('ERR_JSON', message);
}
