/** Most code points in a string that the other side chose. */
export const MAX_TEXT_LENGTH = 200;

/** Control characters (escape included), lone surrogates, unassigned code points, line separators, bidirectional controls, byte-order marks, annotations and tags. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E007F}]/u;

/**
 * What nobody sees, or takes for something else: controls, format characters, surrogates, private use, unassigned code points, whatever Unicode
 * calls ignorable, and every separator but the space. Five more are blank, and no property says so: the braille, Khitan, musical and two
 * hieroglyphic ones; U+FFFC stands for an object that is not there.
 */
const UNCLEAR =
  '(?! )[\\p{C}\\p{Default_Ignorable_Code_Point}\\p{Z}\\u{2800}\\u{16FE4}\\u{1D159}\\u{13441}\\u{13442}\\u{FFFC}]';
/** Emoji whole, so that the joiners and selectors inside are none of the second group's. */
const EMOJI_OR_UNCLEAR = new RegExp(`(\\p{RGI_Emoji})|(${UNCLEAR})`, 'gv');
/** Text of printable ASCII only. */
export const ASCII = /^[ -~]*$/;

/**
 * What strings in every document must be, in old ones too: NFC, at most 200 code points, and nothing in them that moves the
 * cursor or reorders text. What is unassigned is refused too, so that NFC holds under every later Unicode version. This rule never
 * gets stricter, or documents that have been signed would no longer verify; `findUnclear` has the further one for new terms.
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
 * What in plain text a person would not see, or misread: in words, or undefined if there is nothing. Joiners and selectors are taken
 * inside the emoji that Unicode recommends (RGI) and nowhere else; scripts whose spelling uses joiners do without.
 */
export function findUnclear(text: string): string | undefined {
  if (/^ +$/.test(text)) return 'nothing but spaces';
  if (ASCII.test(text)) return undefined;
  if (/(^| )\p{M}/u.test(text)) return 'a mark that belongs to a letter before it';
  for (const [, , unclear] of text.matchAll(EMOJI_OR_UNCLEAR)) {
    if (unclear !== undefined) return `a character that cannot be seen or told apart (${codeOf(unclear)})`;
  }
  return undefined;
}

/**
 * A string made fit to be shown: what is unsafe or unclear is replaced, and the rest cut to 200 code points. For errors, and for documents
 * that are older than the rule for new terms.
 */
export function toPlainText(text: string): string {
  const whole = text.slice(0, 4 * MAX_TEXT_LENGTH).normalize('NFC');
  const seen = whole.replace(EMOJI_OR_UNCLEAR, (found, emoji) => (emoji === undefined ? '\uFFFD' : found));
  const characters = [...seen].map((character) => (UNSAFE.test(character) ? '\uFFFD' : character));
  return characters.length > MAX_TEXT_LENGTH
    ? `${characters.slice(0, MAX_TEXT_LENGTH - 1).join('')}…`
    : characters.join('');
}

/** The backslash, what is taken for a double quotation mark (two single ones are), and spaces that make a gap. */
const MARKED = /[\\"“”„‟ʺ˝ˮ˵˶״″‶‴⁗〝〞〟＂❝❞❠🙶🙷🙸]|['‘’‛ʹʼˊˋ՚׳′‵＇](?=['‘’‛ʹʼˊˋ՚׳′‵＇])|(?<=^| ) | $/gu;
/** A word that can stand in a sentence of ours as it is. */
const NAME = /^[A-Za-z0-9][\w-]{0,39}$/;

/**
 * A string that somebody else chose, as people are shown it: fit to be shown, and in quotation marks that it cannot end by itself, since those
 * inside, and what looks like them, have a backslash before them. So has a space next to another or at an end.
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
