import { runCommandLine } from './program.ts';
import { InterruptedError } from './terminal/failure.ts';
import { tolerateClosedStreams } from './terminal/output.ts';

/** Milliseconds that open handles have to close by themselves after a command. */
const LINGER = 3_000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupt = new AbortController();
let interruptedBy: (typeof signals)[number] | undefined;
for (const name of signals) {
  process.on(name, () => {
    if (interruptedBy !== undefined) dieOf(name);
    interruptedBy = name;
    interrupt.abort(new InterruptedError());
  });
}

/** Ends the process as an unhandled signal does. `process.exit` would wait for threads, and one may be opening a pipe to which nobody writes. */
function dieOf(name: (typeof signals)[number]): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

tolerateClosedStreams();

process.exitCode = await runCommandLine(process.argv.slice(2), interrupt.signal);
setTimeout(() => (interruptedBy === undefined ? process.exit() : dieOf(interruptedBy)), LINGER).unref();
