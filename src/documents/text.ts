/** Most code points in a string that the other side chose. */
export const MAX_TEXT_LENGTH = 200;

/** Control characters (escape included), lone surrogates, unassigned code points, line separators, bidirectional controls, byte-order marks, annotations and tags. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E007F}]/u;

/**
 * Whether a string can be shown to a person as it is: NFC, at most 200 code points, and nothing in it that moves the
 * cursor, reorders text or hides. What is unassigned is refused too, so that NFC holds under every later Unicode version.
 */
export function isPlainText(text: string): boolean {
  return (
    text.length <= 2 * MAX_TEXT_LENGTH &&
    [...text].length <= MAX_TEXT_LENGTH &&
    !UNSAFE.test(text) &&
    text.normalize('NFC') === text
  );
}

/**
 * The path of the first string or key in a JSON value that is not plain text, or of a number that is not a safe
 * integer; undefined if there is none.
 */
export function firstUnsafe(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return isPlainText(value) ? undefined : path;
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (!isPlainText(key)) return path;
    const unsafe = firstUnsafe(member, path === '' ? key : `${path}.${key}`);
    if (unsafe !== undefined) return unsafe;
  }
  return undefined;
}

/** A string made fit to be shown: unsafe characters replaced, and cut to 200 code points. For error messages only. */
export function toPlainText(text: string): string {
  const characters = [...text.slice(0, 4 * MAX_TEXT_LENGTH).normalize('NFC')];
  const shown = characters.map((character) => (UNSAFE.test(character) ? '\uFFFD' : character));
  return shown.length > MAX_TEXT_LENGTH ? `${shown.slice(0, MAX_TEXT_LENGTH - 1).join('')}…` : shown.join('');
}
