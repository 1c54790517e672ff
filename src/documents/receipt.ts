import * as z from 'zod';
import { equalBytes } from '../crypto/bytes.ts';
import { InputError, VerificationError } from '../errors.ts';
import { cosign } from './cosign.ts';
import { defineDocument, statementDigest } from './define.ts';
import type { Identity } from './identity.ts';
import { decodeBase64url, encodeBase64url } from './json.ts';
import type { GeneralJws } from './jws.ts';
import { bytesOf, timeMember } from './members.ts';
import { asMembers, type Principal } from './principal.ts';
import { formatTime, secondsOf } from './time.ts';
import { documentTypes } from './types.ts';

/** A side's signed word that it had a statement of the other side's at a time. */
export interface Receipt {
  /** The digest of the signed statement, 32 bytes. */
  readonly statement: Uint8Array;
  /** UTC, in whole seconds. */
  readonly received: string;
}

const receipts = defineDocument({
  type: documentTypes.receipt,
  what: 'a receipt',
  limit: 16_384,
  codes: {
    format: 'ERR_RECEIPT_FORMAT',
    signers: 'ERR_RECEIPT_SIGNERS',
    signature: 'ERR_RECEIPT_SIGNATURE',
  },
  schema: z.strictObject({ parley: z.literal(1), statement: bytesOf(32), received: timeMember }),
  signers: (_, receiver: Principal) => asMembers(receiver),
});

/** A receipt of a signed statement, which is not checked here. */
export async function signReceipt(
  statement: GeneralJws,
  identity: Identity,
  now: number = Date.now(),
): Promise<GeneralJws> {
  const payload = {
    parley: 1 as const,
    statement: encodeBase64url(statementDigest(statement)),
    received: formatTime(now),
  };
  return receipts.assemble(payload, await receipts.sign(payload, identity));
}

/**
 * The receipt of a statement with one signature more, where its receiver is several people of whom so many have to sign. Throws InputError `ERR_USAGE` for a receipt of another statement, and for a key
 * that is none of theirs or has signed already; VerificationError `ERR_RECEIPT_FORMAT`, `ERR_RECEIPT_SIGNERS` or `ERR_RECEIPT_SIGNATURE`. Needs `loadSodium`.
 */
export async function cosignReceipt(
  receipt: Uint8Array | string | object,
  statement: GeneralJws,
  receiver: Principal,
  identity: Identity,
): Promise<GeneralJws> {
  const read = receipts.read(receipt);
  if (!isOf(read.payload, statement)) {
    throw new InputError('ERR_USAGE', 'this is the receipt of another statement');
  }
  return cosign(receipts, read, receiver, identity, receiver);
}

/** Reads a receipt, and verifies no signature. Throws VerificationError `ERR_RECEIPT_FORMAT`. */
export function openReceipt(receipt: Uint8Array | string | object): Receipt {
  const { statement, received } = receipts.read(receipt).payload;
  return { statement: decodeBase64url(statement)!, received };
}

/** Reads a receipt by this receiver. Throws VerificationError `ERR_RECEIPT_FORMAT`, `ERR_RECEIPT_SIGNERS` or `ERR_RECEIPT_SIGNATURE`. */
export function readReceipt(receipt: Uint8Array | string | object, receiver: Principal): Receipt {
  const { statement, received } = receipts.verify(receipt, receiver);
  return { statement: decodeBase64url(statement)!, received };
}

function isOf(payload: { readonly statement: string }, statement: GeneralJws): boolean {
  return equalBytes(decodeBase64url(payload.statement)!, statementDigest(statement));
}

/** When the receiver had this statement, in seconds since 1970; undefined if this is no receipt of it by that receiver. */
export function receivedAt(
  receipt: GeneralJws,
  statement: GeneralJws,
  receiver: Principal,
): number | undefined {
  try {
    const read = receipts.read(receipt);
    if (!isOf(read.payload, statement)) return undefined;
    receipts.check(read, receiver);
    return secondsOf(read.payload.received);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}
