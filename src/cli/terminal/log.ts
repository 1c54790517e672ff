import { type LineLog, openLineLog } from '../../node/home/line-log.ts';
import { describeFailure } from './failure.ts';
import { say } from './terminal.ts';

/** The log of `--log FILE`. If it can no longer be written, the person is told once, and the session goes on. */
export async function openLog(path: string | undefined): Promise<LineLog | undefined> {
  if (path === undefined) return undefined;
  return openLineLog(path, (error) => say(`${describeFailure(error).message}: the log ends here`));
}
