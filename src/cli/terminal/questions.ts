import { createInterface, type Interface } from 'node:readline/promises';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, InterruptedError } from './failure.ts';
import { say } from './terminal.ts';
import { releaseInput, takeInput } from './tty.ts';

/** A conversation on the terminal: questions on stderr, answers on stdin, shown as they are typed. */
export class Questions {
  private readonly lines: Interface;
  private readonly stopped = new AbortController();
  private readonly signal: AbortSignal;
  private readonly onAbort = () => this.stopped.abort();

  constructor(signal: AbortSignal) {
    signal.throwIfAborted();
    this.signal = signal;
    this.lines = createInterface({ input: takeInput(), output: process.stderr, historySize: 0 });
    this.lines.once('SIGINT', this.onAbort);
    this.lines.once('close', this.onAbort);
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /**
   * Asks until `read` takes the answer; an empty one stands for `fallback`. What `read` refuses with an InputError is said, and asked again.
   * Throws InterruptedError on Ctrl-C, when the signal fires, and when the input ends.
   */
  async ask<Value>(
    question: string,
    read: (answer: string) => Value | Promise<Value>,
    fallback?: string,
  ): Promise<Value> {
    const prompt = fallback === undefined || fallback === '' ? `${question} ` : `${question} [${fallback}] `;
    for (;;) {
      const answer = (await this.line(prompt)).trim();
      try {
        return await read(answer === '' ? (fallback ?? '') : answer);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        say(failureLine(describeFailure(error)));
      }
    }
  }

  close(): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.lines.close();
    releaseInput();
  }

  private async line(prompt: string): Promise<string> {
    try {
      return await this.lines.question(prompt, { signal: this.stopped.signal });
    } catch {
      say();
      throw this.signal.reason instanceof Error ? this.signal.reason : new InterruptedError();
    }
  }
}
