import { foldText } from './fold.ts';

/** Alphabets with letters that look alike. */
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

/** Greek and Cyrillic letters, small or large, with the Latin letter that each looks like; then figures, letters and signs that look like a letter. */
// biome-ignore format: a table
const TAKEN_FOR = new Map(
  Object.entries({
    а: 'a', в: 'b', с: 'c', ԁ: 'd', е: 'e', һ: 'h', н: 'h', і: 'i', ј: 'j', к: 'k', м: 'm', п: 'n', о: 'o', р: 'p', ԛ: 'q',
    ѕ: 's', т: 't', ѵ: 'v', ԝ: 'w', х: 'x', у: 'y', ү: 'y', г: 'r', α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k',
    μ: 'm', ν: 'v', ο: 'o', ρ: 'p', σ: 'o', τ: 't', υ: 'y', χ: 'x', ζ: 'z', ω: 'w',
    0: 'o', 1: 'l', i: 'l', '|': 'l', '⁄': '/', '∕': '/', '∶': ':', '˗': '-', '′': "'", 'ʹ': "'", '`': "'", '·': '.', '•': '.', '∙': '.',
  }),
);

/** A word whose letters come from more than one alphabet. */
export interface MixedWord {
  readonly word: string;
  readonly alphabets: readonly string[];
}

/**
 * The words of a text that mix alphabets whose letters look alike, as in "cаr" with a Cyrillic а. Use it only for a note to the reader, since some
 * such words are meant ("kΩ"). A word wholly in one other alphabet is not among them.
 */
export function confusable(text: string): MixedWord[] {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    const alphabets = letters.filter(({ letter }) => letter.test(word)).map(({ name }) => name);
    return alphabets.length > 1 ? [{ word, alphabets }] : [];
  });
}

/**
 * A form that is the same for texts that a hasty reader takes for one another, without accents. Use it only for a note, never to decide that two texts
 * are the same. Texts with equal folded forms (`foldText`) have the same form, and so do many others.
 */
export function looksOf(text: string): string {
  const bare = foldText(text)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
  const taken = (letter: string) => TAKEN_FOR.get(letter) ?? letter;
  return [...bare].map((letter) => taken(taken(letter))).join(''); // і looks like i, which looks like l
}
