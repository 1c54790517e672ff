import { ASCII } from '../src/documents/text.ts';

/** Columns of the narrowest screen for which texts for people are made. */
export const COLUMNS = 80;
/** Sequences that style text on a terminal; they take no column. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins them
const STYLES = /\u001b\[[\d;]*m/g;
/** East Asian wide and full-width characters, by their blocks, and emoji. Some narrow ones are among them. */
const WIDE =
  /[\p{Ideographic}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u2E80-\u303E\u3041-\u33FF\u4DC0-\u4DFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F000}-\u{1FAFF}]/u;

/** How a text is broken into lines. */
export interface WrapOptions {
  /** The beginning of every line after the first. */
  readonly indent?: string;
  /** The most columns of a line. Default 80. */
  readonly columns?: number;
  /** Whether a word that is longer than a line is cut, or stays whole on a line of its own, so that it can be copied. Default: cut. */
  readonly cut?: boolean;
}

/** Breaks a text into lines at spaces. Changes nothing else. */
export function wrap(text: string, options: WrapOptions = {}): string[] {
  const { indent = '', columns = COLUMNS, cut = true } = options;
  const lines: string[] = [];
  let line = '';
  let width = 0;
  let empty = true;
  const end = () => {
    lines.push(line);
    [line, width, empty] = [indent, columnsOf(indent), true];
  };
  for (const word of text.split(' ')) {
    const length = columnsOf(word);
    if (!empty && width + 1 + length > columns) end();
    if (!empty) [line, width] = [`${line} `, width + 1];
    empty = false;
    if (!cut || width + length <= columns) {
      [line, width] = [line + word, width + length];
      continue;
    }
    for (const character of word) {
      const step = columnsOf(character);
      if (width + step > columns) end();
      [line, width, empty] = [line + character, width + step, false];
    }
  }
  lines.push(line);
  return lines;
}

/** Terminal columns of a text: wide East Asian characters and emoji take two, combining marks and styles none. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const character of text.replace(STYLES, ''))
    count += /\p{Mn}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return count;
}
