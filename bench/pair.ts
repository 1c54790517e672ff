import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What each of the two processes of a measurement is given. */
export interface Assignment<Options> {
  /** The left one listens, the right one dials. */
  readonly side: 'left' | 'right';
  readonly port: number;
  readonly options: Options;
}

/** What a process reports. */
export interface Report<Result> {
  readonly result: Result;
  readonly maxRssMiB: number;
}

/**
 * Runs `play` of the module at `scenario` in two processes of their own, and gives both reports, left first. The left process sends
 * its port through `listening` (see peer.ts) before the right one starts.
 */
export async function runPair<Options, Result>(
  scenario: URL,
  options: Options,
): Promise<[Report<Result>, Report<Result>]> {
  const left = start(scenario, { side: 'left', port: 0, options });
  const port = await next<number>(left);
  const right = start(scenario, { side: 'right', port, options });
  return Promise.all([next<Report<Result>>(left), next<Report<Result>>(right)]);
}

function start(scenario: URL, assignment: Assignment<unknown>): ChildProcess {
  const entry = fileURLToPath(new URL('./peer.ts', import.meta.url));
  const child = fork(entry, [scenario.href, JSON.stringify(assignment)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    serialization: 'advanced',
  });
  child.on('error', () => undefined);
  return child;
}

function next<Value>(child: ChildProcess): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a benchmark process ended with code ${code}`));
    child.once('exit', onExit);
    child.once('message', (value) => {
      child.off('exit', onExit);
      resolve(value as Value);
    });
  });
}
