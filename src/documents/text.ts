/** The most code points in a string that the other side chose. */
export const MAX_TEXT_LENGTH = 200;

/** Control characters (escape included), lone surrogates, unassigned code points, line separators, bidirectional controls, byte-order marks, annotations and tags. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E007F}]/u;

/**
 * Characters that are invisible or easily mistaken for others: controls, format characters, surrogates, private use, unassigned code points, whatever
 * Unicode calls ignorable, and every separator but the space. Five more are blank although no property says so: the braille, Khitan, musical and two
 * hieroglyphic blanks. U+FFFC stands for an object that is missing.
 */
const UNCLEAR =
  '(?! )[\\p{C}\\p{Default_Ignorable_Code_Point}\\p{Z}\\u{2800}\\u{16FE4}\\u{1D159}\\u{13441}\\u{13442}\\u{FFFC}]';
let emojiOrUnclearMade: RegExp | undefined;

/** Matches whole emoji first, so that the joiners and selectors inside them never match the second group. Made at its first use, which takes milliseconds. */
function emojiOrUnclear(): RegExp {
  emojiOrUnclearMade ??= new RegExp(`(\\p{RGI_Emoji})|(${UNCLEAR})`, 'gv');
  return emojiOrUnclearMade;
}

/** Text of printable ASCII only. */
export const ASCII = /^[ -~]*$/;

/**
 * Whether a string is allowed in a document, old or new: NFC, at most 200 code points, and no character that moves the
 * cursor or reorders text. Unassigned code points are refused too, so that NFC holds under every later Unicode version. This rule never
 * gets stricter, or signed documents would no longer verify. `findUnclear` has the stricter rule for new terms.
 */
export function isPlainText(text: string): boolean {
  if (text.length <= MAX_TEXT_LENGTH && ASCII.test(text)) return true;
  return (
    text.length <= 2 * MAX_TEXT_LENGTH &&
    [...text].length <= MAX_TEXT_LENGTH &&
    !UNSAFE.test(text) &&
    text.normalize('NFC') === text
  );
}

/**
 * Describes in words the first thing in a plain text that a person would not see or would misread; undefined if there is none. Joiners and selectors are
 * accepted only inside the emoji that Unicode recommends (RGI), so scripts whose spelling uses joiners must do without them.
 */
export function findUnclear(text: string): string | undefined {
  if (/^ +$/.test(text)) return 'nothing but spaces';
  if (ASCII.test(text)) return undefined;
  if (/(^| )\p{M}/u.test(text)) return 'a mark that belongs to a letter before it';
  for (const [, , unclear] of text.matchAll(emojiOrUnclear())) {
    if (unclear !== undefined) return `a character that cannot be seen or told apart (${codeOf(unclear)})`;
  }
  return undefined;
}

/**
 * Makes a string fit to be shown: unsafe and unclear characters are replaced, and the rest is cut to 200 code points. For errors, and for
 * documents that are older than the rule for new terms.
 */
export function toPlainText(text: string): string {
  const whole = text.slice(0, 4 * MAX_TEXT_LENGTH).normalize('NFC');
  const seen = ASCII.test(whole)
    ? whole
    : whole.replace(emojiOrUnclear(), (found, emoji) => (emoji === undefined ? '\uFFFD' : found));
  const characters = [...seen].map((character) => (UNSAFE.test(character) ? '\uFFFD' : character));
  return characters.length > MAX_TEXT_LENGTH
    ? `${characters.slice(0, MAX_TEXT_LENGTH - 1).join('')}…`
    : characters.join('');
}

/** The backslash, characters that look like a double quotation mark (also two single ones in a row), and spaces at an end or next to another. */
const MARKED = /[\\"“”„‟ʺ˝ˮ˵˶״″‶‴⁗〝〞〟＂❝❞❠🙶🙷🙸]|['‘’‛ʹʼˊˋ՚׳′‵＇](?=['‘’‛ʹʼˊˋ՚׳′‵＇])|(?<=^| ) | $/gu;
/** A word that can stand in one of our sentences without quotation marks. */
const NAME = /^[A-Za-z0-9][\w-]{0,39}$/;

/**
 * A string that somebody else chose, in the form in which people see it: made fit to be shown, and in quotation marks. Quotation marks inside, and
 * characters that look like them, get a backslash, so the string cannot end the quotation. So do spaces at an end or next to another.
 */
export function quoted(text: string): string {
  return `“${toPlainText(text).replaceAll(MARKED, '\\$&')}”`;
}

/** The name of a member that somebody else chose: in quotation marks, unless it is one short word of ASCII letters, digits, _ and -. */
export function memberText(name: string): string {
  return NAME.test(name) ? name : quoted(name);
}

function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
