// One deal after another, each on a connection of its own: cold, or after prepare, over a simulated link or without one.
import { isDeepStrictEqual } from 'node:util';
import { ruleOf } from '../../protocols/registry.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { Terms } from '../../src/documents/terms.ts';
import type { Channel } from '../../src/link/channel.ts';
import { openSession } from '../../src/session/open.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
import type { Peer } from '../peer.ts';
import { overWan, type Wan } from '../wan-channel.ts';
import { dealMandate, dealTerms } from './deal.ts';
import { identity } from './identities.ts';
import { mandateOf, termsOf } from './menu.ts';

export interface LinkOptions {
  /** How many values each issue of a menu has; a sealed price without. */
  readonly issues?: readonly number[];
  /** Whether both sides have prepared before the clock starts. */
  readonly prepared: boolean;
  readonly wan?: Wan;
  readonly warmUps: number;
  readonly runs: number;
}

/** Figures of this side. */
export interface LinkResult {
  /** Milliseconds of each run: from the connection, or else from the mandates, to the result. */
  readonly ms: number[];
  /** Milliseconds of what went before, where it was prepared: from the connection. */
  readonly prepareMs: number[];
  /** Bytes sent in one, handshake included if it is cold. */
  readonly sent: number;
  /** Memory of the process when it had just prepared, and the most up to then: of all runs. */
  readonly rssMiB: number;
  readonly maxRssMiB: number;
}

type Side = 'left' | 'right';

export async function play({ side, options, channel }: Peer<LinkOptions>): Promise<LinkResult> {
  const { issues, prepared, wan, warmUps, runs } = options;
  const terms = linkTerms(issues);
  const mandate = mandateFor(terms, side);
  const expected = outcomeOf(terms);
  const sealKey = terms.seals === 'none' ? undefined : await createSealKey(identity[side].publicKey);
  sealKey?.key.prepare();
  const knownKeys = new Set<string>();
  const together = meeting(await channel());
  const figures = { ms: [] as number[], prepareMs: [] as number[], sent: 0, rssMiB: 0, maxRssMiB: 0 };
  for (let run = 0; run < warmUps + runs; run += 1) {
    const through = await channel();
    await together();
    let start = performance.now();
    const session = await openSession({
      channel: wan === undefined ? through : overWan(through, wan),
      initiator: side === 'right',
      identity: identity[side],
      peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
      sealKey,
      knownKeys,
    });
    if (prepared) {
      await session.prepare(terms);
      const ready = performance.now();
      if (run >= warmUps) figures.prepareMs.push(ready - start);
      figures.rssMiB = Math.max(figures.rssMiB, process.memoryUsage().rss / 2 ** 20);
      figures.maxRssMiB = process.resourceUsage().maxRSS / 1024;
      await together();
      start = performance.now();
    }
    const { outcome, stats } = await session.negotiate({ terms, mandate });
    if (run >= warmUps) figures.ms.push(performance.now() - start);
    if (!isDeepStrictEqual(outcome, expected)) throw new Error('a deal came out wrong');
    figures.sent = stats.bytes.sent;
    await session.close();
  }
  return figures;
}

function linkTerms(issues: readonly number[] | undefined): Terms {
  if (issues === undefined) return dealTerms('malicious', 'paillier');
  return termsOf({ solution: 'nash', security: 'malicious', seals: 'none', issues });
}

function mandateFor(terms: Terms, side: Side) {
  return terms.menu === undefined ? dealMandate(side) : mandateOf(terms.menu, side);
}

/** By the rule's twin in the clear. */
function outcomeOf(terms: Terms) {
  const bound = ruleOf(terms).under(terms);
  const a = bound.enter('a', mandateFor(terms, 'left'), systemRandom);
  const b = bound.enter('b', mandateFor(terms, 'right'), systemRandom);
  return bound.plain(a, b);
}

/** Resolves once the other process has called it as often. What it says goes over a connection of its own. */
function meeting(channel: Channel): () => Promise<void> {
  let heard = 0;
  return async () => {
    await channel.send(Uint8Array.of(1));
    for (; heard < 1; heard += (await channel.receive())!.length);
    heard -= 1;
  };
}
