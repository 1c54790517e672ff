import { join } from 'node:path';
import { formatTime, type Terms } from '../../documents/terms.ts';
import type { Phase } from '../../session/index.ts';
import { completePair, type PairOptions, withPlayers } from './pair.ts';
import type { PlayerProcess } from './player-process.ts';

/** Seconds in which a side may complain, in the terms of the story. */
const WINDOW = 600;
/** Milliseconds until the deadline of these terms: it has to leave room for the window. */
const OPEN = 3_600_000;

export interface WalkawayOptions
  extends Pick<PairOptions, 'draft' | 'rule' | 'mandates' | 'timeout' | 'signal'> {
  /** Where the two homes and the arbiter's decisions are kept. */
  readonly folder: string;
  readonly onTerms: (terms: Terms) => Promise<void>;
  readonly onConnected: (port: number) => void;
  readonly onProgress: (role: string, phase: Phase | 'connected') => void;
  /** The second party has this proof of the outcome, and is gone. */
  readonly onGone: (proof: Uint8Array) => Promise<void>;
  /** The first party turns to the arbiter, which takes complaints until then. */
  readonly onComplaint: (until: string) => void;
}

export interface WalkawayResult {
  readonly terms: Terms;
  /** The proofs of the outcome that the party which stayed and the one that left end with. */
  readonly stayed: Uint8Array;
  readonly left: Uint8Array;
  /** The folder of the arbiter's decisions. */
  readonly store: string;
}

/**
 * Runs both parties and the arbiter of their terms in three processes. The second party leaves as soon as it can know the outcome and the first one cannot. The
 * first party's desk then turns to the arbiter.
 */
export async function playWalkaway(options: WalkawayOptions): Promise<WalkawayResult> {
  const { rule, signal, folder } = options;
  const store = join(folder, 'arbiter');
  return withPlayers([...rule.roles, 'arbiter'], signal, async (players) => {
    const [stays, leaves, arbiter] = players as [PlayerProcess, PlayerProcess, PlayerProcess];
    const keys = await Promise.all(players.map((player) => player.next('identity')));
    arbiter.tell({ kind: 'arbitrate', store });
    const { card, at } = await arbiter.next('serving');
    const draft = {
      ...options.draft,
      expires: formatTime(Date.now() + OPEN),
      arbiter: { card, window: WINDOW },
    };
    const parties = keys.slice(0, 2).map(({ publicKey }) => publicKey);
    const terms = completePair({ draft, rule, security: undefined }, parties);
    await options.onTerms(terms);
    for (const [index, player] of [stays, leaves].entries()) {
      const { role } = player;
      player.onProgress = (phase) => options.onProgress(role, phase);
      player.tell({
        kind: 'enterWithArbiter',
        ...{ terms, role, timeout: options.timeout, arbiter: at },
        mandate: options.mandates[index]!,
        home: join(folder, role),
        listens: player === stays,
        walksAway: player === leaves,
      });
    }
    const { port } = await stays.next('listening');
    options.onConnected(port);
    leaves.tell({ kind: 'connect', port });
    const { proof: left } = await leaves.next('proved');
    await options.onGone(left);
    const { until } = await stays.next('complains');
    options.onComplaint(until);
    const { proof: stayed } = await stays.next('proved');
    return { terms, stayed, left, store };
  });
}
