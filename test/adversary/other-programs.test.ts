import { describe, expect, test, vi } from 'vitest';
import type { Queue } from '../../src/engine/engine.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import { seats } from './harness/checks.ts';
import { codeOf, type Duel, duel, type Ending } from './harness/duel.ts';
import { andsCircuit, circuitFrom, inputsOf, type Program } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

type Limits = { readonly batch: number; readonly limit: number };
const usual: Limits = { batch: 40, limit: 1 << 21 };
const limits = vi.hoisted(() => ({
  of: { a: {}, b: {} } as Record<'a' | 'b', { batch: number; limit: number }>,
}));
// Each party has limits of its own.
vi.mock('../../src/engine/ahead-limits.ts', () => ({
  get AHEAD_BATCH() {
    return limits.of[seats.getStore()!.party].batch;
  },
  get AHEAD_LIMIT() {
    return limits.of[seats.getStore()!.party].limit;
  },
}));

const GATES = 34;
const circuit = andsCircuit(GATES);
/** The same widths and as many gates, but gate i takes the inputs of the other parties' bits i and i + 1. */
const other = circuitFrom((c) => {
  const [a, b] = [c.input(GATES), c.input(GATES)];
  c.output(a.map((bit, i) => c.and(bit, b[(i + 1) % GATES]!)));
});
const free = circuitFrom((c) => {
  const [a, b] = [c.input(GATES), c.input(GATES)];
  c.output(a.map((bit, i) => c.xor(bit, b[i]!)));
});

/** What one party prepares, before it computes what both compute. */
interface Plan {
  readonly ands?: number;
  readonly program?: (queue: Queue) => void;
  readonly limits?: Limits;
}

const enter = (queue: Queue) => [queue.input('a', GATES), queue.input('b', GATES)] as const;

/** What both queue: two batches of ANDs, the second on what the first has given. */
function queueBoth(queue: Queue, first = circuit, second = circuit) {
  const [x, y] = enter(queue);
  return queue.apply(second, [queue.apply(first, [x, y]), y]);
}

const same: Plan = { program: (queue) => void queueBoth(queue) };

/** Both prepare what their plans say, and then reveal the same. */
const program = (plans: Record<'a' | 'b', Plan>): Program => ({
  name: 'two plans',
  widths: { a: GATES, b: GATES },
  async run(engine, own) {
    const plan = plans[engine.party];
    await engine.prepare(plan.ands ?? 0, plan.program);
    const [x, y] = inputsOf(this, engine, own);
    const bits = engine.apply(circuit, [engine.apply(circuit, [x, y]), y]);
    return [await engine.reveal(bits, 'both')];
  },
  plain: (_party, a, b) => [a.map((bit, i) => bit & b[i]!)],
});

const inputs = {
  a: Uint8Array.from({ length: GATES }, (_, i) => (i >> 1) & 1),
  b: Uint8Array.from({ length: GATES }, (_, i) => (i % 3) & 1),
};

function run(a: Plan, b: Plan): Promise<Duel> {
  limits.of = { a: { ...(a.limits ?? usual) }, b: { ...(b.limits ?? usual) } };
  return duel({ program: program({ a, b }), seed: 3, inputs, timeout: 2_000 });
}

const caught = (ending: Ending) => 'error' in ending && ending.error instanceof PeerCheatedError;

test('two parties with the same plan have the outcome', async () => {
  const { a, b } = await run(same, same);
  for (const ending of [a, b]) {
    expect(ending).toMatchObject({ outcome: [inputs.a.map((bit, i) => bit & inputs.b[i]!)] });
  }
});

const differences: Record<string, Plan> = {
  'another circuit': { program: (queue) => void queueBoth(queue, other) },
  'another circuit in the second batch': { program: (queue) => void queueBoth(queue, circuit, other) },
  'the operands exchanged': {
    program(queue) {
      const [x, y] = enter(queue);
      queue.apply(circuit, [y, queue.apply(circuit, [x, y])]);
    },
  },
  'other wires in the second batch': {
    program(queue) {
      const [x, y] = enter(queue);
      queue.apply(circuit, [queue.apply(circuit, [x, y]), x]);
    },
  },
  'the owners of inputs exchanged': {
    program(queue) {
      const [y, x] = [queue.input('b', GATES), queue.input('a', GATES)];
      queue.apply(circuit, [queue.apply(circuit, [y, x]), x]);
    },
  },
  'inputs in other pieces': {
    program(queue) {
      const x = queue.concat(queue.input('a', 1), queue.input('a', GATES - 1));
      const y = queue.input('b', GATES);
      queue.apply(circuit, [queue.apply(circuit, [x, y]), y]);
    },
  },
  'one batch': { program: (queue) => void queue.apply(circuit, enter(queue)) },
  'a third batch': {
    program(queue) {
      const wires = queueBoth(queue);
      queue.apply(circuit, [wires, wires]);
    },
  },
  'two copies in place of two circuits': {
    program(queue) {
      const [x, y] = enter(queue);
      queue.apply(circuit, [queue.concat(x, x), y], 2);
    },
  },
  'no program, and as many gates': { ands: 2 * GATES },
  'more gates for other work': { ...same, ands: 100 + 2 * GATES },
  'larger batches': { ...same, limits: { batch: 200, limit: usual.limit } },
  'a limit below the second batch': { ...same, limits: { batch: 40, limit: 2 * GATES - 1 } },
  'a limit below the first batch': { ...same, limits: { batch: 40, limit: GATES } },
};

describe.each(Object.entries(differences))('where one party prepares %s', (_, plan) => {
  test.each([
    ['garbler', plan, same],
    ['evaluator', same, plan],
  ])('and that is the %s, it comes out while they prepare', async (_role, planA, planB) => {
    const { a, b, sent } = await run(planA, planB);
    expect([codeOf(a), codeOf(b)]).not.toContain(undefined);
    expect([a, b].some(caught)).toBe(true);
    expect(sent.some(({ type }) => type.name.endsWith('maskedInputs'))).toBe(false);
  });
});

test.each(['a', 'b'] as const)(
  'where %s then queues something else, nobody has an outcome',
  async (party) => {
    const late: Program = {
      ...program({ a: same, b: same }),
      async run(engine, own) {
        await engine.prepare(0, same.program);
        const [x, y] = inputsOf(this, engine, own);
        const second = engine.party === party ? other : circuit;
        return [await engine.reveal(engine.apply(second, [engine.apply(circuit, [x, y]), y]), 'both')];
      },
    };
    limits.of = { a: { ...usual }, b: { ...usual } };
    const { a, b } = await duel({ program: late, seed: 3, inputs, timeout: 300 });
    // An evaluator that waits for triples, and a garbler that waits for inputs, only run out of time.
    expect([codeOf(a), codeOf(b)]).not.toContain(undefined);
  },
);

test('so does a difference that no gate depends on', async () => {
  const plan = (first: typeof free, swapped: boolean): Plan => ({
    program(queue) {
      const [x, y] = enter(queue);
      queue.apply(first, swapped ? [y, x] : [x, y]);
    },
  });
  const { a, b, sent } = await run(plan(free, false), plan(free, true));
  expect([codeOf(a), codeOf(b)]).not.toContain(undefined);
  expect([a, b].some(caught)).toBe(true);
  expect(sent.some(({ type }) => type.name.endsWith('maskedInputs'))).toBe(false);
});
