import { type ArbiterCard, arbiterFingerprint, readArbiterCard } from '../src/documents/arbiter-card.ts';
import type { ArbiterTerms } from '../src/documents/arbiter-terms.ts';
import { confusable } from '../src/documents/confusable.ts';
import { thumbprint } from '../src/documents/identity.ts';
import { encodeBase64url } from '../src/documents/json.ts';
import type { NameOf } from '../src/documents/principal.ts';
import type { Menu, PublicJwk, Range, Terms } from '../src/documents/terms.ts';
import { memberText, quoted } from '../src/documents/text.ts';
import { firstString } from '../src/documents/values.ts';
import { isParleyError } from '../src/errors.ts';
import type { DescribableTerms } from './describe.ts';
import { wrap } from './lines.ts';
import { countOptions } from './menu/options.ts';
import { obligationLines, publishLine } from './obligations.ts';
import { formatAmount, groupThousands } from './price/amount.ts';
import { ratifyLines } from './ratification.ts';

/** The most words that notes point out. */
const MOST_NOTES = 8;
/** Text in base64url that is too long to be words: it is shown whole. */
const CODED = /^[\w-]{201,}$/;

export type { NameOf } from '../src/documents/principal.ts';

const CONTINUED = { indent: '    ' };

type Members = Partial<Terms>;
type Tell = (terms: Members, nameOf: NameOf) => string[];

/**
 * How each member of terms is shown, in this order. If two members belong together, both are shown under the first. A member that is not in this table is
 * shown as JSON, so nothing in terms goes unseen.
 */
const TOLD: Readonly<Record<string, Tell>> = {
  subject: ({ subject }) => [`Subject: ${quoted(String(subject))}`],
  matter: ({ matter }) => [`Matter: ${quoted(String(matter))}`],
  rule: ({ rule }) => [ruleLine(rule!)],
  range: ({ range }) => [rangeLine(range!)],
  menu: ({ menu }) => menuLines(menu!),
  roles: ({ roles }) => [`Roles: a is the ${roles!.a}, b the ${roles!.b}`],
  parties: ({ parties, roles }, nameOf) => {
    const entries = Object.entries(parties!);
    const called = entries.length === 2 && roles !== undefined ? [roles.a, roles.b] : [];
    return entries.map((party, i) => partyLine(party, called[i], nameOf));
  },
  security: ({ security }) => [`Security: ${security}`],
  seals: ({ seals }) => [`Seals: ${seals}`],
  attempts: ({ attempts, matter }) => [
    `Attempts: ${attempts}, counted for the ${matter === undefined ? 'subject' : 'matter'}`,
  ],
  arbiter: ({ arbiter }, nameOf) => arbiterLines(arbiter!, nameOf),
  obligations: (terms, nameOf) => obligationsLines(terms, nameOf),
  publish: ({ publish }, nameOf) => [publishLine(publish, nameOf) ?? memberLine(['publish', publish])],
  ratify: (terms, nameOf) =>
    ratifyLines(terms.ratify, terms, nameOf) ?? [memberLine(['ratify', terms.ratify])],
  mandates: ({ mandates }) =>
    Object.entries(mandates!).map(
      ([role, digest]) => `The ${memberText(role)} acts for somebody else: mandate certificate ${digest}`,
    ),
  expires: ({ expires }) => [`Deadline: ${expires!.replace('T', ' ').replace('Z', ' UTC')}`],
  nonce: ({ nonce }) => [`Nonce: ${nonce}`],
  parley: ({ parley }) => [`Version of the terms: ${parley}`],
};

/**
 * Everything in terms, member by member, with every value of a menu: this is what a party signs when it accepts them. The listing and the digest are made from
 * the same object, so terms with another digest have another listing. Lines have at most 80 columns; continued lines are indented. `nameOf` adds the
 * names of people to their keys.
 */
export function listTerms(terms: DescribableTerms, nameOf: NameOf = () => undefined): string[] {
  return [...told(terms, nameOf), ...notes(terms)].flatMap((line) => wrap(line, CONTINUED));
}

/** The content of `listTerms` in as few lines as possible: one paragraph, the notes, a menu, and obligations. */
export function listTermsBriefly(terms: DescribableTerms, nameOf: NameOf = () => undefined): string[] {
  const { menu, obligations, ...rest } = terms;
  return [
    told(rest, nameOf).join(' · '),
    ...notes(terms),
    ...(menu === undefined ? [] : menuLines(menu as Menu)),
    ...(obligations === undefined ? [] : obligationsLines(terms, nameOf)),
  ].flatMap((line) => wrap(line, { indent: line.startsWith(' ') ? '    ' : '  ' }));
}

/** The members, one line each. */
function told(terms: object, nameOf: NameOf): string[] {
  const known = Object.keys(TOLD).filter((member) => Reflect.get(terms, member) !== undefined);
  const other = Object.entries(terms).filter(([member, value]) => !(member in TOLD) && value !== undefined);
  return [...known.flatMap((member) => TOLD[member]!(terms, nameOf)), ...other.map(memberLine)];
}

/** The members of any JSON object, on one or more lines each. */
export function listMembers(document: object): string[] {
  return Object.entries(document).flatMap((member) => wrap(memberLine(member), CONTINUED));
}

function memberLine([member, value]: readonly [string, unknown]): string {
  return `${memberText(member)}: ${plain(value)}`;
}

/** Notes on words that may not be what they look like. */
function notes(terms: DescribableTerms): string[] {
  const texts = new Set<string>();
  firstString(terms, (text) => texts.add(text) === undefined);
  const mixed = new Map([...texts].flatMap(confusable).map(({ word, alphabets }) => [word, alphabets]));
  const shown = [...mixed].slice(0, MOST_NOTES);
  const more = mixed.size - shown.length;
  return [
    ...shown.map(([word, alphabets]) => `Note: ${quoted(word)} has letters of ${alphabets.join(' and ')}`),
    ...(more > 0 ? [`Note: ${more} more ${more === 1 ? 'word mixes' : 'words mix'} alphabets so`] : []),
  ];
}

/** A menu's issues, each with its values in the order in which options are numbered. */
export function menuLines(menu: Menu): string[] {
  const { issues } = menu;
  const options = groupThousands(String(countOptions(menu)));
  return [
    `Menu: ${options} options, of ${issues.length === 1 ? '1 issue' : `${issues.length} issues`}`,
    ...issues.map(
      ({ name, values }) =>
        `  ${quoted(name)}: ${values.map((value, i) => `${i + 1} ${quoted(value)}`).join(', ')}`,
    ),
  ];
}

function ruleLine({ name, ...members }: Terms['rule']): string {
  const options = Object.entries(members).map(([member, value]) => `${memberText(member)} ${plain(value)}`);
  return `Rule: ${[memberText(name), ...options].join('; ')}`;
}

function rangeLine(range: Range): string {
  const bare = { ...range, unit: '' };
  const [min, max, step] = [range.min, range.max, range.step].map((amount) => formatAmount(amount, bare));
  const unit = range.unit === '' ? 'without a unit' : `in ${quoted(range.unit)}`;
  return `Prices: ${min} to ${max} in steps of ${step}, ${unit}`;
}

function partyLine(
  [role, key]: readonly [string, PublicJwk],
  called: string | undefined,
  nameOf: NameOf,
): string {
  const name = nameOf(key);
  const label = role.length === 1 ? `Party ${role}` : `${role[0]!.toUpperCase()}${role.slice(1)}`;
  return `${label}${called === undefined ? '' : ` (the ${called})`}: ${name === undefined ? '' : `${name}, `}key ${thumbprint(key)}`;
}

/** Every obligation in full. */
function obligationsLines(terms: Members, nameOf: NameOf): string[] {
  const { obligations } = terms;
  if (!Array.isArray(obligations)) return [memberLine(['obligations', obligations])];
  return [
    `Obligations: ${obligations.length}`,
    ...obligations.flatMap((one) => obligationLines(one, terms, nameOf) ?? [`  ${plain(one)}`]),
  ];
}

/** An arbiter with all that its card says; the signature stands for the rest of it. */
function arbiterLines(arbiter: ArbiterTerms, nameOf: NameOf): string[] {
  const card = cardOf(arbiter);
  if (card === undefined) return [memberLine(['arbiter', arbiter])];
  const { key, escrow, at, windows } = card;
  const name = nameOf(key);
  const where = at === undefined ? 'takes complaints by file' : `takes complaints at ${quoted(at)}`;
  return [
    [
      `Arbiter: fingerprint ${arbiterFingerprint(card)}`,
      `${where} for ${arbiter.window} seconds of ${windows.min} to ${windows.max}`,
      `key ${name === undefined ? '' : `of ${name}, `}${thumbprint(key)}, escrow key ${encodeBase64url(escrow)}`,
      `card ${arbiter.card.signatures[0]!.signature}`,
    ].join('; '),
  ];
}

/** The arbiter's card, if it is one with a valid signature. */
function cardOf(arbiter: Partial<ArbiterTerms>): ArbiterCard | undefined {
  try {
    return readArbiterCard(arbiter.card!);
  } catch (error) {
    if (!isParleyError(error)) throw error;
    return undefined;
  }
}

/** A JSON value as text: a string in quotation marks, anything else as JSON, with strings and keys made fit to be shown. */
function plain(value: unknown): string {
  if (typeof value === 'string') return CODED.test(value) ? `“${value}”` : quoted(value);
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${memberText(key)}: ${plain(member)}`)
    .join(', ')} }`;
}
