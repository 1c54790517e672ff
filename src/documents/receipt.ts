import * as z from 'zod';
import { equalBytes } from '../crypto/bytes.ts';
import { VerificationError } from '../errors.ts';
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

/** Reads a receipt by this receiver. Throws VerificationError `ERR_RECEIPT_FORMAT`, `ERR_RECEIPT_SIGNERS` or `ERR_RECEIPT_SIGNATURE`. */
export function readReceipt(receipt: Uint8Array | string | object, receiver: Principal): Receipt {
  const { statement, received } = receipts.verify(receipt, receiver);
  return { statement: decodeBase64url(statement)!, received };
}

/** When the receiver had this statement, in seconds since 1970; undefined if this is no receipt of it by that receiver. */
export function receivedAt(
  receipt: GeneralJws,
  statement: GeneralJws,
  receiver: Principal,
): number | undefined {
  try {
    const read = receipts.read(receipt);
    if (!equalBytes(decodeBase64url(read.payload.statement)!, statementDigest(statement))) return undefined;
    receipts.check(read, receiver);
    return secondsOf(read.payload.received);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}
