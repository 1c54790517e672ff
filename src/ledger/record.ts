import * as z from 'zod';
import { toHex } from '../crypto/encoding.ts';
import { hash } from '../crypto/hash.ts';
import { tags } from '../crypto/tags.ts';
import { canonicalText, decodeBase64url } from '../documents/json.ts';

const digest = z.string().refine((text) => decodeBase64url(text)?.length === 32);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const bits = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

const attempt = {
  matter: z.string(),
  /** Digests, base64url of 32 bytes. */
  session: digest,
  question: digest,
  own: digest,
  peer: digest,
  time,
};

/** How far a session can have come, as both parties see it. */
const stage = z.enum(['connected', 'terms-agreed', 'mandate-given', 'engaged', 'outcome-known', 'signed']);
export type Stage = z.infer<typeof stage>;

const conduct = {
  session: digest,
  /** The last stage that the session had reached. */
  after: stage,
  time,
};

const schema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ledger'), parley: z.literal(1), peer: digest }),
  /** `seal` is this side's seal as the session wants it back. */
  z.strictObject({ type: z.literal('sealed'), ...attempt, seal: z.json() }),
  z.strictObject({ type: z.literal('released'), ...attempt, bits, releases: z.int().min(1).exactOptional() }),
  z.strictObject({ type: z.literal('agreed'), ...attempt, agreement: digest }),
  /** `terms` (digest) and `matter` where this side had terms by then; `check` names what failed. */
  z.strictObject({
    type: z.literal('cheated'),
    ...conduct,
    check: z.string(),
    terms: digest.exactOptional(),
    matter: z.string().exactOptional(),
  }),
  /** `engaged`: whether the peer's engagement had arrived; `shared`: whether this side's share of the outcome may have reached it. */
  z.strictObject({
    type: z.literal('left'),
    ...conduct,
    terms: digest,
    matter: z.string(),
    engaged: z.boolean(),
    shared: z.boolean(),
  }),
  z.strictObject({ type: z.literal('forgiven'), time }),
]);

/** One line of a log. */
export type LedgerRecord = z.infer<typeof schema>;
/** A record about the peer: any but the first line's. */
export type PeerRecord = Exclude<LedgerRecord, { type: 'ledger' }>;
/** A record about an attempt. */
export type AttemptRecord = Extract<LedgerRecord, { type: 'sealed' | 'released' | 'agreed' }>;

export function isAttempt(record: PeerRecord): record is AttemptRecord {
  return record.type === 'sealed' || record.type === 'released' || record.type === 'agreed';
}

const DIGITS = 64;

/** The chain value before the first line. */
export const CHAIN_START = '0'.repeat(DIGITS);

/** A record's line, newline included; its first 64 characters are the chain value after it. */
export function encodeRecord(record: LedgerRecord, chain: string): string {
  const json = canonicalText(schema.parse(record));
  return `${chainAfter(chain, json)} ${json}\n`;
}

/** The record of a line without its newline, or undefined if it does not follow on `chain` or is no record. */
export function decodeRecord(line: string, chain: string): LedgerRecord | undefined {
  const json = line.slice(DIGITS + 1);
  if (line[DIGITS] !== ' ' || line.slice(0, DIGITS) !== chainAfter(chain, json)) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The chain value of a line. */
export function chainOf(line: string): string {
  return line.slice(0, DIGITS);
}

function chainAfter(chain: string, json: string): string {
  return toHex(hash(tags.ledgerRecord, chain, json));
}
