import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bit,
  bigintToBits,
  bitLength,
  bitsToBigint,
  type Circuit,
  CircuitBuilder,
  compileSchedule,
  evaluateCircuit,
  fromBristol,
  ONE,
  packBits,
  toBristol,
  unpackBits,
  ZERO,
} from '../../src/circuit/index.ts';
import { checkCircuit, runSchedule } from '../support/circuits/check.ts';

/** A random program over `inputs` bits: each step an operation on two earlier values. */
const program = fc.record({
  inputs: fc.integer({ min: 1, max: 6 }),
  steps: fc.array(fc.tuple(fc.constantFrom('and', 'xor', 'or', 'not'), fc.nat(), fc.nat()), {
    maxLength: 60,
  }),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
});
type Program = typeof program extends fc.Arbitrary<infer T> ? T : never;

function assemble({ inputs, steps, outputs }: Program): Circuit {
  const c = new CircuitBuilder();
  const values: Bit[] = [ZERO, ONE, ...c.input(inputs)];
  for (const [operation, i, j] of steps) {
    const x = values[i % values.length]!;
    const y = values[j % values.length]!;
    values.push(operation === 'not' ? c.not(x) : c[operation](x, y));
  }
  c.output(outputs.map((i) => values[i % values.length]!));
  return c.build();
}

function interpret({ steps, outputs }: Program, input: Uint8Array): number[] {
  const values = [0, 1, ...input];
  for (const [operation, i, j] of steps) {
    const x = values[i % values.length]!;
    const y = values[j % values.length]!;
    values.push(
      operation === 'and' ? x & y : operation === 'or' ? x | y : operation === 'xor' ? x ^ y : x ^ 1,
    );
  }
  return outputs.map((i) => values[i % values.length]!);
}

test('built circuits, their schedules and their Bristol Fashion text compute what was asked', () => {
  fc.assert(
    fc.property(program, (each) => {
      const circuit = assemble(each);
      checkCircuit(circuit);
      const again = fromBristol(toBristol(circuit));
      checkCircuit(again);
      expect(again.inputs).toEqual(circuit.inputs);
      expect(again.outputs).toEqual(circuit.outputs);
      expect(again.ands).toBe(circuit.ands);
      for (let value = 0n; value < 1n << BigInt(each.inputs); value++) {
        const input = bigintToBits(value, each.inputs);
        const expected = interpret(each, input);
        expect([...evaluateCircuit(circuit, [input])]).toEqual(expected);
        expect([...runSchedule(compileSchedule(circuit), [input])]).toEqual(expected);
        expect([...evaluateCircuit(again, [input])]).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

describe('simplification', () => {
  const gates = (body: (c: CircuitBuilder, x: Bit, y: Bit) => Bit[]): [xors: number, ands: number] => {
    const c = new CircuitBuilder();
    const [x, y] = c.input(2);
    c.output(body(c, x!, y!));
    const { kinds, ands } = c.build();
    return [kinds.length - ands, ands];
  };

  test('constants fold', () => {
    expect(
      gates((c, x) => [c.and(x, ZERO), c.and(x, ONE), c.xor(x, x), c.and(x, c.not(x)), c.or(ONE, x)]),
    ).toEqual([0, 0]);
  });

  test('equal gates are one, also with operands swapped', () => {
    expect(gates((c, x, y) => [c.and(x, y), c.and(y, x), c.xor(x, y), c.xor(y, x)])).toEqual([1, 1]);
  });

  test('ANDs that differ by complements share one AND', () => {
    expect(gates((c, x, y) => [c.and(x, y), c.and(c.not(x), y), c.and(x, c.not(y)), c.or(x, y)])[1]).toBe(1);
  });

  test('x ⊕ (x ⊕ y) is y, and x ∧ (x ∧ y) is x ∧ y', () => {
    expect(gates((c, x, y) => [c.xor(x, c.xor(x, y))])).toEqual([0, 0]);
    expect(gates((c, x, y) => [c.and(x, c.and(x, y))])).toEqual([0, 1]);
    expect(gates((c, x, y) => [c.and(c.not(x), c.and(x, y))])).toEqual([0, 0]);
  });

  test('a complement is one XOR with wire 1, however often it is needed', () => {
    const c = new CircuitBuilder();
    const [x, y] = c.input(2);
    c.output([c.not(x!), c.and(c.not(x!), y!), c.not(c.not(x!))]);
    const circuit = c.build();
    expect([...circuit.kinds]).toEqual([0, 1]);
    expect([circuit.left[0], circuit.right[0]]).toEqual([2, 1]);
  });

  test('what no output needs is left out', () => {
    expect(gates((c, x, y) => [c.and(x, y), x].slice(1))).toEqual([0, 0]);
  });
});

test('inputs may be declared between gates; groups keep their order', () => {
  const c = new CircuitBuilder();
  const [x] = c.input(1);
  const both = c.and(x!, c.not(x!));
  const [y, z] = c.input(2);
  c.output([c.xor(y!, both), c.and(x!, z!)]);
  const circuit = c.build();
  expect(circuit.inputs).toEqual([1, 2]);
  expect([...evaluateCircuit(circuit, [Uint8Array.of(1), Uint8Array.of(0, 1)])]).toEqual([0, 1]);
});

describe('digest', () => {
  const circuit = (change: (c: CircuitBuilder, x: Bit, y: Bit) => void): string => {
    const c = new CircuitBuilder();
    const [x, y] = c.input(2);
    change(c, x!, y!);
    return Buffer.from(c.build().digest).toString('hex');
  };

  test('is 32 bytes, repeatable, and differs for every change', () => {
    const digests = [
      circuit((c, x, y) => c.output([c.and(x, y)])),
      circuit((c, x, y) => c.output([c.xor(x, y)])),
      circuit((c, x, y) => c.output([c.and(x, c.not(y))])),
      circuit((c, x, y) => c.output([x, y])),
      circuit((c, x, y) => c.output([y, x])),
      circuit((c, x, y) => {
        c.output([x]);
        c.output([y]);
      }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(circuit((c, x, y) => c.output([c.and(x, y)]))).toBe(digests[0]);
  });

  test('is the one that version 1 has always had', () => {
    expect(circuit((c, x, y) => c.output([c.and(x, y)]))).toMatchInlineSnapshot(
      `"b2a210832ff2db16e320997dbeb1e91a049c9b98b95618cbc0d6c2cace382a24"`,
    );
  });
});

describe('bits', () => {
  test.each([1, 31, 32, 33, 53, 63, 64, 65, 128])('round trip at %i bits', (width) => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n }), (value) => {
        const bits = bigintToBits(value, width);
        expect(bits.length).toBe(width);
        expect(bits.every((bit) => bit < 2)).toBe(true);
        expect(bitsToBigint(bits)).toBe(value);
        expect(unpackBits(packBits(bits), width)).toEqual(bits);
      }),
    );
    expect(() => bigintToBits(1n << BigInt(width), width)).toThrow(RangeError);
    expect(() => bigintToBits(-1n, width)).toThrow(RangeError);
  });

  test('empty and lengths', () => {
    expect(bitsToBigint(new Uint8Array(0))).toBe(0n);
    expect([0n, 1n, 2n, 255n, 256n].map(bitLength)).toEqual([0, 1, 2, 8, 9]);
    expect(() => unpackBits(new Uint8Array(1), 9)).toThrow(RangeError);
  });

  test('evaluation refuses inputs of other widths', () => {
    const c = new CircuitBuilder();
    c.output(c.input(2));
    const circuit = c.build();
    expect(() => evaluateCircuit(circuit, [new Uint8Array(3)])).toThrow(RangeError);
    expect(() => evaluateCircuit(circuit, [])).toThrow(RangeError);
  });
});
