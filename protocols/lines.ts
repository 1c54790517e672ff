import { ASCII } from '../src/documents/text.ts';

/** Columns of the narrowest screen that texts for people are meant for. */
export const COLUMNS = 80;
const WIDE =
  /[\p{Ideographic}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uFF01-\uFF60]/u;

/**
 * Breaks a text at spaces into lines of at most 80 columns, in which nothing else is changed; a word that is longer is cut. Lines after the
 * first begin with `indent`.
 */
export function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  let empty = true;
  const end = () => {
    lines.push(line);
    [line, width, empty] = [indent, columns(indent), true];
  };
  for (const word of text.split(' ')) {
    const length = columns(word);
    if (!empty && width + 1 + length > COLUMNS) end();
    if (!empty) [line, width] = [`${line} `, width + 1];
    empty = false;
    if (width + length <= COLUMNS) {
      [line, width] = [line + word, width + length];
      continue;
    }
    for (const character of word) {
      const step = columns(character);
      if (width + step > COLUMNS) end();
      [line, width, empty] = [line + character, width + step, false];
    }
  }
  lines.push(line);
  return lines;
}

/** Terminal columns of a text: wide East Asian characters and emoji take two, combining marks none. */
function columns(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const character of text) count += /\p{Mn}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return count;
}
