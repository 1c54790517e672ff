/** Alphabets that have letters in common by their looks. */
const ALPHABETS = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Georgian',
  'Cherokee',
  'Coptic',
  'Lisu',
] as const;
const letters = ALPHABETS.map((name) => ({ name, letter: new RegExp(`\\p{Script=${name}}`, 'u') }));

/** A word whose letters come from more than one alphabet. */
export interface MixedWord {
  readonly word: string;
  readonly alphabets: readonly string[];
}

/**
 * The words of a text in which alphabets are mixed whose letters look alike, as in "cаr" with a Cyrillic а: for a note to whoever reads it,
 * since some are meant ("kΩ"). A word wholly in another alphabet is none of them.
 */
export function confusable(text: string): MixedWord[] {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    const alphabets = letters.filter(({ letter }) => letter.test(word)).map(({ name }) => name);
    return alphabets.length > 1 ? [{ word, alphabets }] : [];
  });
}
