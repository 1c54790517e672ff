import type * as z from 'zod';
import { type ArbiterTerms, arbiterSchema } from './arbiter-terms.ts';
import { type MandatesTerms, mandatesFault, mandatesSchema } from './mandates-terms.ts';
import { neutralityFault } from './neutral.ts';
import { obligationsFault } from './obligations/fault.ts';
import { type Obligation, obligationsSchema } from './obligations/terms.ts';
import { type PublishTerms, publishSchema } from './publish-terms.ts';
import { type RatifyTerms, ratifyFault, ratifySchema } from './ratify-terms.ts';
import type { Terms } from './terms.ts';

/**
 * Members that terms may have and need not have, beside those that every negotiation has. They are in drafts and in completed terms alike, have no default, and change
 * nothing in what is computed. A version that does not know a member refuses the terms.
 *
 * A new member is a line here, one in `optionalSchemas`, one in `optionalFault` if it depends on other members, and one in the rules' listing, which people read before they
 * accept.
 */
export interface OptionalMembers {
  /** Who opens the outcome for a side that the other one has left. */
  readonly arbiter?: ArbiterTerms;
  /** What each side owes once the outcome is there. */
  readonly obligations?: readonly Obligation[];
  /** The mandate certificates under which parties act for somebody else. */
  readonly mandates?: MandatesTerms;
  /** Where statements about the agreement are published. */
  readonly publish?: PublishTerms;
  /** Who has to agree to a deal before it is in force. */
  readonly ratify?: RatifyTerms;
}

/** Members that may be missing, or undefined. */
export type Optional<Members> = { readonly [Member in keyof Members]?: Members[Member] | undefined };

/** Their schemas, for drafts and for completed terms. */
export const optionalSchemas = {
  arbiter: arbiterSchema.optional(),
  obligations: obligationsSchema.optional(),
  mandates: mandatesSchema.optional(),
  publish: publishSchema.optional(),
  ratify: ratifySchema.optional(),
} satisfies Record<keyof OptionalMembers, z.ZodType>;

/** What is wrong with the optional members of completed terms, seen beside the other members; undefined if nothing is. Applies to all terms, old or new. */
export function optionalFault(terms: Terms): string | undefined {
  const { obligations } = terms;
  return (
    (obligations && obligationsFault({ ...terms, obligations })) ??
    ratifyFault(terms) ??
    neutralityFault(terms) ??
    mandatesFault(terms)
  );
}

/** The optional members that terms, or a draft, have. */
export function optionalIn(terms: Optional<OptionalMembers>): OptionalMembers {
  const present = Object.keys(optionalSchemas) as (keyof OptionalMembers)[];
  return Object.fromEntries(
    present.filter((member) => terms[member] !== undefined).map((member) => [member, terms[member]]),
  );
}

/** Terms without their optional members: all that the computation and its outcome can depend on, and more. */
export function withoutOptional(terms: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(terms).filter(([member]) => !Object.hasOwn(optionalSchemas, member)),
  );
}
