import { ASCII } from './text.ts';

/**
 * The form in which texts are compared, so that texts that people cannot tell apart count as equal. It ignores case (full folding, the same in every
 * locale), compatibility forms, accents written in one piece or two, the kind of dash or quotation mark, spacing, and invisible characters. Texts
 * with the same form look alike. The reverse does not hold: letters of different scripts stay different. Folding twice changes nothing.
 */
export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim(); // the result of the rest, for ASCII
  const spaced = text.normalize('NFKC').replace(/\s+/gu, ' ');
  const seen = spaced.replace(/\p{Default_Ignorable_Code_Point}+/gu, '');
  // Lower case first because of ẞ: it is its own upper case, while the upper case of its lower case ß is SS.
  const folded = seen.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  const marks = folded
    .replace(/[\p{Dash_Punctuation}\u{2212}]/gu, '-')
    .replace(/[‘’‚‛ʼ]/gu, "'")
    .replace(/[“”„‟]/gu, '"');
  return marks.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}
