import * as z from 'zod';
import { isAddress } from './address.ts';
import { publicJwk } from './identity.ts';
import type { PublicJwk } from './terms.ts';
import type { LogPolicy } from './tlog/proof.ts';
import { parseVerifierKey, type VerifierKey } from './tlog/verifier-key.ts';

/** Where signed statements are published, so that anybody can see them, and see since when they are there (src/documents/tlog). */
export interface PublishTerms {
  /** Where the log can be read: an `https:` URL. Nothing in Parley opens it. */
  readonly at: string;
  /** The log's key, in the form of C2SP's verifier keys. Its name is the log's origin. */
  readonly log: string;
  /** The keys of the log's witnesses, in the same form. */
  readonly witnesses: readonly string[];
  /** How many of them have to have seen an entry. */
  readonly quorum: number;
}

/** The most witnesses of a log. */
const MAX_WITNESSES = 16;

const witness = z
  .string()
  .refine(
    (text) => parseVerifierKey(text, 'witness') !== undefined,
    'not the key of a witness (C2SP, type 4)',
  );

/** The member `publish` of terms. */
export const publishSchema: z.ZodType<PublishTerms> = z
  .strictObject({
    at: z.string().refine(isAddress, 'not an https: address'),
    log: z
      .string()
      .refine((text) => parseVerifierKey(text, 'log') !== undefined, 'not the key of a log (C2SP, type 1)'),
    witnesses: z
      .array(witness)
      .min(1)
      .max(MAX_WITNESSES)
      .refine(areOthers, 'two witnesses have one key or one name'),
    quorum: z.int().min(1).max(MAX_WITNESSES),
  })
  .refine(({ quorum, witnesses }) => quorum <= witnesses.length, 'quorum is more than all the witnesses')
  .refine((publish) => !isItsOwnWitness(publish), 'the log is a witness of its own');

/** The log, and the witnesses of it, that terms accept. */
export function logPolicy({ log, witnesses, quorum }: PublishTerms): LogPolicy {
  return {
    log: parseVerifierKey(log, 'log')!,
    witnesses: witnesses.map((text) => parseVerifierKey(text, 'witness')!),
    quorum,
  };
}

/** The log's key, and then those of its witnesses. */
export function publisherKeys(publish: PublishTerms): PublicJwk[] {
  const { log, witnesses } = logPolicy(publish);
  return [log, ...witnesses].map(({ key }) => publicJwk(key));
}

function areOthers(witnesses: readonly string[]): boolean {
  const keys = witnesses.map((text) => parseVerifierKey(text, 'witness'));
  return [keys.map((key) => key?.name), keys.map(pointOf)].every((all) => new Set(all).size === all.length);
}

/** A log that could sign as its own witness would make times up. */
function isItsOwnWitness({ log, witnesses }: PublishTerms): boolean {
  const own = pointOf(parseVerifierKey(log, 'log'));
  return witnesses.some((text) => pointOf(parseVerifierKey(text, 'witness')) === own);
}

function pointOf(key: VerifierKey | undefined): string {
  return String(key?.key);
}
