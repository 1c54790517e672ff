import type { MandatesTerms } from '../src/documents/mandates-terms.ts';
import type { Terms } from '../src/documents/terms.ts';
import { roleIn } from './obligations.ts';

/** What it means for whoever is about to accept that a side acts for somebody else, as sentences. */
export function mandateSentences(
  mandates: MandatesTerms,
  terms: Partial<Pick<Terms, 'parties' | 'roles'>>,
): string[] {
  return Object.keys(mandates).map(
    (role) =>
      `Under a mandate certificate ${roleIn(terms, role)} acts for somebody else, who is bound in its place: make sure who that is.`,
  );
}
