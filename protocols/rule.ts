import type { ZodType } from 'zod';
import type { Random } from '../src/crypto/random.ts';
import type { OutcomeJson, Terms } from '../src/documents/terms.ts';
import type { Bits, Engine, Party, Release } from '../src/engine/engine.ts';
import type { PriceModel } from './leakage/model.ts';

/**
 * A mandate as a delegate or a file gives it; which members are allowed depends on the rule. `reservations` are those of the rounds, in
 * order, and `nearMiss` opts in, where the terms have rounds or a near-miss bit.
 */
export type Mandate =
  | { readonly abstain: true }
  | { readonly reservation: bigint | string; readonly nearMiss?: boolean }
  | { readonly reservations: readonly (bigint | string)[]; readonly nearMiss?: boolean }
  | { readonly reservation: number; readonly utilities: readonly number[] }
  | {
      readonly reservation: number;
      readonly weights: readonly number[];
      readonly evaluations: readonly (readonly number[])[];
    };

/** The part of completed terms that belongs to the rule. */
export type RuleTerms = Pick<Terms, 'rule' | 'range' | 'menu'>;

/**
 * A negotiation rule: how two mandates become an outcome. Written once against Engine; a folder in protocols/ each.
 * `Entry` is a validated mandate in the form that the computation takes.
 */
export interface Rule<Entry = unknown> {
  readonly name: string;
  /** Role names of parties a and b, in order: the order of signatures in an agreement, too. */
  readonly roles: readonly [string, string];
  /** Strict schema of `{ rule, range }` or `{ rule, menu }`; its output has every default written out. */
  readonly schema: ZodType<RuleTerms>;
  /**
   * Validates one party's mandate against the terms, before anything is sent. Throws InputError `ERR_MANDATE_INVALID`, without the value
   * in it. Rules whose outcome is drawn take this party's share of the randomness from `random`; it is part of the entry.
   */
  entry(terms: RuleTerms, party: Party, mandate: Mandate, random: Random): Entry;
  /** AND gates of the whole computation, for `prepare`. */
  ands(terms: RuleTerms): number;
  /** The secure computation, at one party. The outcome's reveal must be given `release`. */
  compute(engine: Engine, terms: RuleTerms, entry: Entry, release: Release): Promise<OutcomeJson>;
  /** The plaintext twin: the same outcome from both entries, also from such as no mandate has. */
  plain(terms: RuleTerms, a: Entry, b: Entry): OutcomeJson;
  /** Whether `outcome` is one that the rule can give under these terms (exact form, in range, on the grid). */
  permits(terms: RuleTerms, outcome: OutcomeJson): boolean;
  /**
   * Price rules: what each pair of reservations leads to, as probabilities. The leakage meter and the incentive simulation need nothing
   * else; a rule without it has no figure. Menu rules leave it out: their plaintext twin is sampled.
   */
  priceModel?(terms: RuleTerms): PriceModel;
  /** Menu rules: the choice that `plain` makes, as an option's index or -1, where it can be had faster; the leakage meter makes thousands. */
  choose?(terms: RuleTerms, a: Entry, b: Entry): number;
  /** How entries are sealed, where they can be. */
  readonly sealed?: SealedEntries<Entry>;
  /** What the rule does, for people who are asked to agree to these terms. */
  describe?(terms: RuleTerms): RuleDescription;
}

/**
 * How a rule's entries are sealed: everything of an entry that the computation takes is one number of `width` bits, which the rule enters as
 * the only input of each party, lowest bit first; or, with `committed`, there is more, to which the party commits. Such a rule reveals nothing before its outcome.
 */
export interface SealedEntries<Entry> {
  /** Bits of the sealed number. The same for both parties. */
  width(terms: RuleTerms): number;
  value(terms: RuleTerms, entry: Entry): bigint;
  /** The entry that a sealed number, and the rest where there is one, stand for; undefined if nothing can be entered that they stand for. */
  entry(terms: RuleTerms, value: bigint, rest?: Uint8Array): Entry | undefined;
  /**
   * The mandate that an entry stands for; a reservation outside the range means that the party accepts nothing. Undefined if no mandate is
   * entered so: then the party has used a program of its own, and its opening is not valid.
   */
  mandate(terms: RuleTerms, party: Party, entry: Entry): Mandate | undefined;
  /** Whether two entries come from one mandate: alike in all but this party's share of the randomness. */
  sameMandate(one: Entry, other: Entry): boolean;
  /** Where entries have more than the sealed number, which then does not enter the rule's computation by itself. */
  readonly committed?: CommittedEntries<Entry>;
}

/** How the rest of an entry is committed to, and entered. */
export interface CommittedEntries<Entry> {
  /** Bits of each input of a party, in the order in which the rule enters them: a's and b's of the same number by turns. */
  widths(terms: RuleTerms): readonly number[];
  /** Those inputs. */
  inputs(terms: RuleTerms, entry: Entry): Iterable<Bits>;
  /** All that `inputs` depends on besides the sealed number, in one byte form. */
  rest(terms: RuleTerms, entry: Entry): Uint8Array;
}

/** Sentences in plain words, without line breaks. */
export interface RuleDescription {
  /** What each side enters, and what comes out. */
  readonly outcome: readonly string[];
  /** What there is to gain from entering something else than the truth. */
  readonly incentives: readonly string[];
}
