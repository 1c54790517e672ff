import * as z from 'zod';
import { countMembers, recordOf } from './collections.ts';
import { bytesOf } from './members.ts';
import type { Terms } from './terms.ts';

/** The mandate certificates under which parties act for somebody else: their digests (`mandateCertificateDigest`), by role. */
export type MandatesTerms = Readonly<Record<string, string>>;

/** The member `mandates` of terms: for one role, or for both. */
export const mandatesSchema: z.ZodType<MandatesTerms> = z
  .custom<unknown>((value) => [1, 2].includes(countMembers(value) ?? 0), 'neither one certificate nor two')
  .pipe(recordOf(bytesOf(32)));

/** What is wrong with the certificates that terms name: one is of no party of theirs. Undefined if nothing is. */
export function mandatesFault({
  mandates = {},
  parties,
}: Pick<Terms, 'mandates' | 'parties'>): string | undefined {
  const strays = Object.keys(mandates).filter((role) => !Object.hasOwn(parties, role));
  return strays.length === 0 ? undefined : 'mandates names a certificate of somebody who is no party';
}
