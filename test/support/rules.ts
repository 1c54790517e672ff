import { expect } from 'vitest';
import type { BoundRule, Entry, Mandate, Rule, RuleTerms, SealedEntries } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { OutcomeJson, UncheckedRuleTerms } from '../../src/documents/rule.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits, Engine, Release } from '../../src/engine/engine.ts';
import { InputError } from '../../src/errors.ts';

/** A release that sends and awaits nothing. */
export const noRelease: Release = { send: async () => undefined, receive: async () => undefined };

/** An engine that enters these bits in place of the rule's. */
export function entering(engine: Engine, bits: Bits): Engine {
  const input = engine.input.bind(engine);
  let at = 0;
  engine.input = (owner, width, given) => {
    if (given === undefined) return input(owner, width);
    at += width;
    return input(owner, width, bits.slice(at - width, at));
  };
  return engine;
}

/** Terms of a rule after its schema. */
export function completed(rule: Rule, terms: UncheckedRuleTerms): RuleTerms {
  return rule.under(terms).terms;
}

/** Whether a rule accepts terms. */
export function accepts(rule: Rule, terms: UncheckedRuleTerms): boolean {
  try {
    rule.under(terms);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_TERMS_INVALID' });
    return false;
  }
}

/** A rule with some members changed under its terms. */
export function changed(rule: Rule, change: (bound: BoundRule) => Partial<BoundRule>): Rule {
  return {
    ...rule,
    under(terms) {
      const bound = rule.under(terms);
      return { ...bound, ...change(bound) };
    },
  };
}

/** Seals that use the inputs of one entry in place of any entry's. */
export function entersAs(seal: SealedEntries, entry: Entry): SealedEntries {
  const { widths, inputs } = seal.committed!;
  return { ...seal, committed: { widths, inputs: () => inputs(entry) } };
}

/** Runs a rule on two entries under a pair of engines, which must agree; closes them. */
export async function computeOn(
  engines: { readonly a: Engine; readonly b: Engine },
  rule: Rule,
  terms: RuleTerms,
  a: Entry,
  b: Entry,
): Promise<OutcomeJson> {
  const bound = rule.under(terms);
  const opened = openedBy(engines.a);
  const [left, right] = await Promise.all([
    bound.compute(engines.a, a, noRelease),
    rule.under(terms).compute(engines.b, b, noRelease),
  ]);
  engines.a.close();
  engines.b.close();
  expect(left).toEqual(right);
  if (bound.readOutcome !== undefined) {
    const outcome = opened().at(-1)!;
    expect(outcome).toHaveLength(bound.outcomeWidth!);
    expect(bound.readOutcome(outcome)).toEqual(left);
  }
  return left;
}

/** What an engine opens from now on. */
function openedBy(engine: Engine): () => readonly Bits[] {
  const reveal = engine.reveal.bind(engine);
  const opened: Bits[] = [];
  engine.reveal = async (...given) => {
    const bits = await reveal(...given);
    if (bits !== undefined) opened.push(bits.slice());
    return bits;
  };
  return () => opened;
}

/** Runs a rule on two entries under the clear engine. Returns what both sides get, and the number of AND gates. */
export async function computeClear(
  rule: Rule,
  terms: RuleTerms,
  a: Entry,
  b: Entry,
): Promise<{ outcome: OutcomeJson; ands: number }> {
  const engines = clearEngines();
  const outcome = await computeOn(engines, rule, terms, a, b);
  return { outcome, ands: engines.a.ands };
}

/** Runs a rule on two mandates under the clear engine, and checks it against the plaintext twin. */
export async function negotiateClear(
  rule: Rule,
  terms: RuleTerms,
  a: Mandate,
  b: Mandate,
  seed = 0,
): Promise<OutcomeJson> {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  const bound = rule.under(terms);
  const entryA = bound.enter('a', a, random);
  const entryB = bound.enter('b', b, random);
  const expected = bound.plain(entryA, entryB);
  const { outcome, ands } = await computeClear(rule, terms, entryA, entryB);
  expect(outcome).toEqual(expected);
  expect(ands).toBe(bound.ands);
  expect(bound.permits(outcome)).toBe(true);
  return outcome;
}

/** The price of an outcome, or its option's index; undefined if it has none. */
export function priceOf({ price }: OutcomeJson): bigint | undefined {
  return typeof price === 'string' ? BigInt(price) : undefined;
}
export function optionOf(rule: Rule, terms: RuleTerms, outcome: OutcomeJson): number | undefined {
  const result = rule.under(terms).result?.(outcome);
  return result !== undefined && 'option' in result ? result.option.index : undefined;
}

/** Expects `ERR_MANDATE_INVALID`, with none of `secrets` anywhere in the error. */
export function expectRefused(act: () => unknown, ...secrets: string[]): void {
  let problem: unknown;
  try {
    act();
  } catch (error) {
    problem = error;
  }
  expect(problem).toBeInstanceOf(InputError);
  const { code, message, hint } = problem as InputError;
  expect(code).toBe('ERR_MANDATE_INVALID');
  for (const secret of secrets) expect(`${message} ${hint}`).not.toContain(secret);
}
