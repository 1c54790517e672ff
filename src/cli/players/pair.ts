import { setTimeout as delay } from 'node:timers/promises';
import type { Mandate, Rule } from '../../../protocols/rule.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { systemRandom } from '../../crypto/random.ts';
import { serializeAgreement } from '../../documents/agreement.ts';
import { type DelegationDocuments, readDelegation } from '../../documents/delegation.ts';
import type { GeneralJws } from '../../documents/jws.ts';
import {
  completeTerms,
  formatTime,
  type OutcomeJson,
  type PublicJwk,
  randomNonce,
  type Security,
  type Terms,
  type TermsDraft,
} from '../../documents/terms.ts';
import type { LogLine } from '../../link/log.ts';
import type { SealOpening } from '../../seals/index.ts';
import type { Phase } from '../../session/index.ts';
import type { PlayerResult } from './player.ts';
import { GRACE, PlayerError, PlayerProcess } from './player-process.ts';

/** Milliseconds until the deadline of terms that `run` and `demo` complete. */
const OPEN = 3_600_000;

export interface PairOptions {
  /** The draft, without parties. */
  readonly draft: TermsDraft;
  readonly rule: Rule;
  /** The mandates of party a and party b. */
  readonly mandates: readonly [Mandate, Mandate];
  readonly security: Security | undefined;
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Whether each party opens its own seal afterwards. */
  readonly opens?: boolean;
  /** For whom party a and party b act, if not for themselves: what shows it, made for the keys that they have made. */
  readonly delegations?: (keys: readonly PublicJwk[]) => Promise<readonly DelegationDocuments[]>;
  /** Called with the completed terms, before either party has its mandate. */
  readonly onTerms?: (terms: Terms) => Promise<void>;
  readonly onConnected?: (port: number) => void;
  readonly onProgress?: (role: string, phase: Phase | 'connected') => void;
  readonly onLog?: (role: string, line: LogLine) => void;
}

export interface PairStats {
  readonly ands: number;
  /** TCP payload. */
  readonly bytes: { readonly aToB: number; readonly bToA: number };
  readonly flights: number;
  readonly ms: { readonly total: number; readonly setup: number };
  readonly maxRssMiB: { readonly a: number; readonly b: number };
}

export interface PairResult {
  readonly terms: Terms;
  readonly outcome: OutcomeJson;
  readonly agreement: GeneralJws;
  /** The openings of party a and party b, if they were asked for and the terms have seals. */
  readonly openings: readonly SealOpening[];
  readonly stats: PairStats;
}

/**
 * Runs both parties of a negotiation in two processes over loopback TCP. Each party makes its own key and gets only its own
 * mandate. Both must end with the same agreement, byte for byte.
 */
export async function negotiateAsPair(options: PairOptions): Promise<PairResult> {
  const { rule, signal } = options;
  return withPlayers(rule.roles, signal, async (players) => {
    const [a, b] = players as [PlayerProcess, PlayerProcess];
    const keys = await Promise.all(players.map((player) => player.next('identity')));
    const parties = keys.map(({ publicKey }) => publicKey);
    const delegations = await options.delegations?.(parties);
    const terms = completePair(
      { ...options, draft: { ...options.draft, ...mandatesOf(rule, delegations) } },
      parties,
    );
    await options.onTerms?.(terms);
    for (const [index, player] of players.entries()) {
      const mandate = options.mandates[index]!;
      player.tell({
        kind: 'enter',
        terms,
        mandate,
        role: player.role,
        listens: player === a,
        timeout: options.timeout,
        logs: options.onLog !== undefined,
        opens: options.opens === true,
        delegation: delegations?.[index],
      });
      player.onProgress = (phase) => options.onProgress?.(player.role, phase);
      player.onLog = (line) => options.onLog?.(player.role, line);
    }
    const { port } = await a.next('listening');
    b.tell({ kind: 'connect', port });
    await Promise.all(players.map((player) => player.next('connected')));
    options.onConnected?.(port);
    for (const player of players) player.tell({ kind: 'go' });
    const [first, second] = await Promise.all([a.next('done'), b.next('done')]);
    return compare(terms, first.result, second.result);
  });
}

/** The member of terms that names these certificates. */
function mandatesOf({ roles }: Rule, delegations: readonly DelegationDocuments[] | undefined) {
  if (delegations === undefined) return {};
  return {
    mandates: Object.fromEntries(delegations.map((one, i) => [roles[i], readDelegation(one).digest])),
  };
}

/** Starts a process for each of these roles, and ends them all once `work` is over. */
export async function withPlayers<Value>(
  roles: readonly string[],
  signal: AbortSignal,
  work: (players: readonly PlayerProcess[]) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const players = roles.map((role) => new PlayerProcess(role));
  const onAbort = () => {
    for (const player of players) player.fail(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await together(players, () => work(players));
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const player of players) player.dismiss();
  }
}

/** Completes a draft for two fresh keys. */
export function completePair(
  { draft, rule, security }: Pick<PairOptions, 'draft' | 'rule' | 'security'>,
  keys: readonly PublicJwk[],
): Terms {
  return completeTerms(
    draft,
    {
      parties: { [rule.roles[0]]: keys[0]!, [rule.roles[1]]: keys[1]! },
      ...(draft.expires === undefined ? { expires: formatTime(Date.now() + OPEN) } : {}),
      ...(draft.nonce === undefined ? { nonce: randomNonce(systemRandom) } : {}),
      ...(security === undefined ? {} : { security }),
    },
    rule,
  );
}

function compare(terms: Terms, a: PlayerResult, b: PlayerResult): PairResult {
  if (!equalBytes(serializeAgreement(a.agreement), serializeAgreement(b.agreement))) {
    throw new Error('the two sides ended with different agreements');
  }
  const started = Math.min(a.startedAt, b.startedAt);
  const since = (time: number) => Math.round(10 * (time - started)) / 10;
  return {
    terms,
    outcome: a.outcome,
    agreement: a.agreement,
    openings: [a, b].flatMap(({ opening }) => opening ?? []),
    stats: {
      ands: a.ands,
      bytes: { aToB: a.sent, bToA: b.sent },
      flights: Math.min(a.flights, b.flights),
      ms: {
        total: since(Math.max(a.endedAt, b.endedAt)),
        setup: since(Math.max(a.setUpAt, b.setUpAt)),
      },
      maxRssMiB: { a: a.maxRssMiB, b: b.maxRssMiB },
    },
  };
}

/** Does `work`. If a party fails, waits a moment for the other party's error, and throws the more informative one. */
async function together<Value>(
  players: readonly PlayerProcess[],
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const settled = Promise.allSettled(players.map((player) => player.failed));
    if (error instanceof PlayerError) await Promise.race([settled, delay(GRACE, undefined, { ref: false })]);
    const failures = [error, ...players.map((player) => player.failure)];
    const reports = failures.filter((failure) => failure instanceof PlayerError);
    throw (reports.find((report) => !report.secondary) ?? reports[0])?.unwrap() ?? error;
  }
}
