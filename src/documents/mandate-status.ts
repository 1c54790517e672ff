import { VerificationError } from '../errors.ts';
import type { VerifiedDelegation } from './bound-party.ts';
import type { Delegation } from './delegation.ts';
import { type GeneralJws, serializeJws } from './jws.ts';
import type { MandateCertificate } from './mandate-certificate.ts';
import { readMandateRevocations } from './mandate-revocations.ts';
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
 * Whether it is shown that a delegate had signed while its certificate was in force: by then the certificate had not ended, and no list that revokes it was witnessed. What a list says of its own time proves
 * nothing: a principal could revoke by a date in the past what it no longer likes. `lists` are those that the verifier has, whoever they are of: only those that belong to this certificate count. Throws
 * VerificationError `ERR_DELEGATION_EXPIRED` if the certificate binds its principal only if that is shown, and it is not.
 */
export function mandateStatus(
  { certificate, digest }: Delegation,
  lists: readonly GeneralJws[],
  time: number | undefined,
  by: WitnessedBy | undefined,
): Pick<VerifiedDelegation, 'mandate' | 'revoked'> {
  const revoking = lists.flatMap((list) => {
    const asOf = revokedAsOf(list, certificate, digest);
    return asOf === undefined ? [] : [{ asOf, shown: witnessedAt(list, by) }];
  });
  const [revoked] = revoking.map(({ asOf }) => asOf).sort();
  const until = [secondsOf(certificate.expires), ...revoking.flatMap(({ shown }) => shown ?? [])];
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

/** The time that a list has, if it belongs to this certificate and revokes it. */
function revokedAsOf(list: GeneralJws, certificate: MandateCertificate, digest: string): string | undefined {
  try {
    const { revocations } = readMandateRevocations(list, certificate);
    return revocations.certificates.includes(digest) ? revocations.asOf : undefined;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}
