import { rawPublicKey } from '../../src/documents/identity.ts';
import { completeTerms, type Terms, type TermsDraft } from '../../src/documents/terms.ts';
import { type DisputeStore, memoryDisputes } from '../../src/ledger/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import type { Session } from '../../src/session/session.ts';
import { cardOf, ruleOf } from '../escrow/terms.ts';
import { alice, bob } from '../paillier/keys.ts';
import { buyer, openPair, type SessionPair, seller, splitTerms } from './sessions.ts';

const keys = {
  left: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  right: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const known = { left: new Set<string>(), right: new Set<string>() };

/** Terms of both sides of `openFair`, with an arbiter, sealed unless `changes` say otherwise. */
export async function fairTerms(changes: Partial<TermsDraft> = {}): Promise<Terms> {
  const { range, ...base } = splitTerms() as TermsDraft & { readonly range: unknown };
  const priced = 'menu' in changes ? {} : { range };
  const draft = { ...base, ...priced, security: 'malicious', seals: 'paillier', ...changes } as TermsDraft;
  const arbiter = { card: await cardOf(), window: 600 };
  return completeTerms({ ...draft, arbiter }, {}, ruleOf(draft));
}

export interface FairPair {
  /** The seller's session, which dialled and so engages first, then the buyer's. */
  readonly sessions: readonly [Session, Session];
  readonly disputes: readonly [DisputeStore, DisputeStore];
}

/** Both ends of a session that can take terms with an arbiter. */
export async function openFair({ left, right, ...options }: SessionPair = {}): Promise<FairPair> {
  const disputes = [memoryDisputes(), memoryDisputes()] as const;
  const sessions = await openPair({
    ...options,
    left: { sealKey: keys.left, knownKeys: known.left, disputes: disputes[0], ...left },
    right: { sealKey: keys.right, knownKeys: known.right, disputes: disputes[1], ...right },
  });
  return { sessions, disputes };
}

/** All that is kept in a store of disputes. */
export async function keptIn(store: DisputeStore): Promise<Uint8Array[]> {
  return (await store.list()).map(({ document }) => document!);
}

const likes = (red: number, blue: number) => ({
  reservation: 0.1,
  ratings: { Colour: { weight: 1, values: { red, green: 0.7, blue } } },
});

/** A menu of three options: the changes of terms for `fairTerms`, the mandates of `openFair`'s sides, and the outcome. */
export const menuDeal = {
  changes: {
    rule: { name: 'menu' },
    menu: { issues: [{ name: 'Colour', values: ['red', 'green', 'blue'] }] },
    parties: { a: seller.publicKey, b: buyer.publicKey },
  } as Partial<TermsDraft>,
  mandates: [likes(1, 0), likes(0, 1)] as const,
  outcome: { deal: true, option: { index: 1, values: { Colour: 'green' } } },
};
