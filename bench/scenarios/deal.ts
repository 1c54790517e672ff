// A 64-bit split, negotiated again and again between two processes: cold, warm and prepared.
import { rules } from '../../protocols/registry.ts';
import { completeTerms, type Security, type Terms } from '../../src/documents/terms.ts';
import type { Channel } from '../../src/link/channel.ts';
import type { SealKey } from '../../src/seals/index.ts';
import { openSession } from '../../src/session/open.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
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
  readonly sent: number;
  readonly flights: { readonly cold: number; readonly warm: number; readonly online: number };
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
  const flights = { cold: 0, warm: 0, online: 0 };
  const result: DealResult = { cold: [], warm: [], online: [], sent: 0, flights };
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
  let sent = 0;
  for (let run = 0; run < options.warmUps + options.sessions; run += 1) {
    const counted = run >= options.warmUps;
    const through = await channel();
    const start = performance.now();
    const session = await open(through, run);
    const first = await session.negotiate({ terms, mandate });
    if (counted) result.cold.push(performance.now() - start);
    flights.cold = Math.max(flights.cold, first.stats.flights);
    sent = first.stats.bytes.sent;
    for (let repeat = 0; repeat < options.repeats; repeat += 1) {
      const again = performance.now();
      const { stats } = await session.negotiate({ terms, mandate });
      if (counted) result.warm.push(performance.now() - again);
      flights.warm = Math.max(flights.warm, stats.flights);
    }
    for (let repeat = 0; repeat < options.repeats; repeat += 1) {
      await session.prepare(terms);
      const ready = performance.now();
      const { stats } = await session.negotiate({ terms, mandate });
      if (counted) result.online.push(performance.now() - ready);
      flights.online = Math.max(flights.online, stats.flights);
    }
    await session.close();
  }
  return { ...result, sent };
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
