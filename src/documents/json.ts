import canonicalize from 'canonicalize';
import { utf8 } from '../crypto/encoding.ts';
import { InputError } from '../errors.ts';
import { endOfString, faultIn } from './json-fault.ts';

export { decodeBase64url, encodeBase64url } from '../crypto/encoding.ts';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** Longest JSON text that is read, in UTF-16 code units: room for the terms or the utilities of a very large menu. */
export const MAX_JSON_LENGTH = 1 << 25;
/** The deepest nesting of arrays and objects that is read. Parley's own documents have less than ten levels. */
export const MAX_DEPTH = 64;

/**
 * The strict reader of every JSON document that comes from a file or from the other side. `source` is the document's bytes (see
 * `decodeText`) or its text, `what` names it in errors ("the terms file"), `limit` is the longest text. Refuses what is not
 * RFC 8259 JSON, and what `JSON.parse` lets through: a key that stands twice in one object, in whatever escaped form; the key
 * `__proto__`; nesting deeper than `MAX_DEPTH`; half of a surrogate pair; and a number that a double cannot hold, be it too large,
 * too close to 0, or a whole number that would be rounded.
 * Throws InputError `ERR_JSON`. The text may be a mandate, so the message quotes nothing but a key.
 */
export function parseJson(source: Uint8Array | string, what: string, limit = MAX_JSON_LENGTH): unknown {
  if (source.length > (typeof source === 'string' ? limit : 3 * limit)) throw refused(`${what} is too long`);
  const text = typeof source === 'string' ? source.replace(/^\uFEFF/, '') : decodeText(source, what);
  if (text.length > limit) throw refused(`${what} is too long`);
  if (isTooDeep(text)) throw refused(`${what} is nested deeper than ${MAX_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused(`${what} is not valid JSON`);
  }
  const fault = faultIn(text);
  if (fault !== undefined) throw refused(`${what} has ${fault}`);
  return value;
}

/**
 * The text of a file: UTF-8, with or without a byte-order mark, or UTF-16 with one, as PowerShell's `>` writes it. Throws
 * InputError `ERR_JSON` for any other encoding that can be recognised, and for bytes that are not valid in their encoding.
 */
export function decodeText(bytes: Uint8Array, what: string): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  if (encoding === 'utf-8' && second !== undefined && (first === 0) !== (second === 0)) {
    throw refused(`${what} seems to be UTF-16 without a byte-order mark`, SAVE_AS_UTF8);
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const name = encoding === 'utf-8' ? 'UTF-8' : 'UTF-16';
    throw refused(`${what} is not text in ${name}: it may be in Latin-1 or damaged`, SAVE_AS_UTF8);
  }
}

/**
 * RFC 8785 form of a JSON value, as text; members that are undefined are left out. Throws InputError `ERR_JSON` for a value without such a form:
 * numbers that are not finite, halves of surrogate pairs, values nested deeper than `MAX_DEPTH` or in themselves, and values that are not JSON.
 */
export function canonicalText(value: unknown): string {
  if (!isJson(value, 0)) throw refused('the value cannot be written as JSON', 'give plain JSON data');
  return canonicalize(value)!;
}

/** RFC 8785 form of a JSON value, in UTF-8. Throws what `canonicalText` throws. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalText(value));
}

const SAVE_AS_UTF8 = 'save it again as UTF-8';
const LONE_SURROGATE = /\p{Surrogate}/u;
const QUOTE = 0x22;

/** Whether brackets nest too deep, by a scan that needs no stack. The answer means nothing for a text that is not JSON. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place);
    if (unit === QUOTE) place = endOfString(text, place);
    else if (unit === 0x5b || unit === 0x7b) depth += 1;
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function isJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !LONE_SURROGATE.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (typeof value !== 'object' || depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const element of value) if (!isJson(element, depth + 1)) return false; // holes too, which are undefined
    return true;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return false;
  for (const key of Object.keys(value)) {
    const member = (value as { readonly [key: string]: unknown })[key];
    if (member !== undefined && (LONE_SURROGATE.test(key) || !isJson(member, depth + 1))) return false;
  }
  return true;
}

function refused(message: string, hint?: string): InputError {
  return new InputError('ERR_JSON', message, hint === undefined ? {} : { hint });
}
