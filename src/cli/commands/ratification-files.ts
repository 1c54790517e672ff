import { type GeneralJws, openJws } from '../../documents/jws.ts';
import { type TimeEvidence, timeEvidenceIn } from '../../documents/time-evidence.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';

/** Answers of members with the files that they come from, and what shows their times. */
export interface RatificationFiles {
  readonly statements: readonly GeneralJws[];
  readonly evidence: readonly TimeEvidence[];
  /** The files of the statements, in the same order. */
  readonly files: readonly string[];
}

/** Reads the files given with `--ratification`: answers and proofs of publication, in any order. Throws VerificationError for what is neither, such as a receipt. */
export async function readRatificationFiles(paths: readonly string[]): Promise<RatificationFiles> {
  const statements: GeneralJws[] = [];
  const files: string[] = [];
  const evidence: TimeEvidence[] = [];
  for (const path of paths) {
    const bytes = await readBytes(path, 'the ratification');
    const found = timeEvidenceIn(bytes);
    if (found?.kind === 'receipt') {
      throw noRatification(`${path} is a receipt: a ratification counts by its publication only`);
    }
    if (found !== undefined) {
      evidence.push(found);
      continue;
    }
    statements.push(readSigned(path, bytes));
    files.push(path);
  }
  return { statements, evidence, files };
}

function readSigned(path: string, bytes: Uint8Array): GeneralJws {
  try {
    return openJws(bytes, 'ERR_RATIFICATION_FORMAT').jws;
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw noRatification(`${path} is no ratification, nor a proof of publication of one`, { cause });
  }
}

function noRatification(message: string, options?: ErrorOptions): VerificationError {
  return new VerificationError('ERR_RATIFICATION_FORMAT', message, options);
}

/** The files that some of the statements come from. */
export function fileNames({ statements, files }: RatificationFiles, some: readonly GeneralJws[]): string[] {
  return files.filter((_, i) => some.includes(statements[i]!));
}
