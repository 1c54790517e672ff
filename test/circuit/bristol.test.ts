import { describe, expect, test } from 'vitest';
import { fromBristol, toBristol } from '../../src/circuit/bristol.ts';
import { add } from '../../src/circuit/gadgets/arithmetic.ts';
import { bigintToBits, bitsToBigint, CircuitBuilder, evaluateCircuit } from '../../src/circuit/index.ts';
import { InputError } from '../../src/errors.ts';

const all = `
6 8
1 2
2 2 2

2 1 0 1 2 AND
1 1 1 3 EQ
1 1 2 4 INV
2 1 0 1 5 XOR
1 1 3 6 EQW
2 1 5 3 7 AND
`;

test('every gate of the format is understood', () => {
  const circuit = fromBristol(all);
  expect(circuit.inputs).toEqual([2]);
  expect(circuit.outputs).toEqual([2, 2]);
  for (let x = 0; x < 4; x++) {
    const first = x & 1;
    const second = x >> 1;
    expect([...evaluateCircuit(circuit, [Uint8Array.of(first, second)])]).toEqual([
      1 ^ (first & second),
      first ^ second,
      1,
      first ^ second,
    ]);
  }
});

test('blank lines, runs of blanks and Windows line ends are accepted', () => {
  const loose = all.replaceAll(' ', ' \t ').replaceAll('\n', '\r\n\r\n');
  expect(fromBristol(loose).digest).toEqual(fromBristol(all).digest);
});

test('export writes XOR, AND and INV only, outputs last, one line a gate', () => {
  const c = new CircuitBuilder();
  const x = c.input(3);
  const y = c.input(3);
  c.output(add(c, x, y));
  c.output([x[0]!, x[0]!, ...c.constant(2n, 2)]);
  const text = toBristol(c.build());
  const [header, inputs, outputs, blank, ...gates] = text.split('\n');
  const [count, wires] = header!.split(' ').map(Number);
  expect([inputs, outputs, blank]).toEqual(['2 3 3', '2 4 4', '']);
  expect(gates.pop()).toBe('');
  expect(gates.length).toBe(count);
  expect(gates.every((line) => / (XOR|AND|INV)$/.test(line))).toBe(true);
  const written = gates.map((line) => Number(line.split(' ').at(-2)));
  expect([...written].sort((a, b) => a - b)).toEqual(Array.from({ length: count! }, (_, i) => 6 + i));
  expect(wires).toBe(6 + count!);
  const again = fromBristol(text);
  const bits = evaluateCircuit(again, [bigintToBits(5n, 3), bigintToBits(6n, 3)]);
  expect(bitsToBigint(bits)).toBe(11n | (0b1011n << 4n));
});

test('a circuit without inputs', () => {
  const c = new CircuitBuilder();
  c.output(c.constant(5n, 4));
  const again = fromBristol(toBristol(c.build()));
  expect(bitsToBigint(evaluateCircuit(again, []))).toBe(5n);
});

describe('refused, with the line', () => {
  const header = '1 3\n1 2\n1 1\n\n';
  test.each([
    ['nothing', '', 0],
    ['gates missing', header, 4],
    ['too many gates', `${header}2 1 0 1 2 AND\n2 1 0 1 2 AND\n`, 5],
    ['an unknown gate', `${header}2 1 0 1 2 NAND\n`, 5],
    ['a many-output gate', `${header}2 2 0 1 2 MAND\n`, 5],
    ['a missing wire', `${header}2 1 0 2 AND\n`, 5],
    ['an extra wire', `${header}2 1 0 1 1 2 AND\n`, 5],
    ['a wrong arity', `${header}1 1 0 1 2 AND\n`, 5],
    ['an input written', `${header}2 1 0 1 1 AND\n`, 5],
    ['a wire read before it is written', `${header}2 1 0 2 2 AND\n`, 5],
    ['a wire out of range', `${header}2 1 0 3 2 AND\n`, 5],
    ['a negative wire', `${header}2 1 0 -1 2 AND\n`, 5],
    ['a fraction', `${header}2 1 0 1.5 2 AND\n`, 5],
    ['a leading zero', `${header}2 1 0 01 2 AND\n`, 5],
    ['hexadecimal', `${header}2 1 0 0x1 2 AND\n`, 5],
    ['a constant other than 0 and 1', `${header}1 1 2 2 EQ\n`, 5],
    ['wires that do not add up', '1 4\n1 2\n1 1\n\n2 1 0 1 2 AND\n', 3],
    ['more outputs than wires', '1 3\n1 2\n1 4\n\n2 1 0 1 2 AND\n', 3],
    ['a group count that is wrong', '1 3\n2 2\n1 1\n\n2 1 0 1 2 AND\n', 2],
    ['an empty group', '1 3\n2 2 0\n1 1\n\n2 1 0 1 2 AND\n', 2],
    ['a huge header', '99999999 99999999\n1 2\n1 1\n', 1],
    ['an endless number', `${'9'.repeat(400)} 3\n`, 1],
    ['a short header', '3\n1 2\n1 1\n', 1],
  ])('%s', (_name, text, line) => {
    let problem: unknown;
    try {
      fromBristol(text);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(InputError);
    expect((problem as InputError).code).toBe('ERR_CIRCUIT_INVALID');
    expect((problem as InputError).message).toContain(`line ${line}:`);
  });

  test.each([
    ['two inputs', '1 3\n1 1 1\n\n2 1 0 1 2 XOR\n'],
    ['two inputs that look like a line of groups', '2 5\n2 2 1\n\n2 1 0 1 3 XOR\n2 1 2 3 4 AND\n'],
    ['one input', '1 3\n2 0 1\n\n2 1 0 1 2 AND\n'],
  ])('the older Bristol Format, by its name: %s', (_name, text) => {
    expect(() => fromBristol(text)).toThrowError(
      expect.objectContaining({
        code: 'ERR_CIRCUIT_INVALID',
        message: expect.stringMatching(/line 4: .*older Bristol Format/),
        hint: expect.stringContaining('Bristol Fashion'),
      }),
    );
  });

  test('more gates, wires or groups than the limits given', () => {
    const limits = { gates: 6, wires: 8, groups: 2 };
    expect(fromBristol(all, limits).outputs).toEqual([2, 2]);
    for (const member of ['gates', 'wires', 'groups'] as const) {
      expect(() => fromBristol(all, { ...limits, [member]: limits[member] - 1 })).toThrow(InputError);
    }
  });
});
