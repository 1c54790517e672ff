import { platform } from '#platform';
import { turn } from '../crypto/turns.ts';
import { TimeoutError } from '../errors.ts';
import { after } from '../link/timer.ts';
import type { Agreed } from './agree.ts';
import { endAtDeadline } from './deadline.ts';
import { DEFAULT_WAIT, type PrepareOptions } from './options.ts';
import type { SessionParts } from './parts.ts';
import { programOf } from './sealing.ts';

/**
 * Runs what does not depend on the mandates, between steps 2 and 3. Both sides do, at the same time. The session ends if this is not over by the terms' deadline, or
 * within `wait`, but never in less than DEFAULT_WAIT: an honest side computes for minutes, however little its person has to wait for.
 */
export async function runAhead(
  { link, witness }: Pick<SessionParts, 'link' | 'witness'>,
  { side, engine: opening, sealing, fair }: Pick<Agreed, 'side' | 'engine' | 'sealing' | 'fair'>,
  { wait = DEFAULT_WAIT, onProgress }: Pick<PrepareOptions, 'wait' | 'onProgress'>,
): Promise<void> {
  const deadline = endAtDeadline(link, side.terms);
  const limit = after(Math.max(wait, DEFAULT_WAIT), () =>
    link.abort(new TimeoutError('the preparation took too long')),
  );
  try {
    witness.reached('terms-agreed');
    onProgress?.(0);
    const engine = await opening;
    const onBatch = (done: number) => done < 1 && onProgress?.(done);
    sealing?.linkIn(engine);
    fair?.fixIn(engine);
    await engine.prepare(side.bound.ands, programOf(side), onBatch);
    await turn();
    sealing?.prepare(true);
    await fair?.ready();
    link.flush();
    await platform.nextTurn();
    onProgress?.(1);
  } finally {
    limit.cancel();
    deadline.cancel();
  }
}
