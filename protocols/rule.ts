import type { Circuit } from '../src/circuit/circuit.ts';
import type { Random } from '../src/crypto/random.ts';
import type { OutcomeJson, RuleForTerms, RuleUnderTerms, UncheckedRuleTerms } from '../src/documents/rule.ts';
import type { Menu, Range } from '../src/documents/terms.ts';
import type { Bits, Engine, Party, Queue, Release, Wires } from '../src/engine/engine.ts';
import type { LeakageModel } from './leakage/model.ts';
import type { Mandate, Outcome } from './shapes.ts';

export type { RuleTerms } from '../src/documents/rule.ts';
export type { Mandate, Outcome, OwnMandate, Ratings } from './shapes.ts';

/**
 * A negotiation rule: how two mandates become an outcome. A folder in protocols/ each. Terms part, mandate, outcome, policy bounds and words are
 * its own: whoever runs it meets them as what `BoundRule` says. `defineRule` makes one of a schema and what follows from it.
 */
export interface Rule extends RuleForTerms {
  /** Role names of parties a and b, in order: the order of signatures in an agreement, too. */
  readonly roles: readonly [string, string];
  /** The rule for these terms. Throws InputError `ERR_TERMS_INVALID` for a part that is not the rule's. */
  under(terms: UncheckedRuleTerms): BoundRule;
}

/**
 * A mandate as the computation takes it, in one form for every rule: a number, and bytes where it has more than that. With seals the number is
 * what is sealed, and the bytes are what is committed to beside it. Any number of the right width is a meaningful entry.
 */
export interface Entry {
  readonly value: bigint;
  readonly rest?: Uint8Array | undefined;
}

/** What is entered in place of a mandate that the terms may not be able to hold. */
export interface Fitted {
  readonly entry: Entry;
  /** Why it is not the mandate that was given, in one sentence without its figures; undefined where it is. */
  readonly why?: string | undefined;
}

/** A rule under given terms. */
export interface BoundRule extends RuleUnderTerms {
  /** AND gates of the whole computation, for `prepare`. */
  readonly ands: number;
  /**
   * One party's mandate as an entry, before anything is sent. Throws InputError `ERR_MANDATE_INVALID`, without the value in it, for what is no
   * mandate under these terms. Rules whose outcome is drawn take this party's share of the randomness from `random`.
   */
  enter(party: Party, mandate: unknown, random: Random): Entry;
  /**
   * The same once the other side is there, when to refuse would tell it something: for a mandate that these terms cannot hold, the nearest one that
   * they can and by which the party accepts nothing more. Undefined where there is none; then the party abstains, as it does without this member
   * wherever `enter` refuses.
   */
  fit?(party: Party, mandate: unknown, random: Random): Fitted | undefined;
  /** The mandate by which a party accepts nothing, which `enter` takes. Default: `{ abstain: true }`. */
  readonly abstention?: Mandate | undefined;
  /** The mandate that an entry of this party's own stands for, as a caller works with it. Default: what `seal.mandate` gives. */
  entered?(party: Party, entry: Entry): Mandate | undefined;
  /** The secure computation, at one party. The outcome's reveal must be given `release`. */
  compute(engine: Engine, entry: Entry, release: Release): Promise<OutcomeJson>;
  /**
   * Queues what `compute` queues before it reveals the outcome, without bits, where that is all that it queues, and gives the outcome's wires: then what the terms alone
   * decide of the computation can be done before there is a mandate.
   */
  readonly program?: ((queue: Queue) => Wires) | undefined;
  /** The plaintext twin: the same outcome from both entries, also from such as no mandate has. */
  plain(a: Entry, b: Entry): OutcomeJson;
  /** The outcome as a caller works with it, where that is more than its JSON says. */
  result?(outcome: OutcomeJson): Outcome;
  /** How entries are sealed, where they can be. */
  readonly seal?: SealedEntries | undefined;
  /** The circuits that `compute` applies. */
  circuits(): readonly AppliedCircuit[];
  /** How a person or a file gives a mandate. */
  readonly form: MandateForm;
  /**
   * Bits that one outcome can tell a side about the other's mandate at most, whatever anybody believes beforehand: log₂ of the number of outcomes.
   * Where an outcome is drawn, each counts for the highest probability that any mandates give it. Budgets and the ledger go by it.
   */
  readonly capacityBits: number;
  /**
   * The same for an outcome that is drawn with a share of this party's that has been entered before, as an earlier seal brings it back. Default:
   * `capacityBits`. Which of the two counts under given terms, `outcomeBits` says.
   */
  readonly repeatedBits?: number | undefined;
  /** How what the outcome tells on average is measured, for people; without it there is no such figure. */
  readonly leakage?: LeakageModel | undefined;
  /** What a delegate's policy can bound; without it a delegate with a policy refuses. */
  readonly policy?: PolicyBounds | undefined;
  /** What the rule does, for people who are asked to agree to these terms, which call the two sides so. */
  describe(called: readonly [string, string]): RuleDescription;
  /** An outcome in a few words: `deal at 4,500.00 USD`. */
  outcomeText(outcome: OutcomeJson): string;
  /** What a party had entered, in a few words, from what `seal.mandate` gives. */
  mandateText(mandate: unknown): string;
}

/**
 * How a rule's entries are sealed. `width` is that of the entry's number, the same for both parties. Without `committed` the rule enters that
 * number, lowest bit first, as the only input of each party. With it there is more, to which the party commits. Such a rule reveals nothing before its outcome.
 */
export interface SealedEntries {
  readonly width: number;
  /**
   * The mandate that an entry stands for; a reservation outside the range means that the party accepts nothing. Undefined if no mandate is
   * entered so: then the party has used a program of its own, and its opening is not valid.
   */
  mandate(party: Party, entry: Entry): Mandate | undefined;
  /** Whether two entries come from one mandate: alike in all but this party's share of the randomness. */
  sameMandate(one: Entry, other: Entry): boolean;
  /** Where an entry has more than its number. */
  readonly committed?: CommittedInputs | undefined;
}

/** How all of an entry is entered, where it is more than the sealed number. */
export interface CommittedInputs {
  /** Bits of each input of a party, in the order in which the rule enters them: a's and b's of the same number by turns. */
  readonly widths: readonly number[];
  /** Those inputs, which follow from the entry's number and bytes. */
  inputs(entry: Entry): Iterable<Bits>;
}

/** A circuit of a rule, and how often it is applied. */
export interface AppliedCircuit {
  readonly name: string;
  readonly circuit: Circuit;
  readonly copies: number;
}

/** What a mandate consists of, for faces that ask for one. */
export type MandateForm =
  | {
      /** One reservation on a range, or one a round; with `nearMiss`, whether to opt in to that bit. */
      readonly kind: 'amounts';
      readonly range: Range;
      readonly rounds: number | undefined;
      readonly nearMiss: boolean;
    }
  | {
      /** A reservation, and a rating of every option of a menu. */
      readonly kind: 'ratings';
      readonly menu: Menu;
    }
  | {
      /** A JSON document, as in `example`. */
      readonly kind: 'document';
      readonly example: string;
    };

/** What a delegate's policy says about mandates: `price` and `utility` for the rules that come with Parley, other members for others. */
export type Bounds = Readonly<Record<string, unknown>>;

/** A rule's part of a delegate's policy. */
export interface PolicyBounds {
  /** Why these terms are outside the bounds, or the bounds do not say; undefined if they are inside. */
  refusal(bounds: Bounds): string | undefined;
  /** Whether a mandate keeps to bounds that do not refuse the terms. Abstaining always does. */
  holds(bounds: Bounds, mandate: unknown): boolean;
}

/** Sentences in plain words, without line breaks. */
export interface RuleDescription {
  /** What each side enters. */
  readonly entering: readonly string[];
  /** What comes out. */
  readonly outcome: readonly string[];
  /** What options of the terms add to that. */
  readonly extras?: readonly string[];
  /** What there is to gain from entering something else than the truth. */
  readonly incentives: readonly string[];
  /** The same for who has to decide at once. Without it, people are told that the rule makes the outcome of what both enter. */
  readonly brief?: BriefDescription;
}

/** A sentence each, to whoever is asked to accept. */
export interface BriefDescription {
  /** What each side enters, and what comes of it. */
  readonly asked: string;
  /** What the other side learns by that. */
  readonly learned: string;
}
