#!/usr/bin/env node
import { describeFailure, exitCodeOf, exitCodes, failureLine, InterruptedError } from './failure.ts';
import { program } from './program.ts';
import { printJson, say, style } from './terminal.ts';

/** Milliseconds that open handles get to close by themselves once a command is done. */
const LINGER = 3_000;

const argv = process.argv.slice(2);
const json = argv.includes('--json');
const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort(new InterruptedError());
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
});

try {
  process.exitCode = await program(argv, interrupt.signal);
} catch (thrown) {
  const error = interrupt.signal.aborted ? interrupt.signal.reason : thrown;
  const failure = describeFailure(error);
  if (json) printJson({ error: failure });
  say(`${style(['bold', 'red'], 'parley:')} ${failureLine(failure)}`);
  if (process.env.PARLEY_DEBUG === '1') console.error(error);
  process.exitCode = exitCodeOf(error);
}
setTimeout(() => process.exit(), LINGER).unref();
