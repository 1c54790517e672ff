/** One of the things that somebody can have meant. */
export interface Meaning<Value> {
  readonly value: Value;
  /** In words that can be read in one way only, and that would be read back as the same value. */
  readonly text: string;
}

/** Several things that what was typed can mean, or one that is too far from it to be taken unasked: whoever typed it says which. */
export class Meanings<Value> {
  readonly choices: readonly Meaning<Value>[];

  constructor(choices: readonly Meaning<Value>[]) {
    this.choices = choices;
  }

  /** The meaning that an answer names by its number or repeats; undefined for none. */
  named(answer: string): Meaning<Value> | undefined {
    const typed = answer.trim();
    return this.choices[Number(typed) - 1] ?? this.choices.find(({ text }) => text === typed);
  }
}
