import { canonicalText } from '../src/documents/json.ts';
import { keyText, type NameOf } from '../src/documents/principal.ts';
import { type RatifyTerms, ratifySchema } from '../src/documents/ratify-terms.ts';
import type { Terms } from '../src/documents/terms.ts';
import { roleIn } from './obligations.ts';

type Context = Partial<Pick<Terms, 'parties' | 'roles'>>;

/** Who has to ratify a deal, with every key, in the terms' order. Undefined for what is no such member of this version: it is shown as JSON. */
export function ratifyLines(given: unknown, terms: Context, nameOf: NameOf): string[] | undefined {
  const parsed = ratifySchema.safeParse(given);
  if (!parsed.success || canonicalText(parsed.data) !== canonicalText(given)) return undefined;
  return Object.entries(parsed.data).map(([role, side]) => {
    const { threshold, members, by } = side;
    const all = members.map((member) => keyText(member, nameOf)).join('; ');
    return `Ratification by ${roleIn(terms, role)}: a deal is in force once ${threshold} of ${members.length} ${threshold === 1 ? 'has' : 'have'} said yes, by ${timeText(by)}: ${all}`;
  });
}

/** What that means for whoever is about to accept, as sentences. */
export function ratifySentences(ratify: RatifyTerms, terms: Context): string[] {
  return Object.entries(ratify).map(([role, { threshold, members, by }]) => {
    const who = roleIn(terms, role);
    const some = members.length === 1 ? 'a member' : `${threshold} of ${members.length} members`;
    return `A deal is in force only once ${some} of ${who}’s side ${threshold === 1 ? 'has' : 'have'} ratified it, by ${timeText(by)}. Until then ${who} may see it and let it lapse: the attempt is spent, and what it has told stays told.`;
  });
}

/** A UTC time of terms, for people. */
function timeText(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}
