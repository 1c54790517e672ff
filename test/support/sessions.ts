import { split } from '../../protocols/split/index.ts';
import { generateIdentity, type LocalIdentity } from '../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { AnyMessageType } from '../../src/link/memory-link.ts';
import { type OpenOptions, openSession } from '../../src/session/open.ts';
import type { SessionParts } from '../../src/session/parts.ts';
import type { Session } from '../../src/session/session.ts';
import { testRandom } from './channels.ts';
import { memoryOf } from './kernel-memory.ts';

/** The seller dials in these tests, so it is the initiator and garbles. */
export const seller: LocalIdentity = generateIdentity(testRandom(31));
export const buyer: LocalIdentity = generateIdentity(testRandom(32));

/** Completed terms of a split under semi-honest security. */
export function splitTerms(changes: Partial<Terms> = {}): Terms {
  return completeTerms(
    {
      parley: 1,
      subject: 'used car',
      rule: { name: 'split' },
      range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
      parties: { seller: seller.publicKey, buyer: buyer.publicKey },
      security: 'semi-honest',
      seals: 'none',
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      ...changes,
    },
    {},
    split,
  );
}

export interface SessionPair {
  readonly channels?: [Channel, Channel];
  readonly left?: Partial<OpenOptions>;
  readonly right?: Partial<OpenOptions>;
  readonly timeout?: number;
}

const memories = new WeakMap<Session, () => Uint8Array>();

/** Both ends of a session: the seller's, which dialled, and the buyer's. */
export async function openPair(options: SessionPair = {}): Promise<[Session, Session]> {
  const [left, right] = options.channels ?? memoryChannelPair();
  const timeout = options.timeout ?? 5_000;
  const pair = await Promise.all([
    openSession({ channel: left, identity: seller, peer: buyer.publicKey, timeout, ...options.left }),
    openSession({ channel: right, identity: buyer, peer: seller.publicKey, timeout, ...options.right }),
  ]);
  for (const session of pair) {
    memories.set(session, memoryOf(partsOf(session).setup.kernel));
  }
  return pair;
}

/** The parts of a session, for tests that look inside. */
export function partsOf(session: Session): SessionParts {
  return (session as unknown as { parts: SessionParts }).parts;
}

/** For each promise 'ok' if it resolves, otherwise its error code. */
export async function codes(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason?.code ?? String(one.reason))));
}

/** Lets a function change every message that a session sends from now on, before it is encrypted. */
export function tamper(
  session: Session,
  change: (type: AnyMessageType, fields: Record<string, Uint8Array>) => void,
): void {
  const { link } = partsOf(session);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  link.send = (type, shape, fields) => {
    const copies: Record<string, Uint8Array> = {};
    for (const [name, bytes] of Object.entries<Uint8Array>(fields)) copies[name] = bytes.slice();
    change(type as AnyMessageType, copies);
    return send(type, shape, copies);
  };
}

/** The whole memory of a session's kernel, also once the session is over. */
export function kernelOf(session: Session): Uint8Array {
  return memories.get(session)!();
}
