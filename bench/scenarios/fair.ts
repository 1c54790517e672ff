// A sealed 64-bit split with an arbiter, and the same without one in turn, between two processes: cold, warm and prepared.
import { ruleOf } from '../../protocols/registry.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { signArbiterCard } from '../../src/documents/arbiter-card.ts';
import { generateIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import { EscrowKey } from '../../src/escrow/index.ts';
import { memoryDisputes } from '../../src/ledger/index.ts';
import { openSession } from '../../src/session/open.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
import type { Peer } from '../peer.ts';
import { addFigures, type DealResult, dealMandate, dealTerms, noFigures, oneSession } from './deal.ts';
import { identity } from './identities.ts';

export interface FairOptions {
  readonly warmUps: number;
  /** Sessions of each kind. */
  readonly sessions: number;
  readonly repeats: number;
}

/** This side's figures, with the arbiter and without. */
export type FairResult = Readonly<Record<'fair' | 'sealed', DealResult>>;

/** The arbiter, the same in all processes. libsodium has to be loaded. */
export function arbiterOfDeals() {
  const random = seededRandom(new Uint8Array(16).fill(5));
  const [identity, escrowKey] = [generateIdentity(random), EscrowKey.generate(random)];
  const pop = escrowKey.provePossession(rawPublicKey(identity.publicKey), random);
  return { identity, escrowKey, pop };
}

/** The terms of a sealed deal, with this arbiter. */
export async function fairTerms(): Promise<Terms> {
  const { identity, escrowKey, pop } = arbiterOfDeals();
  const windows = { min: 300, max: 3_600 };
  const card = await signArbiterCard({ escrow: escrowKey.publicKey, pop, at: undefined, windows }, identity);
  const terms = { ...dealTerms('malicious', 'paillier'), arbiter: { card, window: 600 } };
  return completeTerms(terms, {}, ruleOf(terms));
}

export async function play({ side, options, channel }: Peer<FairOptions>): Promise<FairResult> {
  const result: FairResult = { fair: noFigures(), sealed: noFigures() };
  const terms = { fair: await fairTerms(), sealed: dealTerms('malicious', 'paillier') };
  const sealKey = await createSealKey(identity[side].publicKey);
  sealKey.key.prepare();
  const knownKeys = new Set<string>();
  for (let run = 0; run < options.warmUps + options.sessions; run += 1) {
    const inTurn = run % 2 === 0 ? (['fair', 'sealed'] as const) : (['sealed', 'fair'] as const);
    for (const kind of inTurn) {
      const through = await channel();
      const open = () =>
        openSession({
          ...{ channel: through, initiator: side === 'right', sealKey, knownKeys },
          identity: identity[side],
          peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
          disputes: memoryDisputes(),
        });
      const measured = { terms: terms[kind], mandate: dealMandate(side), repeats: options.repeats };
      addFigures(result[kind], await oneSession(open, measured), run >= options.warmUps);
    }
  }
  return result;
}
