import type { Terms } from '../documents/terms.ts';
import type { SecureLink } from '../link/secure-link.ts';
import { after, type Timer } from '../link/timer.ts';
import { expired } from './preflight.ts';

/** Ends the session with TermsError `ERR_TERMS_EXPIRED` at the terms' deadline, if it still `applies` then, unless the timer is cancelled before. */
export function endAtDeadline(
  link: Pick<SecureLink, 'abort'>,
  terms: Terms,
  applies: () => boolean = () => true,
): Timer {
  return after(Date.parse(terms.expires) - Date.now(), () => {
    if (applies()) link.abort(expired(terms));
  });
}
