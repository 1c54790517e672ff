// A 64-bit split, negotiated again and again between two processes: cold, warm and prepared.
import { rules } from '../../protocols/registry.ts';
import { completeTerms, type Security, type Terms } from '../../src/documents/terms.ts';
import type { Channel } from '../../src/link/channel.ts';
import type { SealKey } from '../../src/seals/index.ts';
import { openSession } from '../../src/session/open.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
import type { Session } from '../../src/session/session.ts';
import type { Peer } from '../peer.ts';
import { overWan, type Wan } from '../wan-channel.ts';
import { identity } from './identities.ts';

export interface DealOptions {
  readonly security: Security;
  readonly seals: 'none' | 'paillier';
  readonly warmUps: number;
  readonly sessions: number;
  /** Further negotiations on each session, and as many prepared ones. */
  readonly repeats: number;
  readonly wan?: Wan;
  /** Seals under a new pair of keys in every session, whose proofs are verified then. Otherwise both sides know each other's keys. */
  readonly firstContact?: boolean;
}

/** Milliseconds of each run at this side, and the cost of one. */
export interface DealResult {
  readonly cold: number[];
  readonly warm: number[];
  readonly online: number[];
  /** Bytes that this side sends in a cold one. */
  sent: number;
  readonly flights: { cold: number; warm: number; online: number };
}

/** Terms of a split over all 64-bit prices: 192 AND gates. */
export function dealTerms(security: Security, seals: 'none' | 'paillier'): Terms {
  return completeTerms(
    {
      parley: 1,
      subject: 'a benchmark',
      rule: { name: 'split' },
      range: { min: '0', max: String(2n ** 64n - 1n), step: '1', unit: '', decimals: 0 },
      parties: { seller: identity.left.publicKey, buyer: identity.right.publicKey },
      security,
      seals,
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    },
    {},
    rules.find(({ name }) => name === 'split')!,
  );
}

/** The limit of one side: always the same, and there is a deal. */
export function dealMandate(side: 'left' | 'right') {
  return { reservation: side === 'left' ? 41_000n : 52_000n };
}

export async function play({ side, options, channel }: Peer<DealOptions>): Promise<DealResult> {
  const result = noFigures();
  const keys = await sealKeys(side, options);
  const known = new Set<string>();
  const open = (through: Channel, run: number) =>
    openSession({
      channel: options.wan === undefined ? through : overWan(through, options.wan),
      initiator: side === 'right',
      identity: identity[side],
      peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
      sealKey: keys[run % keys.length],
      knownKeys: options.firstContact ? new Set<string>() : known,
    });
  const terms = dealTerms(options.security, options.seals);
  const mandate = dealMandate(side);
  for (let run = 0; run < options.warmUps + options.sessions; run += 1) {
    const through = await channel();
    const figures = await oneSession(() => open(through, run), { terms, mandate, repeats: options.repeats });
    addFigures(result, figures, run >= options.warmUps);
  }
  return result;
}

/** What one session is measured with. */
export interface Measured {
  readonly terms: Terms;
  readonly mandate: ReturnType<typeof dealMandate>;
  readonly repeats: number;
}

/** A session: a cold negotiation, then `repeats` warm and as many prepared ones. */
export async function oneSession(
  open: () => Promise<Session>,
  { terms, mandate, repeats }: Measured,
): Promise<DealResult> {
  const result = noFigures();
  const { flights } = result;
  const start = performance.now();
  const session = await open();
  const first = await session.negotiate({ terms, mandate });
  result.cold.push(performance.now() - start);
  flights.cold = first.stats.flights;
  result.sent = first.stats.bytes.sent;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const again = performance.now();
    const { stats } = await session.negotiate({ terms, mandate });
    result.warm.push(performance.now() - again);
    flights.warm = Math.max(flights.warm, stats.flights);
  }
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    await session.prepare(terms);
    const ready = performance.now();
    const { stats } = await session.negotiate({ terms, mandate });
    result.online.push(performance.now() - ready);
    flights.online = Math.max(flights.online, stats.flights);
  }
  await session.close();
  return result;
}

export function noFigures(): DealResult {
  return { cold: [], warm: [], online: [], sent: 0, flights: { cold: 0, warm: 0, online: 0 } };
}

/** Adds the figures of a session: its times only if they count. */
export function addFigures(
  to: DealResult,
  { cold, warm, online, sent, flights }: DealResult,
  counted: boolean,
): void {
  if (counted) {
    to.cold.push(...cold);
    to.warm.push(...warm);
    to.online.push(...online);
  }
  to.sent = sent;
  for (const kind of ['cold', 'warm', 'online'] as const) {
    to.flights[kind] = Math.max(to.flights[kind], flights[kind]);
  }
}

/** One key with its contexts made, or as many as there are sessions. */
async function sealKeys(side: 'left' | 'right', options: DealOptions): Promise<SealKey[]> {
  if (options.seals === 'none') return [];
  const count = options.firstContact ? options.warmUps + options.sessions : 1;
  const keys: SealKey[] = [];
  for (let made = 0; made < count; made += 1) {
    const key = await createSealKey(identity[side].publicKey);
    key.key.prepare();
    keys.push(key);
  }
  return keys;
}
