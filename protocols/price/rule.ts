import type * as z from 'zod';
import { type Bits, bigintToBits, bitLength, bitsToBigint } from '../../src/circuit/bits.ts';
import { type Bit, CircuitBuilder, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { mask } from '../../src/circuit/gadgets/word.ts';
import type { Random } from '../../src/crypto/random.ts';
import { type Grid, gridIndex, gridPrice, parseInteger } from '../../src/documents/range.ts';
import type { OutcomeJson } from '../../src/documents/terms.ts';
import { CircuitCache } from '../circuit-cache.ts';
import type { PriceModel } from '../leakage/model.ts';
import type { Rule, RuleDescription, RuleTerms } from '../rule.ts';
import { firstThatMeets, meet, type Zone } from './circuit.ts';
import {
  decodeReservations,
  encodeMandate,
  gridOf,
  indexOfWord,
  indexWidth,
  memberNames,
  type Reservations,
  wordWidth,
} from './encoding.ts';
import { nearMissGap, priceTerms, roundsOf } from './schema.ts';

/** How a rule prices the zone between two reservations, under given terms. Prices and reservations are grid indices. */
export interface Pricing {
  /** All public numbers that the circuit depends on, besides the grid, the rounds and the near-miss gap. */
  readonly key: string;
  /** A price that the terms already fix: nothing but the deal is opened. */
  readonly fixed?: string;
  /** Randomness that each party adds: a number of `width` bits. */
  readonly share?: { readonly width: number; draw(random: Random): bigint };
  /** Whether two reservations that meet can also have a price. Default: always. */
  meets?(c: CircuitBuilder, zone: Zone): Bit;
  /** The price's index of the deciding round, `indexWidth(count)` bits, and whether there is a deal at it (default: yes). */
  price?(
    c: CircuitBuilder,
    zone: Zone,
    shares: readonly [Word, Word],
  ): { readonly index: Word; readonly deal?: Bit };
  /** The twins of these two, for seller ≤ buyer. `plainPrice` gives undefined for no deal. */
  plainMeets?(seller: bigint, buyer: bigint): boolean;
  plainPrice?(seller: bigint, buyer: bigint, shares: readonly [bigint, bigint]): bigint | undefined;
  /** Whether a grid index is one that a deal can have. Default: all are. */
  permits?(index: bigint): boolean;
}

/** What sets a price rule apart from the others. */
export interface PriceRuleDefinition {
  readonly name: string;
  /** Further members of `rule` in the terms, and what may be wrong with them on a grid. */
  readonly members?: z.ZodRawShape;
  refine?(rule: RuleTerms['rule'], grid: Grid): string | undefined;
  pricing(terms: RuleTerms, grid: Grid): Pricing;
  priceModel(terms: RuleTerms): PriceModel;
  describe(terms: RuleTerms): RuleDescription;
}

/** A validated mandate for a price rule, with this party's share of the randomness (0 where there is none). */
export interface PriceEntry extends Reservations {
  readonly share: bigint;
}

/** A price rule with rounds and near misses, from its definition. Steps are those of README.md. */
export function priceRule(definition: PriceRuleDefinition): Rule<PriceEntry> {
  const circuits = new CircuitCache();
  const settingOf = (terms: RuleTerms): Setting => {
    const grid = gridOf(terms);
    const rounds = roundsOf(terms);
    const gap = nearMissGap(terms, grid);
    return { grid, rounds, gap, pricing: definition.pricing(terms, grid) };
  };
  const circuitOf = (setting: Setting): Circuit => {
    const { grid, rounds, gap, pricing } = setting;
    return circuits.get([grid.count, rounds, gap, pricing.key].join(' '), () => priceCircuit(setting));
  };
  return {
    name: definition.name,
    roles: ['seller', 'buyer'],
    schema: priceTerms(definition.name, definition.members, definition.refine),
    priceModel: (terms) => definition.priceModel(terms),
    describe: (terms) => definition.describe(terms),

    entry(terms, party, mandate, random) {
      const { rounds, gap, pricing } = settingOf(terms);
      const reservations = encodeMandate(terms, party, mandate, rounds, gap !== undefined);
      return { ...reservations, share: pricing.share?.draw(random) ?? 0n };
    },

    ands: (terms) => circuitOf(settingOf(terms)).ands,

    sealed: {
      width: (terms) => entryWidth(settingOf(terms)),
      value: (terms, entry) => entryNumber(settingOf(terms), entry),
      entry: (terms, value) => entryOf(settingOf(terms), value),
      mandate: (terms, party, entry) => decodeReservations(terms, party, entry, roundsOf(terms)),
      sameMandate: (one, other) =>
        one.optIn === other.optIn && one.words.every((word, round) => word === other.words[round]),
    },

    async compute(engine, terms, entry, release) {
      const setting = settingOf(terms);
      const circuit = circuitOf(setting);
      const bits = entryBits(setting, entry);
      const [a, b] = (['a', 'b'] as const).map((party, i) =>
        engine.input(party, circuit.inputs[i]!, engine.party === party ? bits : undefined),
      );
      bits.fill(0);
      const opened = await engine.reveal(engine.apply(circuit, [a!, b!]), 'both', release);
      return readOutcome(setting, opened!);
    },

    plain: (terms, a, b) => plainOutcome(settingOf(terms), a, b),

    permits: (terms, outcome) => permitsOutcome(settingOf(terms), outcome),
  };
}

/** Everything public that a computation depends on. */
interface Setting {
  readonly grid: Grid;
  /** Undefined where the terms have no rounds: one round, which is not named in the outcome. */
  readonly rounds: number | undefined;
  /** Undefined where there is no near-miss bit. */
  readonly gap: bigint | undefined;
  readonly pricing: Pricing;
}

function roundWidth({ rounds }: Setting): number {
  return rounds === undefined ? 0 : bitLength(BigInt(rounds - 1));
}

/** Each party's input group: its words, then the opt-in bit where there is one, then its share of the randomness. */
function entryWidth({ grid, rounds, gap, pricing }: Setting): number {
  return (rounds ?? 1) * wordWidth(grid.count) + (gap === undefined ? 0 : 1) + (pricing.share?.width ?? 0);
}

function entryBits(setting: Setting, entry: PriceEntry): Bits {
  return bigintToBits(entryNumber(setting, entry), entryWidth(setting));
}

/** A party's input group as one number, its first bit lowest. */
function entryNumber(setting: Setting, { words, optIn, share }: PriceEntry): bigint {
  const width = BigInt(wordWidth(setting.grid.count));
  let value = share;
  if (setting.gap !== undefined) value = (value << 1n) | (optIn ? 1n : 0n);
  for (const word of words.toReversed()) value = (value << width) | word;
  return value;
}

/** The reverse of entryNumber. */
function entryOf({ grid, rounds, gap }: Setting, value: bigint): PriceEntry {
  const width = wordWidth(grid.count);
  let rest = value;
  const words = Array.from({ length: rounds ?? 1 }, () => {
    const word = BigInt.asUintN(width, rest);
    rest >>= BigInt(width);
    return word;
  });
  const optIn = gap !== undefined && (rest & 1n) === 1n;
  return { words, optIn, share: gap === undefined ? rest : rest >> 1n };
}

/** Output groups: the deal bit; the round, the price's index and the near-miss bit, each where there is one and masked. */
function priceCircuit(setting: Setting): Circuit {
  const { grid, rounds, gap, pricing } = setting;
  const c = new CircuitBuilder();
  const width = wordWidth(grid.count);
  const inputs = [c.input(entryWidth(setting)), c.input(entryWidth(setting))] as const;
  const meetings = Array.from({ length: rounds ?? 1 }, (_, round) => {
    const word = (input: Word) => input.slice(round * width, (round + 1) * width);
    const meeting = meet(c, word(inputs[0]), word(inputs[1]), grid.count);
    const met = pricing.meets ? c.and(meeting.deal, pricing.meets(c, meeting.zone)) : meeting.deal;
    return { ...meeting, met };
  });
  const decision = firstThatMeets(c, meetings, roundWidth(setting));
  const share = (input: Word) => input.slice(input.length - (pricing.share?.width ?? 0));
  const priced = pricing.price?.(c, decision.zone, [share(inputs[0]), share(inputs[1])]);
  const deal = priced?.deal === undefined ? decision.deal : c.and(decision.deal, priced.deal);
  c.output([deal]);
  if (decision.round.length > 0) c.output(mask(c, decision.round, deal));
  if (priced !== undefined) c.output(mask(c, priced.index, deal));
  if (gap !== undefined) {
    const at = (rounds ?? 1) * width;
    const optIns = c.and(inputs[0][at]!, inputs[1][at]!);
    c.output([c.and(c.and(meetings.at(-1)!.near(gap), optIns), c.not(deal))]);
  }
  return c.build();
}

function readOutcome(setting: Setting, bits: Bits): OutcomeJson {
  const width = roundWidth(setting);
  const roundEnd = 1 + width;
  if (bits[0] !== 1) return noDeal(setting, bits.at(-1) === 1);
  const index = bitsToBigint(bits.subarray(roundEnd, roundEnd + indexWidth(setting.grid.count)));
  const round = Number(bitsToBigint(bits.subarray(1, roundEnd)));
  return dealAt(setting, round, setting.pricing.price === undefined ? undefined : index);
}

function noDeal({ gap }: Setting, near: boolean): OutcomeJson {
  return gap === undefined ? { deal: false } : { deal: false, nearMiss: near };
}

/** Also for an index or round that the terms do not have: `permits` refuses that. */
function dealAt({ grid, rounds, pricing }: Setting, round: number, index: bigint | undefined): OutcomeJson {
  const price = index === undefined ? pricing.fixed : String(gridPrice(grid, index));
  return {
    deal: true,
    ...(price !== undefined && { price }),
    ...(rounds !== undefined && { round: round + 1 }),
  };
}

/** The outcome from the definition, for whatever words are entered (README.md, Words). */
function plainOutcome(setting: Setting, a: PriceEntry, b: PriceEntry): OutcomeJson {
  const { grid, pricing } = setting;
  const zones = a.words.map((word, round) => {
    const seller = indexOfWord('a', grid.count, word);
    const buyer = indexOfWord('b', grid.count, b.words[round]!);
    if (seller === undefined || buyer === undefined || seller > buyer) return undefined;
    return (pricing.plainMeets?.(seller, buyer) ?? true) ? { seller, buyer } : undefined;
  });
  const round = zones.findIndex((zone) => zone !== undefined);
  if (round >= 0 && pricing.plainPrice === undefined) return dealAt(setting, round, undefined);
  const zone = zones[round];
  const index = zone && pricing.plainPrice?.(zone.seller, zone.buyer, [a.share, b.share]);
  return index === undefined ? noDeal(setting, plainNear(setting, a, b)) : dealAt(setting, round, index);
}

/** Whether the last round's reservations are a near miss, given no deal. */
function plainNear({ grid, gap }: Setting, a: PriceEntry, b: PriceEntry): boolean {
  const [seller, buyer] = [a.words.at(-1)!, b.words.at(-1)!];
  if (gap === undefined || !a.optIn || !b.optIn) return false;
  return seller < grid.count && buyer < seller && seller - buyer <= gap;
}

function permitsOutcome({ grid, rounds, gap, pricing }: Setting, outcome: OutcomeJson): boolean {
  const given = outcome as Readonly<Record<string, unknown>>;
  const members = memberNames(outcome);
  if (given.deal === false) {
    return gap === undefined
      ? members === 'deal'
      : members === 'deal,nearMiss' && typeof given.nearMiss === 'boolean';
  }
  const hasPrice = pricing.price !== undefined || pricing.fixed !== undefined;
  const expected = ['deal', ...(hasPrice ? ['price'] : []), ...(rounds === undefined ? [] : ['round'])];
  if (given.deal !== true || members !== expected.join()) return false;
  if (rounds !== undefined) {
    const { round } = given;
    if (!Number.isSafeInteger(round) || (round as number) < 1 || (round as number) > rounds) return false;
  }
  if (!hasPrice || pricing.fixed !== undefined) return given.price === pricing.fixed;
  const value = typeof given.price === 'string' ? parseInteger(given.price) : undefined;
  const index = value === undefined ? undefined : gridIndex(grid, value);
  return index !== undefined && (pricing.permits?.(index) ?? true);
}
