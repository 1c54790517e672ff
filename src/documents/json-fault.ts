import { quoted } from './text.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LONE_SURROGATE = /\p{Surrogate}/u;
const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * The fault in a text that `JSON.parse` has accepted: a key that appears twice in one object, in whatever escaped form; the key
 * `__proto__`, which turns a member into the prototype of a copy or is silently dropped; half of a surrogate pair; a number that cannot be
 * read exactly. Undefined if there is none.
 */
export function faultIn(text: string): string | undefined {
  /** The keys seen in each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let beforeKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        beforeKey = text[at] === '{';
        open.push(beforeKey ? new Set() : undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        beforeKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        const fault = faultOfString(text.slice(at, end + 1), beforeKey ? open.at(-1) : undefined);
        if (fault !== undefined) return fault;
        beforeKey = false;
        at = end;
        break;
      }
      default: {
        NUMBER.lastIndex = at;
        const literal = NUMBER.exec(text)?.[0];
        if (literal === undefined) break;
        if (!isExact(literal)) return 'a number that cannot be read exactly';
        at += literal.length - 1;
      }
    }
  }
  return undefined;
}

/** The end of the string that begins at a quotation mark: the next unescaped quotation mark, or the end of a text that is cut short. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

/** `keys` holds the earlier keys of its object, if the string is a key. */
function faultOfString(literal: string, keys: Set<string> | undefined): string | undefined {
  const value = JSON.parse(literal) as string;
  if (LONE_SURROGATE.test(value)) return 'half of a surrogate pair in a string';
  if (keys === undefined) return undefined;
  if (keys.has(value)) return `the key ${quoted(value)} twice in one object`;
  if (value === '__proto__') return 'the key "__proto__"';
  keys.add(value);
  return undefined;
}

/** Whether a double holds the number as it was written: finite, 0 only for 0, and whole numbers equal when written back. */
function isExact(literal: string): boolean {
  const value = Number(literal);
  if (value === 0) return !/^[^eE]*[1-9]/.test(literal);
  return Number.isFinite(value) && (!/^-?\d+$/.test(literal) || String(value) === literal);
}
