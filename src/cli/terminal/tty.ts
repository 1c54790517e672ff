import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { usageError } from './failure.ts';

/** Where answers are read from: standard input, unless it carries the session. */
let input: ReadStream | NodeJS.ReadStream | undefined = process.stdin;

/** With `--stdio`, leaves standard input and output to the session. Throws InputError `ERR_USAGE` if `--json` needs one of them too. */
export function useStandardStreams(flags: { readonly stdio?: boolean; readonly json?: boolean }): void {
  if (flags.stdio !== true) return;
  if (flags.json === true) throw usageError('--stdio and --json both need standard output', 'leave one out');
  leaveStandardInput();
}

/** Gives up standard input. From here on questions go to the terminal itself, if there is one. */
export function leaveStandardInput(): void {
  try {
    input = new ReadStream(openSync('/dev/tty', 'r'));
    input.unref();
  } catch {
    input = undefined;
  }
}

/** The stream to read answers from. It keeps the process running until it is released. */
export function takeInput(): ReadStream | NodeJS.ReadStream {
  if (input === undefined) throw new Error('there is no terminal to ask at');
  input.ref();
  return input;
}

/** To be called once an answer has been read. */
export function releaseInput(): void {
  input?.unref();
}

/** Whether somebody can be asked: both ends of the conversation are a terminal. */
export function isTerminal(): boolean {
  return input?.isTTY === true && process.stderr.isTTY === true;
}
