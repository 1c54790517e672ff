import { type LineLog, openLineLog } from '../../node/home/line-log.ts';
import { describeFailure } from './failure.ts';
import { say } from './terminal.ts';

/** The log of `--log FILE`. That it cannot be written any more is said once, and ends nothing. */
export async function openLog(path: string | undefined): Promise<LineLog | undefined> {
  if (path === undefined) return undefined;
  return openLineLog(path, (error) => say(`${describeFailure(error).message}: the log ends here`));
}
