import * as z from 'zod';
import { canonicalText, decodeBase64url } from '../documents/json.ts';
import { jwsSchema } from '../documents/jws.ts';
import { corrupt } from './store.ts';

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
  /** `seal` is this side's seal, in the form in which a later session gets it back. */
  z.strictObject({ type: z.literal('sealed'), ...attempt, seal: z.json() }),
  /** `rule` is the name of the rule, which earlier versions did not record; `ratified` stands where a deal has to be ratified, and so may lapse after its agreement. */
  z.strictObject({
    type: z.literal('released'),
    ...attempt,
    rule: z.string().exactOptional(),
    bits,
    releases: z.int().min(1).exactOptional(),
    ratified: z.literal(true).exactOptional(),
  }),
  /** `document` is the agreement whose digest is `agreement`: records of earlier versions lack it. */
  z.strictObject({
    type: z.literal('agreed'),
    ...attempt,
    agreement: digest,
    document: jwsSchema.exactOptional(),
  }),
  /** An arbiter has opened nothing in the session, and never will. `returned`: the attempt no longer counts. */
  z.strictObject({ type: z.literal('void'), ...attempt, returned: z.boolean() }),
  /** This side's owner has given up: nobody says what became of the session. */
  z.strictObject({ type: z.literal('unknown'), ...attempt }),
  /** `terms` (digest) and `matter` if this side had terms by then; `check` names the check that failed. */
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

/** A record about a peer. */
export type PeerRecord = z.infer<typeof schema>;
/** A record about an attempt. */
export type AttemptRecord = Extract<PeerRecord, { readonly question: string }>;

export function isAttempt(record: PeerRecord): record is AttemptRecord {
  return 'question' in record;
}

/** A record in the form that stores take: RFC 8785 text. */
export function encodeRecord(record: PeerRecord): string {
  return canonicalText(schema.parse(record));
}

/** Reads a record from its text. Throws LedgerError `ERR_LEDGER_CORRUPT` if the text is not a record. */
export function decodeRecord(text: string): PeerRecord {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // not JSON
  }
  throw corrupt();
}
