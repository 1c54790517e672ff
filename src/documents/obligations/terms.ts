import * as z from 'zod';
import { roleMember, timeMember } from '../members.ts';
import { type Members, membersSchema } from '../principal.ts';
import { isPlainText } from '../text.ts';

/** When an obligation has to be fulfilled: at the latest at a second, or so many days after something. */
export type Due = string | { readonly days: number; readonly after: string };

/** What one side owes the other, if the outcome is as `if` says. */
export interface Obligation {
  /** What statements call it: one short word. */
  readonly id: string;
  /** The role that is obliged, and the one to which it is. */
  readonly by: string;
  readonly to: string;
  readonly if: 'deal' | 'no-deal' | 'always';
  readonly what: string;
  /**
   * A UTC second; or days after the deadline of the terms (`expires`), or after another obligation's due (its id). In the remedy of another obligation: days after that one was `broken`.
   */
  readonly due: Due;
  /** Who says whether it was kept: the side that it is owed to, or others. */
  readonly judge: 'to' | Members;
  /** Days after `due` in which `to` can object to a claim. */
  readonly objection: number;
  /** The obligation that takes effect if this one is broken, and only then. */
  readonly remedy?: string;
  /** What `by` says that it has at stake. Nobody holds it. */
  readonly stake?: { readonly amount: string; readonly unit: string };
}

/** What has the time of an obligation's beginning in `after`, and is no id. */
export const EXPIRES = 'expires';
export const BROKEN = 'broken';

const MAX_OBLIGATIONS = 32;
/** The most days of a time limit, ten years. */
const MAX_DAYS = 3650;
/** Letters that a person can tell apart in a command and read out. */
const ID = /^[a-z][a-z0-9-]{0,29}$/;
const AMOUNT = /^[1-9][0-9]{0,38}$/;

const text = z.string().min(1).refine(isPlainText, 'not plain text of at most 200 characters');
/** The id of an obligation. */
export const obligationId: z.ZodType<string> = z
  .string()
  .regex(ID, 'not one short word of small letters, digits and hyphens')
  .refine((word) => word !== EXPIRES && word !== BROKEN, 'a word that has a meaning of its own');
const days = z.int().max(MAX_DAYS);
const obligation = z.strictObject({
  id: obligationId,
  by: roleMember,
  to: roleMember,
  if: z.enum(['deal', 'no-deal', 'always']),
  what: text,
  due: z.union([timeMember, z.strictObject({ days: days.min(0), after: z.string().max(30) })], {
    error: 'neither a UTC time like 2027-01-31T12:00:00Z nor days after something',
  }),
  judge: z.union([z.literal('to'), membersSchema], {
    error: 'neither "to" nor { members, threshold } with different keys, no more than there are',
  }),
  objection: days.min(1),
  remedy: obligationId.exactOptional(),
  stake: z.strictObject({ amount: z.string().regex(AMOUNT), unit: text }).exactOptional(),
});

/** The member `obligations` of terms. `obligationsFault` checks what it says together with the rest of them. */
export const obligationsSchema: z.ZodType<readonly Obligation[]> = z
  .array(obligation)
  .min(1)
  .max(MAX_OBLIGATIONS);

/** Whether people decide about an obligation who are not a side of it. */
export function hasJudges(obligation: Pick<Obligation, 'judge'>): obligation is { readonly judge: Members } {
  return obligation.judge !== 'to';
}
