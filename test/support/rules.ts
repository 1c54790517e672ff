import { expect } from 'vitest';
import type { Mandate, Rule, RuleTerms } from '../../protocols/rule.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { OutcomeJson } from '../../src/documents/terms.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits, Engine, Release } from '../../src/engine/engine.ts';
import { InputError } from '../../src/errors.ts';

/** A release that sends and awaits nothing. */
export const noRelease: Release = { send: async () => undefined, receive: async () => undefined };

/** An engine that enters these bits in place of those that a rule gives it. */
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
export function completed<Entry>(rule: Rule<Entry>, terms: unknown): RuleTerms {
  return rule.schema.parse(terms);
}

/** Runs a rule on two entries under a pair of engines, which must agree; closes them. */
export async function computeOn<Entry>(
  engines: { readonly a: Engine; readonly b: Engine },
  rule: Rule<Entry>,
  terms: RuleTerms,
  a: Entry,
  b: Entry,
): Promise<OutcomeJson> {
  const [left, right] = await Promise.all([
    rule.compute(engines.a, terms, a, noRelease),
    rule.compute(engines.b, terms, b, noRelease),
  ]);
  engines.a.close();
  engines.b.close();
  expect(left).toEqual(right);
  return left;
}

/** Runs a rule on two entries under the clear engine: what both sides get, and the AND gates it took. */
export async function computeClear<Entry>(
  rule: Rule<Entry>,
  terms: RuleTerms,
  a: Entry,
  b: Entry,
): Promise<{ outcome: OutcomeJson; ands: number }> {
  const engines = clearEngines();
  const outcome = await computeOn(engines, rule, terms, a, b);
  return { outcome, ands: engines.a.ands };
}

/** Runs a rule on two mandates under the clear engine, and checks it against the plaintext twin. */
export async function negotiateClear<Entry>(
  rule: Rule<Entry>,
  terms: RuleTerms,
  a: Mandate,
  b: Mandate,
  seed = 0,
): Promise<OutcomeJson> {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  const entryA = rule.entry(terms, 'a', a, random);
  const entryB = rule.entry(terms, 'b', b, random);
  const expected = rule.plain(terms, entryA, entryB);
  const { outcome, ands } = await computeClear(rule, terms, entryA, entryB);
  expect(outcome).toEqual(expected);
  expect(ands).toBe(rule.ands(terms));
  expect(rule.permits(terms, outcome)).toBe(true);
  return outcome;
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
