import * as z from 'zod';
import { InputError } from '../../src/errors.ts';

/** The seller's share of the surplus, p/q in lowest terms: 0 ≤ p ≤ q ≤ 2^16, q ≥ 1. */
export interface Share {
  readonly p: bigint;
  readonly q: bigint;
}

const MOST = 1n << 16n;

/** Parses "p/q"; undefined unless it is a fraction from 0 to 1 with q ≤ 2^16. */
export function parseShare(text: string): Share | undefined {
  const match = /^(0|[1-9][0-9]{0,4})\/([1-9][0-9]{0,4})$/.exec(text);
  if (match === null) return undefined;
  const [p, q] = [BigInt(match[1]!), BigInt(match[2]!)];
  if (p > q || q > MOST) return undefined;
  const divisor = greatestCommonDivisor(p, q);
  return { p: p / divisor, q: q / divisor };
}

/** The `sellerShare` member of terms, written in lowest terms. */
export const shareSchema = z
  .string()
  .transform((text, context) => {
    const share = parseShare(text);
    if (share !== undefined) return `${share.p}/${share.q}`;
    context.addIssue({ code: 'custom', message: 'not a fraction p/q from 0 to 1 with q ≤ 65536' });
    return z.NEVER;
  })
  .default('1/2');

/** The rule's own members of the terms. */
export interface Splitting {
  readonly sellerShare: string;
  /** The coarser step, if prices must be multiples of one. */
  readonly grid?: string;
}

/** The share in terms that the schema has accepted. */
export function shareOf({ sellerShare }: Splitting): Share {
  const share = parseShare(sellerShare);
  if (share === undefined) throw new InputError('ERR_TERMS_INVALID', 'sellerShare is not a fraction');
  return share;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
