// Many sessions between two processes at a time: what each costs while it rests, and how long the event loop is held while all negotiate.

import { openSession } from '../../src/session/open.ts';
import type { Session } from '../../src/session/session.ts';
import type { Peer } from '../peer.ts';
import { dealMandate, dealTerms } from './deal.ts';
import { identity } from './identities.ts';

export interface SessionsOptions {
  readonly sessions: number;
  /** Milliseconds of silence after which a side takes the other for gone. */
  readonly timeout: number;
}

export interface SessionsResult {
  /** Memory that the process has taken for each session that is open and has not negotiated. */
  readonly idleKiB: number;
  /** From the first call of `negotiate` to the last result. */
  readonly ms: number;
  readonly deals: number;
  /** The longest time in which the event loop did not come round, while sessions negotiated. */
  readonly stallMs: number;
}

export async function play({ side, options, channel }: Peer<SessionsOptions>): Promise<SessionsResult> {
  const open = async () =>
    openSession({
      channel: await channel(),
      initiator: side === 'right',
      identity: identity[side],
      timeout: 600_000,
    });
  const terms = dealTerms('malicious', 'none');
  const mandate = dealMandate(side);
  const first = await open();
  await first.negotiate({ terms, mandate });
  const before = memory();
  const sessions: Session[] = [];
  for (let i = 0; i < options.sessions; i += 1) sessions.push(await open());
  const idleKiB = (memory() - before) / 1024 / options.sessions;
  await first.negotiate({ terms, mandate }); // both sides have opened all of theirs
  const loop = watchLoop();
  const start = performance.now();
  const ended = await Promise.allSettled(
    sessions.map((session) => session.negotiate({ terms, mandate, timeout: options.timeout })),
  );
  const ms = performance.now() - start;
  const stallMs = loop.stop();
  await Promise.all([first, ...sessions].map((session) => session.close().catch(() => session.destroy())));
  return { idleKiB, ms, stallMs, deals: ended.filter(({ status }) => status === 'fulfilled').length };
}

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** Goes round with the event loop; `stop` gives the milliseconds of the longest round. */
function watchLoop(): { stop(): number } {
  let longest = 0;
  let last = performance.now();
  let watching = true;
  const round = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(round);
  };
  setImmediate(round);
  return {
    stop: () => {
      watching = false;
      return longest;
    },
  };
}
