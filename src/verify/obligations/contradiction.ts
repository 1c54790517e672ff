import * as z from 'zod';
import { sameKey } from '../../documents/identity.ts';
import { decodeBase64url, parseJson } from '../../documents/json.ts';
import { keyMember } from '../../documents/members.ts';
import {
  type ReadStatement,
  readStatement,
  signersOfStatement,
} from '../../documents/obligations/statements.ts';
import { MAX_MEMBERS } from '../../documents/principal.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { InputError, VerificationError } from '../../errors.ts';
import type { VerifiedStatement } from './verify-statement.ts';

/** What proves that a judge has said both. */
export interface ContradictingVerdicts {
  /** Who has signed both. */
  readonly judges: readonly PublicJwk[];
  /** The outcome digest of the agreement, base64url. */
  readonly agreement: string;
  readonly obligation: string;
}

const headerSchema = z.object({ jwk: keyMember });

/**
 * Verifies that one key at least has signed, as a judge, two verdicts about one obligation of one agreement, of which one says `kept` and one `broken`. A side that judges what is owed to it contradicts nothing
 * by this: its `broken` is an objection, and `kept` ends the dispute; so its verdicts say whose they are. It needs neither the agreement nor any other
 * document: whose key it is, the reader has to know. Throws VerificationError `ERR_STATEMENT_CONTRADICTION` for two documents that do not contradict each other, otherwise what is wrong with
 * one of them. Needs `loadSodium`.
 */
export function verifyContradictingVerdicts(
  one: Uint8Array | string | object,
  other: Uint8Array | string | object,
): ContradictingVerdicts {
  const [first, second] = [readStatement(one), readStatement(other)];
  const [signed, alsoSigned] = [first, second].map((read) => signersOfStatement(read, keysIn(read)));
  if (!isContradiction(first, second)) {
    throw unrelated(
      'the two are not verdicts of judges about one obligation of which one says kept and one broken',
    );
  }
  const judges = signed!.filter((key) => alsoSigned!.some((also) => sameKey(key, also)));
  if (judges.length === 0) throw unrelated('nobody has signed both verdicts');
  const { agreement, obligation } = first.payload;
  return { judges, agreement, obligation };
}

/** All pairs among verified statements in which a judge contradicts itself. */
export function contradictingVerdicts(statements: readonly VerifiedStatement[]): {
  readonly judges: readonly PublicJwk[];
  readonly documents: readonly [VerifiedStatement, VerifiedStatement];
}[] {
  return statements.flatMap((kept) =>
    statements.flatMap((broken) => {
      if (kept.payload.verdict !== 'kept' || !isContradiction(kept, broken)) return [];
      const judges = kept.signers.filter((key) => broken.signers.some((also) => sameKey(key, also)));
      return judges.length === 0 ? [] : [{ judges, documents: [kept, broken] as const }];
    }),
  );
}

function isContradiction(
  one: Pick<ReadStatement, 'kind' | 'payload'>,
  other: Pick<ReadStatement, 'kind' | 'payload'>,
): boolean {
  return (
    [one, other].every(({ kind, payload }) => kind === 'verdict' && payload.judge === undefined) &&
    one.payload.agreement === other.payload.agreement &&
    one.payload.obligation === other.payload.obligation &&
    one.payload.verdict !== other.payload.verdict
  );
}

/** The different keys that a document's headers name. Whether they have signed it, and that each header is exactly the one it has to be, is checked by them. */
function keysIn({ jws }: ReadStatement): PublicJwk[] {
  const keys = jws.signatures.slice(0, MAX_MEMBERS).flatMap(({ protected: header }) => keyIn(header) ?? []);
  return keys.filter((key, i) => keys.findIndex((one) => sameKey(one, key)) === i);
}

function keyIn(header: string): PublicJwk | undefined {
  const bytes = decodeBase64url(header);
  if (bytes === undefined) return undefined;
  try {
    return headerSchema.safeParse(parseJson(bytes, 'the header', 1_024)).data?.jwk;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function unrelated(message: string): VerificationError {
  return new VerificationError('ERR_STATEMENT_CONTRADICTION', message);
}
