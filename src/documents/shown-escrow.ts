import * as z from 'zod';
import { CHALLENGE_BITS, CHALLENGE_LENGTH } from '../seals/parameters.ts';
import { listOf } from './collections.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import { bytesOf } from './members.ts';

/** Pairs of ciphertexts in an escrow, of which one each stays unopened (src/escrow/README.md, _Parameters_). */
const PAIRS = CHALLENGE_BITS;
/** The shortest and the longest plaintext of an escrow, in bytes: outcomes of 1 to 1,024 bits, with 48 more. */
const PLAINTEXT = { min: 7, max: 134 } as const;
/** Bytes by which a ciphertext is longer than its plaintext. */
const OVERHEAD = 64;

/** What a complaint shows of one party's escrow: the challenge, the unopened ciphertexts, and a digest of the rest of its record. */
export interface ShownEscrow {
  /** 5 bytes. */
  readonly challenge: Uint8Array;
  /** One for each pair, of one length. */
  readonly ciphertexts: readonly Uint8Array[];
  /** 32 bytes. */
  readonly second: Uint8Array;
}

/** What an arbiter has decrypted of one ciphertext. */
export interface OpenedCiphertext {
  readonly plaintext: Uint8Array;
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

/** What it has decrypted of an escrow, a member for each pair; undefined where a ciphertext is none of this escrow. */
export type OpenedEscrow = readonly (OpenedCiphertext | undefined)[];

const { min, max } = PLAINTEXT;
export const shownEscrowSchema = z.strictObject({
  challenge: bytesOf(CHALLENGE_LENGTH),
  ciphertexts: bytesOf(PAIRS * (OVERHEAD + min), PAIRS * (OVERHEAD + max)).refine(
    (text) => decodeBase64url(text)!.length % PAIRS === 0,
  ),
  second: bytesOf(32),
});

export function shownEscrowAsJson({
  challenge,
  ciphertexts,
  second,
}: ShownEscrow): z.infer<typeof shownEscrowSchema> {
  const length = ciphertexts[0]!.length;
  const joined = new Uint8Array(PAIRS * length);
  for (const [index, ciphertext] of ciphertexts.entries()) joined.set(ciphertext, index * length);
  return {
    challenge: encodeBase64url(challenge),
    ciphertexts: encodeBase64url(joined),
    second: encodeBase64url(second),
  };
}

/** Reads what the schema has accepted. */
export function shownEscrowFrom(json: z.infer<typeof shownEscrowSchema>): ShownEscrow {
  const joined = decodeBase64url(json.ciphertexts)!;
  const length = joined.length / PAIRS;
  return {
    challenge: decodeBase64url(json.challenge)!,
    ciphertexts: Array.from({ length: PAIRS }, (_, index) =>
      joined.slice(index * length, (index + 1) * length),
    ),
    second: decodeBase64url(json.second)!,
  };
}

export const openedEscrowSchema = listOf(
  z.strictObject({ p: bytesOf(min, max), seed: bytesOf(32) }).nullable(),
).refine(({ length }) => length === PAIRS);

export function openedEscrowAsJson(opened: OpenedEscrow): z.infer<typeof openedEscrowSchema> {
  return opened.map((one) =>
    one === undefined ? null : { p: encodeBase64url(one.plaintext), seed: encodeBase64url(one.seed) },
  );
}

/** Reads what the schema has accepted. */
export function openedEscrowFrom(json: z.infer<typeof openedEscrowSchema>): OpenedEscrow {
  return json.map((one) =>
    one === null ? undefined : { plaintext: decodeBase64url(one.p)!, seed: decodeBase64url(one.seed)! },
  );
}
