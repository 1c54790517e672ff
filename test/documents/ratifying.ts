import { encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import { type Answer, signRatification } from '../../src/documents/ratification.ts';
import { ratificationOf } from '../../src/documents/ratified.ts';
import type { RatifyTerms } from '../../src/documents/ratify-terms.ts';
import { signReceipt } from '../../src/documents/receipt.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import { secondsOf } from '../../src/documents/time.ts';
import type { TimeEvidence } from '../../src/documents/time-evidence.ts';
import { anyPrice, buyer, completion, draft, identity, seller, session } from './support.ts';
import { proofOf, signer } from './tlog/log.ts';

const log = signer('log.example/parley', 'log', 1);
const witness = signer('witness.example', 'witness', 2);
export const publish = { at: 'https://log.example', log: log.text, witnesses: [witness.text], quorum: 1 };
export const board = [31, 32, 33].map(identity);
export const keys = board.map(({ publicKey }) => publicKey);
export const BY = '2027-01-08T00:00:00Z';
export const END = secondsOf(BY);
export const sellers = (threshold: number, members = keys) => ({ seller: { members, threshold, by: BY } });
export const ratified = (ratify: RatifyTerms): Terms =>
  completeTerms({ ...draft, publish, ratify }, completion, anyPrice);
export const deal = (
  threshold: number,
  outcome: { deal: boolean; price?: string } = { deal: true, price: '500' },
) => ({
  terms: ratified(sellers(threshold)),
  parties: { seller: { key: seller.publicKey }, buyer: { key: buyer.publicKey } },
  session: encodeBase64url(session),
  outcome,
});

/** How the time of an answer is shown: by publication, or not at all: a receipt of the other side proves none. */
export type Way = 'published' | 'receipt' | 'unproved';

/** An answer of the member at this place, whose time is shown in this way: so many seconds after the last one in time. */
export type Said = readonly [member: number, answer: Answer, way: Way, after?: number];

/** What shows that a statement was published by a second. */
export const published = (statement: GeneralJws, at: number): TimeEvidence => ({
  kind: 'publication',
  proof: proofOf(log, [serializeJws(statement)], 0, [[witness, at]]),
});

export async function signed(of: ReturnType<typeof deal>, [member, answer, way, after = 0]: Said) {
  const statement = await signRatification(of, answer, board[member]!);
  const at = END + after;
  const evidence: TimeEvidence[] = [];
  if (way === 'receipt')
    evidence.push({ kind: 'receipt', receipt: await signReceipt(statement, buyer, 1_000 * at) });
  if (way === 'published') evidence.push(published(statement, at));
  return { statement, evidence };
}

export async function stateOf(threshold: number, said: readonly Said[], after: number) {
  const of = deal(threshold);
  const all = await Promise.all(said.map((one) => signed(of, one)));
  return ratificationOf(of, {
    statements: all.map(({ statement }) => statement),
    evidence: all.flatMap(({ evidence }) => evidence),
    now: 1_000 * (END + after),
  })!;
}
