import type { VerifiedAgreement } from '../../documents/agreement.ts';
import { type GeneralJws, openJws, typeOf } from '../../documents/jws.ts';
import { statementKindOf } from '../../documents/obligations/statements.ts';
import { ratificationOf } from '../../documents/ratified.ts';
import { type TimeEvidence, timeEvidenceIn } from '../../documents/time-evidence.ts';
import { documentTypes } from '../../documents/types.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';
import type { Seen } from '../../verify/obligations/statement.ts';
import { type VerifiedStatement, verifyStatement } from '../../verify/obligations/verify-statement.ts';

/** Files that were given beside an agreement, by what they are. Nothing has been verified. */
export interface GivenFiles {
  readonly statements: { readonly file: string; readonly bytes: Uint8Array }[];
  readonly ratifications: { readonly file: string; readonly jws: GeneralJws }[];
  readonly evidence: { readonly file: string; readonly evidence: TimeEvidence }[];
}

/** A verified statement with the file that it comes from, and all that vouches for its time. */
export interface GivenStatement extends VerifiedStatement {
  readonly file: string;
  readonly seen: readonly Seen[];
}

/** Reads files, and sorts them by what they say they are. `reading` is told which one it is about to read. Throws VerificationError for a file that is nothing of the kind. */
export async function readGiven(
  files: readonly string[],
  reading: (file: string) => void,
): Promise<GivenFiles> {
  const given: GivenFiles = { statements: [], ratifications: [], evidence: [] };
  for (const file of files) {
    reading(file);
    const bytes = await readBytes(file, 'the statement');
    const evidence = timeEvidenceIn(bytes);
    if (evidence !== undefined) given.evidence.push({ file, evidence });
    else if (typeOf(bytes) === documentTypes.ratification)
      given.ratifications.push({ file, jws: openJws(bytes).jws });
    else if (statementKindOf(bytes) !== undefined) given.statements.push({ file, bytes });
    else {
      throw new VerificationError(
        'ERR_STATEMENT_FORMAT',
        'this is no claim, verdict, objection or ratification, nor a receipt or a proof of publication of one',
      );
    }
  }
  return given;
}

/** Verifies the statements among them with whatever vouches for their times. `unused` are answers of members that are not valid or not to this deal, and what vouches for nothing. Throws VerificationError. */
export function verifyGiven(
  { statements, ratifications, evidence }: GivenFiles,
  agreement: VerifiedAgreement,
  reading: (file: string) => void,
): { readonly given: GivenStatement[]; readonly unused: string[] } {
  const used = new Set<string>();
  const answers = ratifications.map(({ jws }) => jws);
  const ignored = agreement.ratification?.ignored ?? answers;
  for (const { file, jws } of ratifications) if (!ignored.includes(jws)) used.add(file);
  for (const { file, evidence: one } of evidence) {
    const found = ratificationOf(agreement, { statements: answers, evidence: [one] });
    const members = Object.values(found?.sides ?? {}).flatMap((side) => side.members);
    if (members.some(({ yes, no }) => yes !== undefined || no !== undefined)) used.add(file);
  }
  const given = statements.map(({ file, bytes }) => {
    reading(file);
    const alone = verifyStatement(bytes, agreement);
    const proved = evidence.flatMap((one) => {
      const { seen } = verifyStatement(bytes, agreement, [one.evidence]).timed[0]!;
      const more = seen.filter(({ how }) => how !== 'claimed');
      if (more.length > 0) used.add(one.file);
      return more;
    });
    return { ...alone, file, seen: [...proved, ...alone.timed[0]!.seen] };
  });
  const optional = [...ratifications, ...evidence].map(({ file }) => file);
  return { given, unused: optional.filter((file) => !used.has(file)) };
}
