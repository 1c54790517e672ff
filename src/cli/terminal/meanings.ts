/** One possible meaning of what somebody typed. */
export interface Meaning<Value> {
  readonly value: Value;
  /** The meaning in words that can be read in only one way, and that would be read back as the same value. */
  readonly text: string;
}

/** Several possible meanings of what was typed, or one that is too far from it to be taken without asking. The person chooses. */
export class Meanings<Value> {
  readonly choices: readonly Meaning<Value>[];

  constructor(choices: readonly Meaning<Value>[]) {
    this.choices = choices;
  }

  /** The meaning that an answer names by its number or repeats; undefined if there is none. */
  named(answer: string): Meaning<Value> | undefined {
    const typed = answer.trim();
    return this.choices[Number(typed) - 1] ?? this.choices.find(({ text }) => text === typed);
  }
}
