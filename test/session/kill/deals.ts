import { randomSplit } from '../../../protocols/random-split/index.ts';
import { rawPublicKey } from '../../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../../src/documents/terms.ts';
import type { KeyMemory, SealKey } from '../../../src/seals/index.ts';
import { proveSealKey } from '../../../src/seals/index.ts';
import { alice, bob } from '../../paillier/keys.ts';
import { buyer, seller, splitTerms } from '../../support/sessions.ts';

export type Side = 'seller' | 'buyer';

export const identities = { seller, buyer };
export const sealKeys: Readonly<Record<Side, SealKey>> = {
  seller: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  buyer: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
/** Key proofs have tests of their own. */
export const everyKey: KeyMemory = { has: () => true, add: () => undefined };
export const bids: Readonly<Record<Side, bigint>> = { seller: 400n, buyer: 700n };

/** A price drawn by both: terms made anew for each session, and the same question. */
export function drawnTerms(nonce: number): Terms {
  const text = Buffer.alloc(16, nonce).toString('base64url');
  const { rule: _, ...common } = splitTerms({ security: 'malicious', seals: 'paillier', nonce: text });
  return completeTerms({ ...common, rule: { name: 'random-split' } }, {}, randomSplit);
}

/** What a process that plays one side is told. */
export interface Assignment {
  readonly side: Side;
  readonly port: number;
  readonly ledger: string;
  /** The moment at which it kills itself, counted from 0; none if it is to finish. */
  readonly dies: number | undefined;
}

/** What it says when it has finished: every moment it has passed, and the price. */
export interface Finished {
  readonly moments: readonly string[];
  readonly price: string;
}

/** What a process is told that plays one side under terms with an arbiter. */
export interface FairAssignment {
  readonly side: Side;
  readonly port: number;
  /** Of its ledger and disputes. */
  readonly folder: string;
  readonly seals: 'paillier' | 'none';
}
