import { delegationsSchema } from '../../documents/bound-party.ts';
import type { DelegationDocuments } from '../../documents/delegation.ts';
import { type GeneralJws, openJws, typeOf } from '../../documents/jws.ts';
import { readMandateCertificate } from '../../documents/mandate-certificate.ts';
import { openMandateRevocations } from '../../documents/mandate-revocations.ts';
import { type WitnessedBy, witnessedAt } from '../../documents/mandate-status.ts';
import { samePrincipal } from '../../documents/principal.ts';
import { publishSchema } from '../../documents/publish-terms.ts';
import { documentTypes } from '../../documents/types.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { isProvedOutcome, readProvedOutcome } from '../../verify/proved-form.ts';
import { usageError } from '../terminal/failure.ts';
import type { WitnessFlags } from './witness-options.ts';

/** Proofs that were given, with the files that they come from. */
export interface GivenProofs extends WitnessedBy {
  /** In the order of the proofs. */
  readonly files: readonly string[];
}

/** What `--witnessed` and `--trusted-log` give; undefined if they are not there. Throws InputError. */
export async function readWitnessed({
  witnessed = [],
  trustedLog,
}: WitnessFlags): Promise<GivenProofs | undefined> {
  if (trustedLog === undefined) {
    if (witnessed.length === 0) return undefined;
    throw usageError('--witnessed needs --trusted-log', 'say in a file whose word you take on times');
  }
  const { data: log } = publishSchema.safeParse(await readJson(trustedLog, 'the log that you trust'));
  if (log === undefined) {
    throw usageError(
      `${trustedLog} names no log`,
      'it needs at, log, witnesses and quorum, as publish in terms has them',
    );
  }
  const proofs: string[] = [];
  for (const file of witnessed) {
    proofs.push(new TextDecoder().decode(await readBytes(file, 'the proof of publication')));
  }
  return { log, proofs, files: witnessed };
}

/** The files whose proofs are about none of these documents, or do not hold. */
export function unusedProofs(given: GivenProofs | undefined, documents: readonly GeneralJws[]): string[] {
  if (given === undefined) return [];
  const { log, proofs, files } = given;
  return files.filter((_, i) =>
    documents.every((document) => witnessedAt(document, { log, proofs: [proofs[i]!] }) === undefined),
  );
}

/**
 * The mandate certificates among files, each with every list of revocations of its principal; and with such lists, the certificates that a document holds itself. Throws VerificationError for a file that
 * is neither.
 */
export function delegationsIn(
  files: readonly Uint8Array[],
  held: readonly DelegationDocuments[] = [],
): DelegationDocuments[] {
  const lists = files.filter(isList);
  const withLists = (certificate: DelegationDocuments['certificate']): DelegationDocuments[] => {
    const { principal } = readMandateCertificate(certificate).certificate;
    return lists
      .filter((list) => samePrincipal(openMandateRevocations(list).principal, principal))
      .map((revocations) => ({ certificate, revocations }));
  };
  const given = files
    .filter((file) => !isList(file))
    .flatMap((certificate) => {
      const listed = withLists(certificate);
      return listed.length === 0 ? [{ certificate }] : listed;
    });
  return [...given, ...(lists.length === 0 ? [] : held.flatMap(({ certificate }) => withLists(certificate)))];
}

/** The lists of revocations among files. */
export function listsIn(files: readonly Uint8Array[]): GeneralJws[] {
  return files.filter(isList).map((file) => openJws(file).jws);
}

function isList(file: Uint8Array): boolean {
  return typeOf(file) === documentTypes.mandateRevocations;
}

/** What a witness can have seen of an outcome, and the certificates that come with it. Verifies nothing. Throws VerificationError. */
export function outcomeParts(bytes: Uint8Array): {
  readonly documents: readonly GeneralJws[];
  readonly held: readonly DelegationDocuments[];
} {
  if (isProvedOutcome(bytes)) {
    const { engagements, mandates = {} } = readProvedOutcome(bytes);
    return { documents: Object.values(engagements), held: Object.values(mandates) };
  }
  const { jws, payload } = openJws(bytes);
  const { mandates } = (payload ?? {}) as { readonly mandates?: unknown };
  const parsed = delegationsSchema.safeParse(mandates);
  return { documents: [jws], held: parsed.success ? Object.values(parsed.data) : [] };
}
