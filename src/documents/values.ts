import { MAX_DEPTH } from './json.ts';
import { isPlainText, memberText } from './text.ts';

/**
 * The path of the first thing in a JSON value that no document may hold: a string or key that is not plain text, the key `__proto__`, a number
 * that is not a safe integer, or nesting deeper than `MAX_DEPTH`. Undefined if there is none.
 */
export function firstUnsafe(value: unknown): string | undefined {
  return find(value, (key) => key === '__proto__' || !isPlainText(key), isUnsafe);
}

/** The path of the first string for which `isUnfit` is true, or of the object with the first such key; undefined if there is none. */
export function firstString(value: unknown, isUnfit: (text: string) => boolean): string | undefined {
  return find(value, isUnfit, (leaf) => typeof leaf === 'string' && isUnfit(leaf));
}

function isUnsafe(leaf: unknown): boolean {
  if (typeof leaf === 'string') return !isPlainText(leaf);
  if (typeof leaf === 'number') return !Number.isSafeInteger(leaf) || Object.is(leaf, -0);
  return typeof leaf === 'object' && leaf !== null;
}

/** Values deeper than `MAX_DEPTH` count as leaves. */
function find(
  value: unknown,
  isUnfitKey: (key: string) => boolean,
  isUnfitLeaf: (leaf: unknown) => boolean,
  path = '',
  depth = 0,
): string | undefined {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) {
    return isUnfitLeaf(value) ? path : undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    if (isUnfitKey(key)) return path;
    const inside = path === '' ? memberText(key) : `${path}.${memberText(key)}`;
    const found = find(member, isUnfitKey, isUnfitLeaf, inside, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
