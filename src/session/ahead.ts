import { platform } from '#platform';
import { turn } from '../crypto/turns.ts';
import type { Agreed } from './agree.ts';
import type { PrepareOptions } from './options.ts';
import type { SessionParts } from './parts.ts';
import { programOf, sealAnds } from './sealing.ts';

/** Runs what does not depend on the mandates, between steps 2 and 3. Both sides do, at the same time. */
export async function runAhead(
  { link, witness }: Pick<SessionParts, 'link' | 'witness'>,
  { side, engine: opening, sealing }: Agreed,
  onProgress: PrepareOptions['onProgress'],
): Promise<void> {
  witness.prepares();
  onProgress?.(0);
  const engine = await opening;
  await engine.prepare(side.bound.ands + sealAnds(side), programOf(side));
  await turn();
  sealing?.prepare(true);
  link.flush();
  await platform.nextTurn();
  witness.reached('terms-agreed');
  onProgress?.(1);
}
