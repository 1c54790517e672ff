import { expect, test } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { checkDraft, checkMandate } from '../../src/desk/drafts.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { completeTerms, parseDraft, type Range, type TermsDraft } from '../../src/documents/terms.ts';
import { type Block, blocks } from './pages.ts';

const documents = blocks
  .filter(({ language }) => language === 'json')
  .map((block) => ({ ...block, value: JSON.parse(block.body) as Record<string, unknown> }));
const isTerms = ({ value }: (typeof documents)[number]) => 'parley' in value;

/** Terms as a page shows them, with real keys in the place of those that it cuts short. */
function draftOf({ value }: { readonly value: Record<string, unknown> }): TermsDraft {
  const roles = Object.keys(value.parties ?? {});
  const parties = Object.fromEntries(roles.map((role) => [role, generateIdentity().publicKey]));
  return parseDraft({ ...value, ...(roles.length > 0 && { parties }) });
}

test.each(documents.filter(isTerms))('$at shows terms that a rule accepts', (block) => {
  expect(checkDraft(draftOf(block)).rule.name).toBe((block.value.rule as { name: string }).name);
});

test.each(documents.filter((block) => !isTerms(block)))(
  '$at shows a mandate for the terms above it',
  (block) => {
    const above = documents
      .slice(0, documents.indexOf(block))
      .filter((other) => other.page === block.page && isTerms(other))
      .at(-1);
    const { rule, terms } = checkDraft(draftOf(above!));
    expect(() => checkMandate(rule, terms, 'a', block.value as never)).not.toThrow();
    expect(() => checkMandate(rule, terms, 'a', { ...block.value, surplus: 1 } as never)).toThrow();
  },
);

test('the reference shows terms with every default written out', () => {
  const [shown] = documents.filter((block: Block) => block.page === 'docs/reference.md');
  const terms = draftOf(shown!);
  const rule = rules.find(({ name }) => name === terms.rule.name)!;
  expect(completeTerms(terms, {}, rule)).toEqual(terms);
  const { sellerShare: _, ...bare } = terms.rule;
  const { step: __, ...range } = terms.range as Range;
  const { security: ___, seals: ____, attempts: _____, ...draft } = { ...terms, rule: bare, range };
  expect(completeTerms(draft as TermsDraft, {}, rule)).toEqual(terms);
});
