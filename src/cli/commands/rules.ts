import { rules } from '../../../protocols/registry.ts';
import type { Mandate, Rule } from '../../../protocols/rule.ts';
import { systemRandom } from '../../crypto/random.ts';
import type { Terms, TermsDraft } from '../../documents/terms.ts';
import { toPlainText } from '../../documents/text.ts';
import type { Party } from '../../engine/engine.ts';
import { InputError } from '../../errors.ts';

/** The rule that terms name. Throws InputError `ERR_TERMS_INVALID`. */
export function ruleOf({ rule }: Pick<TermsDraft, 'rule'>): Rule {
  const found = rules.find(({ name }) => name === rule.name);
  if (found !== undefined) return found;
  throw new InputError('ERR_TERMS_INVALID', `unknown rule "${toPlainText(rule.name)}"`, {
    hint: `the rules are ${rules.map(({ name }) => name).join(', ')}`,
  });
}

/** Checks a mandate against the terms before anything is sent. Throws InputError `ERR_MANDATE_INVALID`, which never shows a figure. */
export function checkMandate(
  rule: Rule,
  terms: Pick<Terms, 'rule' | 'range' | 'menu'>,
  party: Party,
  mandate: Mandate,
): void {
  if (typeof mandate !== 'object' || mandate === null || Array.isArray(mandate)) {
    throw new InputError('ERR_MANDATE_INVALID', 'a mandate is a JSON object', {
      hint: 'give { "reservation": "450000" } or { "abstain": true }',
    });
  }
  rule.entry(terms, party, mandate, systemRandom);
}
