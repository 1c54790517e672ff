import { expect, test } from 'vitest';
import type { Queue, Wires } from '../../src/engine/engine.ts';
import { authenticatedPair } from '../engine/authenticated-pair.ts';
import { circuitFrom } from './harness/programs.ts';

const WIDTH = 16;

const negation = circuitFrom((c) => c.output(c.input(WIDTH).map((bit) => c.not(bit))));
const product = circuitFrom((c) => {
  const [x, y] = [c.input(WIDTH), c.input(WIDTH)];
  c.output(x.map((bit, i) => c.and(bit, y[i]!)));
});

/** Programs in which both operands of an AND are one wire and its negation, which no circuit builder sees. */
const programs: readonly (readonly [string, (engine: Queue, x: Wires) => Wires])[] = [
  ['x ∧ ¬x', (engine, x) => engine.apply(product, [x, engine.apply(negation, [x])])],
  ['¬x ∧ x', (engine, x) => engine.apply(product, [engine.apply(negation, [x]), x])],
];

/**
 * The labels of a wire and of its negation differ by a constant that everybody knows. If the hashes of both halves of a gate then had the same
 * inputs, G₀ ⊕ G₁ would be the left operand's label of zero, and the evaluator would have Δ wherever it holds that of one.
 */
test.each(programs)('tables of %s tell the evaluator nothing of Δ', async (_name, run) => {
  const tables: Uint8Array[] = [];
  const labels: Uint8Array[] = [];
  const { a, b } = await authenticatedPair(7, {
    intercept: (_side, type, fields) => {
      if (type.name === 'authenticated.garbledGates') tables.push(fields.tables!.slice());
      if (type.name === 'authenticated.inputLabels') labels.push(fields.labels!.slice());
      return fields;
    },
  });
  const { context, kernel } = a as unknown as {
    context: { delta: number };
    kernel: { read(pointer: number, length: number): Uint8Array };
  };
  const bits = Uint8Array.from({ length: WIDTH }, (_, i) => i & 1);
  // Prepared, so that labels of inputs are on the wire.
  const program = (queue: Queue) => void run(queue, queue.input('b', WIDTH));
  await Promise.all([a.prepare(0, program), b.prepare(0, program)]);
  const results = await Promise.all([
    a.reveal(run(a, a.input('b', WIDTH)), 'both'),
    b.reveal(run(b, b.input('b', WIDTH, bits)), 'both'),
  ]);
  for (const result of results) expect(result).toEqual(new Uint8Array(WIDTH));

  /** All but bit 0, in which a wire's label and its negation's differ. */
  const key = (block: Uint8Array) =>
    Buffer.from(block.map((byte, j) => (j === 0 ? byte & 0xfe : byte))).toString('hex');
  const delta = key(kernel.read(context.delta, 16));
  const blocks = (bytes: Uint8Array[], size: number) =>
    bytes.flatMap((part) =>
      Array.from({ length: part.length / size }, (_, i) => part.subarray(i * size, (i + 1) * size)),
    );
  const guesses = blocks(tables, 32).flatMap((row) =>
    blocks(labels, 16).map((label) => key(label.map((byte, j) => byte ^ row[j]! ^ row[16 + j]!))),
  );
  expect(guesses.length).toBeGreaterThan(WIDTH);
  expect(guesses).not.toContain(delta);
});
