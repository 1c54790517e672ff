import { runCommandLine } from './program.ts';
import { exitCodes, InterruptedError } from './terminal/failure.ts';
import { tolerateClosedStreams } from './terminal/output.ts';

/** Milliseconds that open handles get to close by themselves once a command is done. */
const LINGER = 3_000;

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort(new InterruptedError());
  });
}
tolerateClosedStreams();

process.exitCode = await runCommandLine(process.argv.slice(2), interrupt.signal);
setTimeout(() => process.exit(), LINGER).unref();
