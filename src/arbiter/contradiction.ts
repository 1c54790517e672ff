import { equalBytes } from '../crypto/bytes.ts';
import { readResolution } from '../documents/resolution.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { readVoid } from '../documents/void.ts';
import { VerificationError } from '../errors.ts';

/** What proves that an arbiter has broken its word. */
export interface Contradiction {
  /** The case, 32 bytes, of which it has said both. */
  readonly case: Uint8Array;
  /** When it says to have opened the escrows, and that it never will. */
  readonly resolved: string;
  readonly asOf: string;
}

/**
 * Verifies that `arbiter` has signed both a resolution and a void of one case. An honest one decides once, so the two documents convict it before anybody
 * who has its key. Throws VerificationError: `ERR_RESOLUTION_INVALID` for two documents that do not contradict each other, otherwise what is wrong with one of them.
 */
export function verifyContradiction(
  documents: {
    readonly resolution: Uint8Array | string | object;
    readonly void: Uint8Array | string | object;
  },
  arbiter: PublicJwk,
): Contradiction {
  const resolution = readResolution(documents.resolution, arbiter);
  const statement = readVoid(documents.void, arbiter);
  if (!equalBytes(resolution.case, statement.case)) {
    throw new VerificationError(
      'ERR_RESOLUTION_INVALID',
      'the resolution and the void are of different cases',
    );
  }
  return { case: resolution.case, resolved: resolution.resolved, asOf: statement.asOf };
}
