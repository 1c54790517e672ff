import { describeTerms } from '../../../protocols/describe.ts';
import type { Rule } from '../../../protocols/rule.ts';
import { systemRandom } from '../../crypto/random.ts';
import { generateIdentity } from '../../documents/identity.ts';
import {
  completeTerms,
  formatTime,
  randomNonce,
  type Terms,
  type TermsDraft,
} from '../../documents/terms.ts';
import { ruleOf } from './rules.ts';

/** A draft that has been checked as far as it goes. */
export interface CheckedDraft {
  readonly rule: Rule;
  /** With every default written out, and stand-ins for what is missing. */
  readonly terms: Terms;
  /** Members that only the parties or a session can give: `parties.seller`, `expires`, `nonce`, … */
  readonly missing: readonly string[];
}

/** Checks a draft against its rule and fills in defaults. Throws InputError `ERR_TERMS_INVALID`. */
export function checkDraft(draft: TermsDraft): CheckedDraft {
  const rule = ruleOf(draft);
  const unnamed = rule.roles.filter((role) => draft.parties?.[role] === undefined);
  const terms = completeTerms(
    draft,
    {
      parties: Object.fromEntries(unnamed.map((role) => [role, generateIdentity().publicKey])),
      ...(draft.expires === undefined ? { expires: formatTime(Date.now()) } : {}),
      ...(draft.nonce === undefined ? { nonce: randomNonce(systemRandom) } : {}),
    },
    rule,
  );
  const silent = (['expires', 'nonce'] as const).filter((member) => draft[member] === undefined);
  return { rule, terms, missing: [...unnamed.map((role) => `parties.${role}`), ...silent] };
}

/** The terms without the stand-ins for what is missing. */
export function withoutStandIns({ terms, missing }: CheckedDraft): Omit<Terms, Silent> & Partial<Terms> {
  const { parties, expires, nonce, ...rest } = terms;
  const named = Object.fromEntries(
    Object.entries(parties).filter(([role]) => !missing.includes(`parties.${role}`)),
  );
  return {
    ...rest,
    ...(Object.keys(named).length > 0 && { parties: named }),
    ...(!missing.includes('expires') && { expires }),
    ...(!missing.includes('nonce') && { nonce }),
  };
}

type Silent = 'parties' | 'expires' | 'nonce';

/** The terms in plain words, without a word about what they do not say yet. */
export function explain(checked: CheckedDraft, options: Parameters<typeof describeTerms>[1]): string {
  const { parties, ...given } = withoutStandIns(checked);
  const all = Object.keys(parties ?? {}).length === 2;
  return describeTerms(all ? { ...given, parties: parties! } : given, options);
}
