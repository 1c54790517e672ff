import { InputError } from '../errors.ts';
import { foldText } from './fold.ts';
import { roleLooksWrong } from './roles.ts';
import type { Terms } from './terms.ts';
import { findUnclear, quoted } from './text.ts';
import { firstString } from './values.ts';

/*
 * Further demands on terms that nobody has agreed on yet, beyond validity. `parseDraft` and `completeTerms` make them, and so does
 * the receiver of an offer. `parseTerms` does not: terms that have been signed stay valid.
 */

/** Digits, signs, spaces, and separators of decimals or thousands. A unit that begins with one reads as a part of the figure before it. */
const PART_OF_A_FIGURE = /^[\p{N}\p{Dash_Punctuation}\p{Math_Symbol}\p{Z}.,'_·‘’ʼ٫٬]/u;

/** Throws InputError `ERR_TERMS_INVALID` if `findUnclear` finds something in a string or key anywhere in terms or a draft. */
export function refuseUnclear(terms: unknown): void {
  let fault: string | undefined;
  const path = firstString(terms, (text) => {
    fault = findUnclear(text);
    return fault !== undefined;
  });
  if (path === undefined) return;
  throw refused(
    `${path || 'a name'} holds ${fault}`,
    'type it again in letters, digits, signs and plain spaces',
  );
}

/**
 * Throws InputError `ERR_TERMS_INVALID` for completed terms that could mislead whoever reads them: by unclear text, by a unit that could be
 * taken for digits (also that of a stake), or by a menu with two issues, or two values of one issue, that look alike (see `foldText`).
 */
export function refuseMisleading(terms: Terms): void {
  refuseUnclear(terms);
  if (terms.range !== undefined && PART_OF_A_FIGURE.test(terms.range.unit.normalize('NFKC'))) {
    throw refused(
      'range.unit begins with what could be read as a part of the figure before it',
      'begin the unit with a letter or a sign of currency, as in m2 or €',
    );
  }
  for (const { id, stake } of terms.obligations ?? []) {
    if (stake === undefined || !PART_OF_A_FIGURE.test(stake.unit.normalize('NFKC'))) continue;
    throw refused(
      `the unit of the stake of ${id} begins with what could be read as a part of the figure before it`,
      'begin the unit with a letter or a sign of currency, as in m2 or €',
    );
  }
  if (
    terms.roles !== undefined &&
    roleLooksWrong(Object.keys(terms.parties) as [string, string], terms.roles)
  ) {
    throw refused('a role looks like the other one', 'give the two roles names that nobody can mistake');
  }
  if (terms.menu === undefined) return;
  const { issues } = terms.menu;
  const names = issues.map(({ name }) => name);
  refuseTwins(names, 'the menu has two issues');
  for (const { name, values } of issues) {
    refuseTwins(values, `the issue ${quoted(name)} has two values`);
  }
}

function refuseTwins(texts: readonly string[], where: string): void {
  const known = new Map<string, string>();
  for (const text of texts) {
    const form = foldText(text);
    const twin = known.get(form);
    if (twin !== undefined) {
      throw refused(
        `${where} that look alike: ${quoted(twin)} and ${quoted(text)}`,
        'make them differ in more than case, spacing, or the form of their signs',
      );
    }
    known.set(form, text);
  }
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_TERMS_INVALID', message, { hint });
}
