import {
  type ArbiterOptions,
  defineArbiter,
  memoryCases,
  type ReadDispute,
  readDispute,
  serializeDispute,
} from '../../src/arbiter/index.ts';
import { type Bits, bigintToBits } from '../../src/circuit/bits.ts';
import { type Complaint, signComplaint } from '../../src/documents/complaint.ts';
import { engagementDocument } from '../../src/documents/engagement.ts';
import { caseOf, type Fair } from '../../src/documents/fair.ts';
import type { LocalIdentity } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import { type Terms, termsDigest } from '../../src/documents/terms.ts';
import { isParleyError } from '../../src/errors.ts';
import { commitMasked, escrowLabel, jointSalt, recordDigest, shownOf } from '../../src/escrow/index.ts';
import { arbiter, digest, type Settled, seeded, settled, xor } from '../escrow/support.ts';
import { arbiterIdentity, arbitratedTerms, buyer, ruleOf, seller } from '../escrow/terms.ts';

export { arbiter, arbiterIdentity, buyer, seller };

export const ROLES = ['seller', 'buyer'] as const;
export type Role = (typeof ROLES)[number];
export const identities: Readonly<Record<Role, LocalIdentity>> = { seller, buyer };
export const COMPLAIN_BY = '2026-11-27T12:10:00Z';
/** `complainBy` in milliseconds. */
export const DEADLINE = Date.parse(COMPLAIN_BY);
/** A deal at 500, in the bits of `split` under the terms of these tests: the grid index above the bit that there is a deal. */
export const DEAL = { deal: true, price: '500' };

/** A session that both sides have engaged in, up to the exchange of masks. */
export interface Engaged {
  readonly terms: Terms;
  readonly session: Uint8Array;
  readonly escrows: Readonly<Record<Role, Settled>>;
  readonly engagements: Readonly<Record<Role, GeneralJws>>;
  readonly fair: Fair;
  readonly case: Uint8Array;
  readonly salt: Uint8Array;
  readonly masked: Bits;
  readonly outcome: Bits;
}

export interface EngagedOptions {
  readonly name?: string;
  readonly terms?: Partial<Terms>;
  readonly complainBy?: string;
  readonly key?: typeof arbiter;
  readonly outcome?: Bits;
}

/** Bits of an outcome of `split` that reads as `DEAL`. */
export function dealBits(width: number): Bits {
  return bigintToBits((500n << 1n) | 1n, width);
}

export async function engaged(options: EngagedOptions = {}): Promise<Engaged> {
  const { name = 'session', complainBy = COMPLAIN_BY, key = arbiter } = options;
  const terms = await arbitratedTerms(options.terms);
  const width = ruleOf(terms).under(terms).outcomeWidth!;
  const outcome = options.outcome ?? dealBits(width);
  const [session, signed] = [digest(name), termsDigest(terms)];
  const escrowOf = (role: Role, index: number) => {
    const label = escrowLabel({ session, terms: signed, role, key: key.publicKey });
    return settled({ label, key: key.publicKey, width }, seeded(50, index, name.length));
  };
  const [one, other] = await Promise.all(ROLES.map(escrowOf));
  const escrows = { seller: one!, buyer: other! };
  const masked = xor(outcome, xor(one!.own.mask(), other!.own.mask()));
  const salt = jointSalt(digest('salt a'), digest('salt b'));
  const fair = {
    escrows: {
      seller: encodeBase64url(recordDigest(one!.record)),
      buyer: encodeBase64url(recordDigest(other!.record)),
    },
    masked: encodeBase64url(commitMasked(session, salt, masked)),
    complainBy,
  };
  const sign = async (role: Role) => {
    const document = engagementDocument({ terms, session, party: role, fair });
    const identity = identities[role];
    return document.assemble({ key: identity.publicKey, signature: await document.sign(identity) });
  };
  const engagements = { seller: await sign('seller'), buyer: await sign('buyer') };
  const of = caseOf({ terms: signed, session, fair });
  return { terms, session, escrows, engagements, fair, case: of, salt, masked, outcome };
}

/** What a side has kept: with the other's engagement or without, its own mask given out or not. */
export function disputeOf(
  { escrows, engagements, salt, masked }: Engaged,
  role: Role,
  { both = true, opened = false }: { readonly both?: boolean; readonly opened?: boolean } = {},
): ReadDispute {
  const held = both ? engagements : { [role]: engagements[role] };
  const records = { seller: escrows.seller.record, buyer: escrows.buyer.record };
  const own = escrows[role].own.open();
  return readDispute(serializeDispute({ role, engagements: held, salt, masked, records, own, opened }));
}

/** An arbiter whose clock is the test's. */
export function arbiterAt(time: number, options: Partial<ArbiterOptions> = {}) {
  const clock = { time };
  const store = memoryCases();
  const own = { identity: arbiterIdentity, escrowKey: arbiter, store, now: () => clock.time };
  return { clock, store, arbiter: defineArbiter({ ...own, ...options }) };
}

/** What a complaint shows of both escrows. */
export const shown = ({ escrows }: Engaged): Complaint['escrows'] => ({
  seller: shownOf(escrows.seller.record),
  buyer: shownOf(escrows.buyer.record),
});

/** The buyer's complaint, with changes, signed by somebody. */
export const complaintOf = (of: Engaged, changes: Partial<Complaint> = {}, identity = buyer) =>
  signComplaint({ by: 'buyer', engagements: of.engagements, escrows: shown(of), ...changes }, identity);

export const questionFrom = (of: Engaged, role: Role = 'buyer') => serializeJws(of.engagements[role]);

/** The code of what a promise rejects with, or `answered`. */
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (isParleyError(error) ? error.code : String(error)),
  );
