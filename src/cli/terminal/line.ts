import type { EventEmitter } from 'node:events';
import { InterruptedError } from './failure.ts';

/** What ends a prompt without an answer. */
export interface Ending {
  /** Whether Ctrl-C was typed, also after an answer. */
  readonly interrupted: boolean;
  /** Aborts when there will be no answer. */
  readonly signal: AbortSignal;
  /** Why there was no answer: the reason of the command's own signal, Ctrl-C, or the end of the input. */
  error(): Error;
  /** Stops listening to the command's signal. */
  forget(): void;
}

/** Watches the lines of a prompt, and the signal of the command. */
export function watch(lines: EventEmitter, signal: AbortSignal): Ending {
  const stopped = new AbortController();
  let interrupted = false;
  const stop = () => stopped.abort();
  lines.once('SIGINT', () => {
    interrupted = true;
    stop();
  });
  lines.once('close', stop);
  signal.addEventListener('abort', stop, { once: true });
  return {
    get interrupted() {
      return interrupted;
    },
    signal: stopped.signal,
    error: () => {
      if (signal.reason instanceof Error) return signal.reason;
      return interrupted ? new InterruptedError() : new InterruptedError('interrupted: the input has ended');
    },
    forget: () => signal.removeEventListener('abort', stop),
  };
}
