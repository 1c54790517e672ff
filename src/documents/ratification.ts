import * as z from 'zod';
import { VerificationError } from '../errors.ts';
import type { VerifiedAgreement } from './agreement.ts';
import { defineDocument } from './define.ts';
import type { Identity } from './identity.ts';
import { encodeBase64url } from './json.ts';
import type { GeneralJws } from './jws.ts';
import { bytesOf } from './members.ts';
import { outcomeDigest } from './outcome-digest.ts';
import type { Members } from './principal.ts';
import type { PublicJwk } from './terms.ts';
import { documentTypes } from './types.ts';

/** What a member says to a deal of its side's. */
export type Answer = 'yes' | 'no';

/** A member's answer, whose signature has been verified. */
export interface MemberAnswer {
  readonly member: PublicJwk;
  readonly answer: Answer;
  /** `outcomeDigest` of the deal, in base64url. */
  readonly outcome: string;
}

const ratifications = defineDocument({
  type: documentTypes.ratification,
  what: 'a ratification',
  limit: 4_096,
  codes: {
    format: 'ERR_RATIFICATION_FORMAT',
    signers: 'ERR_RATIFICATION_SIGNERS',
    signature: 'ERR_RATIFICATION_SIGNATURE',
  },
  schema: z.strictObject({
    parley: z.literal(1),
    outcome: bytesOf(32),
    answer: z.enum(['yes', 'no']),
  }),
  signers: (_, { members }: Pick<Members, 'members'>) => ({ members, threshold: 1 }),
});

/** A member's answer to a deal, to be given a time by a receipt or a publication. */
export async function signRatification(
  agreement: Pick<VerifiedAgreement, 'terms' | 'session' | 'outcome'>,
  answer: Answer,
  identity: Identity,
): Promise<GeneralJws> {
  const payload = { parley: 1 as const, outcome: encodeBase64url(outcomeDigest(agreement)), answer };
  return ratifications.assemble(payload, await ratifications.sign(payload, identity));
}

/** Reads an answer, and verifies no signature. Throws VerificationError `ERR_RATIFICATION_FORMAT`. */
export function openRatification(document: Uint8Array | string | object): {
  readonly answer: Answer;
  readonly outcome: string;
  readonly jws: GeneralJws;
} {
  const { payload, jws } = ratifications.read(document);
  return { answer: payload.answer, outcome: payload.outcome, jws };
}

/**
 * Reads an answer by one of these members. Throws VerificationError `ERR_RATIFICATION_FORMAT`, `ERR_RATIFICATION_SIGNERS` or `ERR_RATIFICATION_SIGNATURE`. Needs
 * `loadSodium`.
 */
export function readRatification(
  document: Uint8Array | string | object,
  side: Pick<Members, 'members'>,
): MemberAnswer {
  const read = ratifications.read(document);
  const [member, ...more] = ratifications.signedBy(read, side);
  if (member === undefined || more.length > 0) {
    throw new VerificationError('ERR_RATIFICATION_SIGNERS', 'a ratification is signed by one member');
  }
  const { answer, outcome } = read.payload;
  return { member, answer, outcome };
}
