import { VerificationError } from '../errors.ts';
import type { VerifiedDelegation } from './bound-party.ts';
import type { Delegation } from './delegation.ts';
import { type GeneralJws, serializeJws } from './jws.ts';
import { logPolicy, type PublishTerms } from './publish-terms.ts';
import { secondsOf } from './time.ts';
import { verifyLogged } from './tlog/proof.ts';

/**
 * Proofs that a log has a document, and the log that the verifier trusts. It is not the log of the terms: a delegate and its other side, who wrote these, could have chosen one that writes any
 * time.
 */
export interface WitnessedBy {
  readonly log: PublishTerms;
  /** C2SP tlog-proofs (src/documents/tlog). One that is about something else is left out. */
  readonly proofs: readonly string[];
}

/** By when a document existed, in seconds since 1970, as the log's witnesses say; undefined if nothing shows it. */
export function witnessedAt(document: GeneralJws, by: WitnessedBy | undefined): number | undefined {
  const times = (by?.proofs ?? []).flatMap((proof) => {
    try {
      return [verifyLogged(proof, serializeJws(document), logPolicy(by!.log)).time];
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return [];
    }
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * Whether it is shown that a delegate had signed while its certificate was in force: by then it had not ended, nor been revoked by any of the lists that the verifier has (`known`). Throws VerificationError
 * `ERR_DELEGATION_EXPIRED` if that is not shown, and the certificate binds its principal only if it is.
 */
export function mandateStatus(
  { certificate, digest }: Delegation,
  known: readonly Delegation[],
  time: number | undefined,
): Pick<VerifiedDelegation, 'mandate' | 'revoked'> {
  const revoking = known.flatMap(({ revocations }) =>
    revocations?.certificates.includes(digest) === true ? [revocations.asOf] : [],
  );
  const [revoked] = revoking.sort();
  const until = [certificate.expires, ...revoking].map(secondsOf);
  const witnessed = time !== undefined && until.every((end) => time <= end);
  if (!witnessed && certificate.scope.witnessed === true) {
    throw new VerificationError(
      'ERR_DELEGATION_EXPIRED',
      'the mandate certificate asks for a witness who shows that it was used in time, and none does',
      { hint: 'have the document published in a log that you trust, and give the proof with it' },
    );
  }
  return { mandate: witnessed ? 'witnessed' : 'claimed', ...(revoked !== undefined && { revoked }) };
}
