import { MENU_VERSION, MOST_OPTIONS, solutions } from '../../protocols/menu/options.ts';
import { indexWidth } from '../../protocols/price/encoding.ts';
import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule, RuleTerms } from '../../protocols/rule.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { UncheckedRuleTerms } from '../../src/documents/rule.ts';
import type { Party, Queue, Release } from '../../src/engine/engine.ts';
import { enterMasks, MASK_BITS } from '../../src/engine/fingerprint-masks.ts';
import { maskWidth as escrowWidth } from '../../src/escrow/parameters.ts';
import { MAX_SEALED_BITS, maskWidth } from '../../src/seals/index.ts';
import { Tape } from './tape.ts';

/** What terms allow at most (protocols/price/schema.ts). */
const MOST_ROUNDS = 256;
/** 2⁶³ + 1 prices: indices of 64 bits, and a range check, which 2⁶⁴ prices would not need. */
const WIDEST = { min: '0', max: String(1n << 63n) };

/** A computation whose error is calculated. */
export interface Case {
  readonly rule: string;
  readonly what: string;
  /** Bits of each party's sealed number; undefined without seals. */
  readonly sealed: number | undefined;
  /** Whether the terms name an arbiter. */
  readonly arbiter: boolean;
  /** Whether inputs are fingerprinted. */
  readonly fingerprints: boolean;
  /** Bits of the number of grid points that a price is drawn from by scaling, undefined where none is. */
  readonly drawn: number | undefined;
  /** AND gates of the rule. */
  readonly ands: number;
  /** AND gates of each batch of the engine's queue, in order. */
  readonly batches: readonly number[];
  /** Triples that are made at a time, in order. */
  readonly preparations: readonly number[];
}

/** The largest computation that terms allow for each rule, and the largest with seals; of menus also with a part of it prepared. */
export async function largestCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [name, members] of [
    ['zopa', {}],
    ['split', { sellerShare: '43691/65535' }],
    ['random-split', {}],
    ['posted-price', { price: 'random' }],
  ] as const) {
    const bound = (rounds: number) => priceRule(name, { ...members, rounds, nearMiss: '5%' });
    const fits = (rounds: number) => bound(rounds).seal!.width <= MAX_SEALED_BITS;
    const sealed = lastThat(fits, MOST_ROUNDS);
    cases.push(await work(bound(sealed), `64 bits, ${sealed} rounds, seals`, true));
    cases.push(await work(bound(MOST_ROUNDS), `64 bits, ${MOST_ROUNDS} rounds`, false));
    if (name === 'split') cases.push(...withArbiter(cases.slice(-2)));
  }
  for (const solution of solutions) {
    const values = Array.from({ length: MOST_OPTIONS }, (_, i) => String(i));
    const bound = boundTo({
      rule: { name: 'menu', solution, version: MENU_VERSION },
      menu: { options: values },
    });
    const what = `${solution}, ${MOST_OPTIONS.toLocaleString('en')} options, seals`;
    cases.push(await work(bound, what, true));
    cases.push(await work(bound, `${what}, prepared`, true, true));
    if (solution === 'nash') cases.push(...withArbiter(cases.slice(-2)));
  }
  return cases;
}

/** The same under terms with an arbiter, which add inputs, and no AND gate. */
function withArbiter(cases: readonly Case[]): Case[] {
  return cases.map((of) => ({ ...of, what: `${of.what}, arbiter`, arbiter: true }));
}

/** The largest number up to `most` that fits, where 1 fits and whatever is above one that does not fits neither. */
function lastThat(fits: (number: number) => boolean, most: number): number {
  let [low, high] = [1, most + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** A price rule under terms that its schema has completed. */
export function priceRule(name: string, members: object, range: object = WIDEST): BoundRule {
  return boundTo({ rule: { name, ...members }, range });
}

/** Runs a rule's work on a tape. With `ahead` it is prepared first, and with `arbiter` both escrows are entered, as in a session. */
export async function work(
  bound: BoundRule,
  what: string,
  seals: boolean,
  ahead = false,
  arbiter = false,
): Promise<Case> {
  const { rule, range } = bound.terms;
  const tape = new Tape();
  const sealed = seals ? bound.seal!.width : undefined;
  const fingerprints = seals && bound.seal!.committed !== undefined;
  /** What the seals and the escrows enter ahead of the rule, as src/session/sealing.ts does. */
  const enterAhead = (queue: Queue, live: boolean) => {
    const bits = (owner: Party, width: number) => (live && owner === 'a' ? new Uint8Array(width) : undefined);
    const enter = (width: number) => PARTIES.map((owner) => queue.input(owner, width, bits(owner, width)));
    if (sealed !== undefined) enter(maskWidth(sealed));
    if (arbiter) enter(escrowWidth(bound.outcomeWidth!));
    if (sealed === undefined || !fingerprints) return;
    enter(sealed);
    queue.release(...enterMasks(queue, (owner) => bits(owner, MASK_BITS)));
  };
  if (ahead) {
    await tape.prepare(bound.ands, (queue) => {
      enterAhead(queue, false);
      bound.program!(queue);
    });
  }
  enterAhead(tape, true);
  await bound.compute(tape, bound.enter('a', { abstain: true }, systemRandom), NOTHING);
  const drawn = rule.name === 'random-split' ? indexWidth(BigInt(range!.max) + 1n) : undefined;
  const { batches, preparations, queued: ands } = tape;
  return { rule: rule.name, what, sealed, arbiter, fingerprints, drawn, ands, batches, preparations };
}

const PARTIES: readonly Party[] = ['a', 'b'];

const NOTHING: Release = { send: async () => undefined, receive: async () => undefined };

function boundTo(terms: UncheckedRuleTerms & Pick<RuleTerms, 'rule'>): BoundRule {
  return ruleOf(terms).under(terms);
}
