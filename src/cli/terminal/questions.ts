import { createInterface, type Interface } from 'node:readline/promises';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine } from './failure.ts';
import { type Ending, watch } from './line.ts';
import { type Meaning, Meanings } from './meanings.ts';
import type { Read } from './readers.ts';
import { fitted, say } from './terminal.ts';
import { releaseInput, takeInput } from './tty.ts';

/** An answer, and a text that can be read only as this answer. */
export interface Answer<Value> {
  readonly value: Value;
  readonly text: string;
}

/** A conversation on the terminal: questions on stderr, answers on stdin, shown as they are typed. */
export class Questions {
  private readonly lines: Interface;
  private readonly ending: Ending;

  constructor(signal: AbortSignal) {
    signal.throwIfAborted();
    this.lines = createInterface({ input: takeInput(), output: process.stderr, historySize: 0 });
    this.ending = watch(this.lines, signal);
  }

  /**
   * Asks until `read` accepts the answer; an empty one stands for `fallback`. If `read` throws an InputError, the person sees it and is asked again.
   * Throws InterruptedError on Ctrl-C, when the signal fires, and when the input ends.
   */
  async ask<Value>(question: string, read: Read<Value>, fallback?: string): Promise<Value> {
    return (await this.answer(question, { read, ...(fallback !== undefined && { fallback }) })).value;
  }

  /** Like `ask`, with a `check` of the value, which may refuse it as `read` does. */
  async answer<Value>(
    question: string,
    options: {
      readonly read: Read<Value>;
      readonly check?: ((value: Value) => void) | undefined;
      readonly fallback?: string | undefined;
    },
  ): Promise<Answer<Value>> {
    const { read, check, fallback } = options;
    const prompt = fallback === undefined || fallback === '' ? `${question} ` : `${question} [${fallback}] `;
    for (;;) {
      const typed = (await this.line(prompt)).trim();
      try {
        const found = await read(typed === '' ? (fallback ?? '') : typed);
        const meant = found instanceof Meanings ? await this.choose(found) : { value: found, text: typed };
        if (meant === undefined) continue;
        check?.(meant.value);
        return meant;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        say(failureLine(describeFailure(error)));
      }
    }
  }

  close(): void {
    this.ending.forget();
    this.lines.close();
    releaseInput();
  }

  /** Asks which meaning is right; undefined if none is. */
  private async choose<Value>(meanings: Meanings<Value>): Promise<Meaning<Value> | undefined> {
    const { choices } = meanings;
    say(choices.length === 1 ? 'Did you mean this?' : 'That can be read in more than one way:');
    for (const [index, { text }] of choices.entries()) say(`  ${index + 1}  ${text}`);
    for (;;) {
      const typed = (await this.line('Which number? (Enter to write it again) ')).trim();
      const meant = meanings.named(typed);
      if (meant !== undefined || typed === '') return meant;
      say(`that is none of them; write a number from 1 to ${choices.length}`);
    }
  }

  private async line(prompt: string): Promise<string> {
    const shown = fitted(prompt.trimEnd()).split('\n');
    for (const line of shown.slice(0, -1)) say(line);
    try {
      const typed = await this.lines.question(`${shown.at(-1)} `, { signal: this.ending.signal });
      if (!this.ending.interrupted) return typed;
      throw this.ending.error();
    } catch {
      say();
      throw this.ending.error();
    }
  }
}
