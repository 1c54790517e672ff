import { createInterface, type Interface } from 'node:readline';
import { addAbortSignal } from 'node:stream';
import { CutInvite, parseInvite } from '../../desk/invite.ts';
import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, usageError } from './failure.ts';
import { type Ending, watch } from './line.ts';
import { canAsk } from './prompt.ts';
import { say, style } from './terminal.ts';
import { leaveStandardInput, releaseInput, takeInput } from './tty.ts';

/** The most characters of standard input in which an invite is looked for. */
const MAX_PIPED = 10_000;

/**
 * The invite, from a place that no other user of this machine can read: the environment, the terminal, or standard input. An argument is accepted
 * too, and the person is told who could read it. With `stdio`, standard input is not used.
 */
export async function readInvite(
  words: readonly string[],
  { stdio, signal }: { readonly stdio: boolean; readonly signal: AbortSignal },
): Promise<string> {
  if (words.length > 0) {
    warnOfArguments();
    return words.join(' ');
  }
  const { PARLEY_INVITE: given = '' } = process.env;
  delete process.env.PARLEY_INVITE; // child processes need not have it
  if (given !== '') return given;
  if (canAsk()) return askInvite(signal);
  const piped = stdio ? '' : await readPiped(signal);
  if (piped.trim() !== '') return piped;
  throw usageError(
    'there is no invite',
    'run this in a terminal and paste it, pipe it in, or set PARLEY_INVITE to it',
  );
}

function warnOfArguments(): void {
  const others = 'Whoever has an account on this machine could read the invite in that command, and';
  say(style('yellow', `${others} your shell keeps it. Leave it out next time: you are asked for it.`));
}

/** Asks until the person has typed or pasted an invite, which may go over several lines. */
async function askInvite(signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const lines = new Lines(signal);
  try {
    for (let text = ''; ; ) {
      const line = await lines.next(text === '' ? 'the invite that you were sent: ' : 'the rest of it: ');
      const last = text !== '' && line.trim() === '';
      text += `${line}\n`;
      const wrong = text.trim() === '' ? undefined : whatIsWrong(text);
      if (wrong === undefined && text.trim() !== '') return text;
      if (wrong instanceof CutInvite && !last) continue;
      if (wrong !== undefined && !isCommand(line)) say(failureLine(describeFailure(wrong)));
      text = '';
    }
  } finally {
    lines.close();
  }
}

/** Whether a line is the command above an invite. */
function isCommand(line: string): boolean {
  return /\bparley\b.*\bjoin\b/.test(line) && !/parley\d/.test(line);
}

/** Why there is no invite in a text; undefined if there is one. */
function whatIsWrong(text: string): InputError | undefined {
  try {
    parseInvite(text).secret.fill(0);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Standard input up to the end of the line that completes an invite, or to its end. From then on questions go to the terminal itself. */
async function readPiped(signal: AbortSignal): Promise<string> {
  let text = '';
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin.setEncoding('utf8'))) {
      text += chunk;
      if (text.length > MAX_PIPED || (text.endsWith('\n') && whatIsWrong(text) === undefined)) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  leaveStandardInput();
  return text;
}

/** Lines typed at the terminal. The lines of one paste arrive at once, and are queued. */
class Lines {
  private readonly lines: Interface;
  private readonly typed: string[] = [];
  private readonly ending: Ending;
  private wake = () => {};

  constructor(signal: AbortSignal) {
    this.lines = createInterface({ input: takeInput(), output: process.stderr, historySize: 0 });
    this.lines.on('line', (line) => {
      this.typed.push(line);
      this.wake();
    });
    this.ending = watch(this.lines, signal);
    this.ending.signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  /** The next line. Throws InterruptedError on Ctrl-C, when the signal fires, and when the input ends. */
  async next(prompt: string): Promise<string> {
    if (this.typed.length === 0) {
      this.lines.setPrompt(prompt);
      this.lines.prompt();
    }
    while (this.typed.length === 0) {
      if (this.ending.signal.aborted) {
        say();
        throw this.ending.error();
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.typed.shift()!;
  }

  close(): void {
    this.ending.forget();
    this.lines.close();
    releaseInput();
  }
}
