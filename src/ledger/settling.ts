import { encodeBase64url } from '../documents/json.ts';
import { unfinishedAttempt } from './attempt.ts';
import type { PeerLog } from './peer-log.ts';
import type { AttemptRecord } from './record.ts';

/** A session in which an outcome was released, by its digest and that of its question, 32 bytes each. */
export interface ReleasedSession {
  readonly question: Uint8Array;
  readonly session: Uint8Array;
}

/** How a release ends without an agreement that both have signed: the part of its record that says so. */
export type Settlement =
  | { readonly type: 'agreed'; readonly agreement: string }
  | { readonly type: 'void'; readonly returned: boolean }
  | { readonly type: 'unknown' };

/** Writes the record of how a session's release has ended. Resolves once it is on disk, and with whether there was such a release that has not ended. */
export async function recordSettlement(
  log: PeerLog,
  { matter, ...of }: ReleasedSession & { readonly matter: string },
  settlement: Settlement,
  time: string,
): Promise<boolean> {
  const [question, session] = [encodeBase64url(of.question), encodeBase64url(of.session)];
  let found = false;
  await log.append((history): AttemptRecord | undefined => {
    const attempts = [...history.attemptsOn(matter).values()];
    const attempt = unfinishedAttempt(attempts, question, session, settlement.type === 'agreed');
    found = attempt !== undefined;
    if (attempt === undefined) return undefined;
    const { own, peer } = attempt;
    return { ...settlement, matter, question, own, peer, session, time };
  });
  return found;
}
