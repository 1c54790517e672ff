import { ASCII } from './text.ts';

/**
 * The form in which texts are compared that people should not be able to tell apart: without regard to case (full folding, the same in every
 * locale), compatibility forms, accents written in one piece or two, the kind of dash or quotation mark, spacing, and what nobody sees. Texts
 * with the same form look alike; not every two that look alike have the same form, since letters of different scripts stay different.
 * Folding twice changes nothing.
 */
export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim(); // all that the rest would do, at once
  const spaced = text.normalize('NFKC').replace(/\s+/gu, ' ');
  const seen = spaced.replace(/\p{Default_Ignorable_Code_Point}+/gu, '');
  // Lower case first for ẞ, whose upper case is itself; the upper case of ß is SS.
  const folded = seen.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  const marks = folded
    .replace(/[\p{Dash_Punctuation}\u{2212}]/gu, '-')
    .replace(/[‘’‚‛ʼ]/gu, "'")
    .replace(/[“”„‟]/gu, '"');
  return marks.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}
