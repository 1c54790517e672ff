import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../protocols/registry.ts';
import { type Case, largestCases, priceRule, work } from '../scripts/error-budget/cases.ts';
import { atMost, exact, plus, powerOfTwo, tenthsOfBits } from '../scripts/error-budget/exact.ts';
import { atWorst, page } from '../scripts/error-budget/page.ts';
import { preparations } from '../scripts/error-budget/tape.ts';
import { LIVE_WORK, terms, termsOf, total } from '../scripts/error-budget/terms.ts';
import { CircuitBuilder } from '../src/circuit/builder.ts';
import type { Circuit } from '../src/circuit/circuit.ts';
import { maskCircuit } from '../src/escrow/circuits.ts';
import { leakyCiphertexts } from '../src/garbling/authenticated/messages.ts';
import { BATCH_ANDS, bucketSize, MINIMUM_ANDS } from '../src/garbling/authenticated/parameters.ts';
import { authenticatedPair } from './engine/authenticated-pair.ts';

const LIVE = powerOfTwo(LIVE_WORK);

let cases: Case[];
beforeAll(async () => {
  cases = await largestCases();
}, 300_000);

test('docs/error-budget.md is what the script writes', () => {
  const written = readFileSync(new URL('../docs/error-budget.md', import.meta.url), 'utf8');
  expect(written).toBe(page(cases));
});

describe('for each rule’s largest case, and for every size of batch', () => {
  test.each(terms)('at most 2⁻⁴⁰ a session: $name', (term) => {
    for (const of of atWorst(cases)) expect(atMost(term.bound(of, LIVE), powerOfTwo(-40))).toBe(true);
  });

  test('the sum is at most 2⁻³⁷, and the table’s sums hold for every case', () => {
    for (const of of atWorst(cases))
      expect(atMost(total(of, 'fair reveal', LIVE), powerOfTwo(-37))).toBe(true);
    for (const layer of ['computation', 'session', 'fair reveal'] as const) {
      const worst = termsOf(layer).map((term) =>
        atWorst(cases)
          .map((of) => term.bound(of, LIVE))
          .reduce((most, bound) => (atMost(most, bound) ? bound : most)),
      );
      expect(atMost(plus(...worst), powerOfTwo(-37))).toBe(true);
    }
  });

  test('every rule is there, with and without seals', () => {
    for (const { name } of rules) expect(cases.some(({ rule }) => rule === name)).toBe(true);
    expect(cases.filter(({ sealed }) => sealed === undefined).length).toBeGreaterThan(3);
    expect(cases.filter(({ sealed }) => sealed !== undefined).length).toBeGreaterThan(7);
    for (const seals of [true, false])
      expect(cases.some(({ arbiter, sealed }) => arbiter && (sealed !== undefined) === seals)).toBe(true);
  });
});

describe('what the errors are worked out from', () => {
  test('the gates are those that rules announce', async () => {
    for (const [name, members] of [
      ['zopa', {}],
      ['split', {}],
      ['random-split', {}],
      ['posted-price', { price: 'random' }],
    ] as const) {
      const bound = priceRule(name, members, { min: '0', max: '1000000' });
      const { ands, preparations: made } = await work(bound, '', true);
      expect(ands).toBe(bound.ands);
      expect(made).toEqual([Math.max(bound.ands, MINIMUM_ANDS)]);
      const arbitrated = await work(bound, '', true, false, true);
      expect([arbitrated.ands, arbitrated.preparations]).toEqual([ands, made]);
      expect(maskCircuit(bound.outcomeWidth!).ands).toBe(0);
    }
    for (const { rule, what, ands, preparations: made } of cases) {
      const triples = made.reduce((sum, count) => sum + count, 0);
      expect(triples, `${rule}, ${what}`).toBe(ands);
    }
  });

  test('triples are made at a time as the engine makes them', async () => {
    const runs = [3, 40, 100, 5];
    const leaky: number[] = [];
    const pair = await authenticatedPair(1, {
      intercept: (_side, type, fields) => {
        if (type.name === leakyCiphertexts.name) leaky.push(fields.ciphertexts!.length / 16);
        return fields;
      },
    });
    for (const ands of runs) {
      const circuit = chainOfAnds(ands);
      await Promise.all(
        [pair.a, pair.b].map((engine) => {
          const inputs = (['a', 'b'] as const).map((owner) =>
            engine.input(owner, 2, owner === engine.party ? Uint8Array.of(1, 0) : undefined),
          );
          return engine.reveal(engine.apply(circuit, inputs), 'both');
        }),
      );
    }
    const expected = preparations(runs);
    expect(expected).toEqual([MINIMUM_ANDS, MINIMUM_ANDS, 75, MINIMUM_ANDS]);
    // each party sends as many
    expect(leaky).toEqual(
      expected.flatMap((count) => [count * bucketSize(count), count * bucketSize(count)]),
    );
    for (const party of ['a', 'b'] as const) pair[party].close();
  });

  test('a batch above the limit is made in parts', () => {
    expect(preparations([BATCH_ANDS + 1, 30])).toEqual([BATCH_ANDS, MINIMUM_ANDS]);
    expect(preparations([])).toEqual([]);
  });

  test('a power of two is never printed smaller than the error', () => {
    expect(tenthsOfBits(powerOfTwo(-40))).toBe(400);
    expect(tenthsOfBits(plus(powerOfTwo(-40), powerOfTwo(-200)))).toBe(399);
    expect(tenthsOfBits(exact(3))).toBe(-16);
    expect(() => tenthsOfBits(exact(0))).toThrow(RangeError);
  });
});

function chainOfAnds(count: number): Circuit {
  const c = new CircuitBuilder();
  const [x] = c.input(2);
  const [y, z] = c.input(2);
  let bit = x!;
  for (let i = 0; i < count; i += 1) bit = c.xor(c.and(bit, i % 2 === 0 ? y! : z!), y!);
  c.output([bit]);
  return c.build();
}
