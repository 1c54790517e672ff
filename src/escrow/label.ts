import type { Point } from '../crypto/group.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';

declare const escrowLabelBrand: unique symbol;

/** L, 32 bytes: whose escrow of which session, under which key. Every ciphertext and digest of the escrow is bound to it. */
export type EscrowLabel = Uint8Array & { readonly [escrowLabelBrand]: true };

/** What an escrow belongs to. */
export interface EscrowOwner {
  /** Identifier of the negotiation, 32 bytes: the `session` of its documents. */
  readonly session: Uint8Array;
  /** Digest of the terms, 32 bytes. */
  readonly terms: Uint8Array;
  /** The role of the party whose mask it holds, as the rule calls it. */
  readonly role: string;
  /** The arbiter's escrow key. */
  readonly key: Point;
}

export function escrowLabel({ session, terms, role, key }: EscrowOwner): EscrowLabel {
  return hash(tags.escrowLabel, session, terms, role, key) as EscrowLabel;
}
