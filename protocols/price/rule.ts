import * as z from 'zod';
import { bigintToBits } from '../../src/circuit/bits.ts';
import { CircuitBuilder, type Word } from '../../src/circuit/builder.ts';
import type { Circuit } from '../../src/circuit/circuit.ts';
import { mask } from '../../src/circuit/gadgets/word.ts';
import type { Random } from '../../src/crypto/random.ts';
import { type Grid, parseRange } from '../../src/documents/range.ts';
import type { Range } from '../../src/documents/terms.ts';
import type { Bits, Party, Queue } from '../../src/engine/engine.ts';
import { CircuitCache } from '../circuit-cache.ts';
import { defineRule, membersOf } from '../define.ts';
import type { PriceModel } from '../leakage/model.ts';
import { defaultsOf } from '../option-bounds.ts';
import type { BoundRule, Entry, Mandate, Rule } from '../rule.ts';
import { capacityBits, repeatedBits } from './capacity.ts';
import { firstThatMeets, meet } from './circuit.ts';
import { briefly, describeEntering, describeExtras, mandateText, type PriceDescription } from './describe.ts';
import { decodeReservations, encodeMandate, fitMandate, wordWidth } from './encoding.ts';
import {
  outcomeWidth,
  permitsOutcome,
  plainOutcome,
  priceOutcomeText,
  priceResult,
  readOutcome,
} from './outcome.ts';
import { pricePolicy } from './policy.ts';
import { nearMissGap, priceTerms, roundsOf } from './schema.ts';
import {
  enteredWords,
  entryWidth,
  mandateWidth,
  type Pricing,
  roundWidth,
  type Setting,
  toEntry,
} from './setting.ts';

export type { PriceDescription } from './describe.ts';
export type { Pricing } from './setting.ts';

/** The part of terms that a price rule sees. `rule` has the rule's own further members. */
export interface PriceTerms<Own = unknown> {
  readonly rule: Own;
  readonly range: Range;
  readonly grid: Grid;
}

/** The definition of a price rule: everything in which it differs from the others. */
export interface PriceRuleDefinition<Members extends z.ZodRawShape> {
  readonly name: string;
  /** Further members of `rule` in the terms. A member's schema must accept its own output unchanged. */
  readonly members?: Members;
  /** Describes a fault of these members on a grid, if there is one. */
  refine?(rule: z.output<z.ZodObject<Members>>, grid: Grid): string | undefined;
  pricing(terms: PriceTerms<z.output<z.ZodObject<Members>>>): Pricing;
  /** The outcomes of pairs of reservations. Rounds and near misses are added to the model. */
  priceModel(terms: PriceTerms<z.output<z.ZodObject<Members>>>): Omit<PriceModel, 'rounds' | 'nearGap'>;
  describe(
    terms: PriceTerms<z.output<z.ZodObject<Members>>>,
    called: readonly [seller: string, buyer: string],
  ): PriceDescription;
}

/** A price rule with rounds and near misses, from its definition. Steps are those of README.md. */
export function priceRule<Members extends z.ZodRawShape = Record<never, never>>(
  definition: PriceRuleDefinition<Members>,
): Rule {
  const { name, members, refine } = definition;
  const circuits = new CircuitCache();
  const own = z.object(members);
  const defaults = defaultsOf(own.shape);
  return defineRule({
    name,
    roles: ['seller', 'buyer'],
    schema: priceTerms(name, members ?? {}, (rule, grid) => refine?.(own.parse(rule), grid)),
    under({ rule, range }) {
      const grid = parseRange(range);
      const terms = { rule: own.parse(rule), range, grid };
      const gap = nearMissGap(rule, grid);
      const setting = { range, grid, rounds: roundsOf(rule), gap, pricing: definition.pricing(terms) };
      const described: BoundRule['describe'] = (called) => {
        const { outcome, incentives, deal, tells } = definition.describe(terms, called);
        const extras = describeExtras(setting, rule.nearMiss);
        const brief = deal !== undefined && tells !== undefined && briefly(setting, { deal, tells });
        return { entering: describeEntering(setting), outcome, extras, incentives, ...(brief && { brief }) };
      };
      const prices = () => withExtras(definition.priceModel(terms), setting);
      // Copied into another object, `ands` would be read, and the circuit built.
      return Object.assign(computing(name, setting, circuits), showing(setting), {
        policy: pricePolicy(rule, range, defaults),
        leakage: { by: 'prices' as const, range, prices },
        capacityBits: capacityBits(setting),
        repeatedBits: repeatedBits(setting),
        describe: described,
      });
    },
  });
}

/** The part of a price rule that handles mandates and entries. */
function computing(
  name: string,
  setting: Setting,
  circuits: CircuitCache,
): Pick<
  BoundRule,
  | 'ands'
  | 'enter'
  | 'fit'
  | 'entered'
  | 'compute'
  | 'program'
  | 'plain'
  | 'seal'
  | 'circuits'
  | 'outcomeWidth'
  | 'readOutcome'
> {
  const { range, grid, rounds, gap, pricing } = setting;
  const width = entryWidth(setting);
  const shape = { range, rounds, nearMiss: gap !== undefined };
  const share = (random: Random) => pricing.share?.draw(random) ?? 0n;
  const decode = (party: Party, entry: Entry) =>
    decodeReservations(grid, rounds, party, enteredWords(setting, entry));
  const circuit = () =>
    circuits.get([grid.count, rounds, gap, pricing.key].join(' '), () => priceCircuit(setting));
  const queue = (engine: Queue, bits: (party: Party) => Bits | undefined) => {
    const [a, b] = (['a', 'b'] as const).map((party) => engine.input(party, width, bits(party)));
    return engine.apply(circuit(), [a!, b!]);
  };
  return {
    get ands() {
      return circuit().ands;
    },
    circuits: () => [{ name, circuit: circuit(), copies: 1 }],
    enter(party, mandate, random) {
      const reservations = encodeMandate(shape, party, mandate);
      return toEntry(setting, { ...reservations, share: share(random) });
    },
    fit(party, mandate, random) {
      const fitted = fitMandate(shape, party, mandate);
      if (fitted === undefined) return undefined;
      const { why, ...reservations } = fitted;
      return { entry: toEntry(setting, { ...reservations, share: share(random) }), why };
    },
    entered: (party, entry) => asNumbers(decode(party, entry)),
    async compute(engine, entry, release) {
      const bits = bigintToBits(entry.value, width);
      const outcome = queue(engine, (party) => (engine.party === party ? bits : undefined));
      bits.fill(0);
      const opened = await engine.reveal(outcome, 'both', release);
      return readOutcome(setting, opened!);
    },
    program: (engine) => queue(engine, () => undefined),
    outcomeWidth: outcomeWidth(setting),
    readOutcome: (bits) => readOutcome(setting, bits),
    plain: (a, b) => plainOutcome(setting, a, b),
    seal: {
      width,
      mandate: decode,
      sameMandate(one, other) {
        const said = mandateWidth(setting);
        return BigInt.asUintN(said, one.value) === BigInt.asUintN(said, other.value);
      },
    },
  };
}

/** A mandate for callers, with its reservations as numbers. */
function asNumbers(mandate: Mandate | undefined): Mandate | undefined {
  const { reservation, reservations, ...rest } = membersOf(mandate);
  if (typeof reservation === 'string') return { reservation: BigInt(reservation), ...rest };
  if (Array.isArray(reservations)) return { reservations: reservations.map(BigInt), ...rest };
  return mandate;
}

/** The part of a price rule that shows outcomes and mandates, and asks for mandates. */
function showing(
  setting: Setting,
): Pick<BoundRule, 'permits' | 'result' | 'form' | 'outcomeText' | 'mandateText'> {
  const { range, rounds, gap } = setting;
  return {
    permits: (outcome) => permitsOutcome(setting, outcome),
    result: priceResult,
    form: { kind: 'amounts', range, rounds, nearMiss: gap !== undefined },
    outcomeText: (outcome) => priceOutcomeText(range, outcome),
    mandateText: (mandate) => mandateText(setting, membersOf(mandate)),
  };
}

function withExtras(model: Omit<PriceModel, 'rounds' | 'nearGap'>, { rounds, gap }: Setting): PriceModel {
  return {
    ...model,
    ...(rounds !== undefined && { rounds }),
    ...(gap !== undefined && { nearGap: Number(gap) }),
  };
}

/** Output groups: the deal bit; then, where they exist and masked, the round, the price's index and the near-miss bit. */
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
