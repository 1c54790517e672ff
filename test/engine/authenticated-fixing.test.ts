import { expect, test, vi } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import type { Engine, Fixing } from '../../src/engine/engine.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { both, give } from './contract.ts';

vi.mock('../../src/engine/batch-limit.ts', () => ({ BATCH_LIMIT: 30 }));

const WIDTH = 8;
const bits = Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1);

const circuit = (() => {
  const c = new CircuitBuilder();
  const [x, y] = [c.input(WIDTH), c.input(WIDTH)];
  c.output(x.map((bit, i) => c.and(bit, y[i]!)));
  return c.build();
})();

/** A Fixing that counts what it is asked for. */
function counting(): Fixing & { calls: number } {
  return {
    calls: 0,
    async send() {
      this.calls += 1;
    },
    async receive() {
      this.calls += 1;
    },
  };
}

async function run(program: (engine: Engine) => ReturnType<Engine['apply']>) {
  const pair = await authenticatedPair(1);
  const fixings = { a: counting(), b: counting() };
  const results = await Promise.allSettled(
    (['a', 'b'] as const).map((party) =>
      pair[party].reveal(program(pair[party]), 'both', undefined, fixings[party]),
    ),
  );
  return { results, calls: fixings.a.calls + fixings.b.calls };
}

test('what is revealed once inputs are fixed follows all of them, though gates take several batches', async () => {
  const { results, calls } = await run((engine) => {
    const [x, y] = [give(engine, 'a', bits), give(engine, 'b', bits)];
    let last = engine.apply(circuit, [x, y]);
    for (let i = 0; i < 7; i += 1) last = engine.apply(circuit, [last, y]);
    return last;
  });
  expect(results).toEqual([bits, bits].map((value) => ({ status: 'fulfilled', value })));
  expect(calls).toBe(4);
});

test('inputs of a later batch may follow what is revealed', async () => {
  const { results, calls } = await run((engine) => {
    let last = engine.apply(circuit, [give(engine, 'a', bits), give(engine, 'b', bits)]);
    for (let i = 0; i < 4; i += 1) last = engine.apply(circuit, [last, give(engine, 'b', bits)]);
    return last;
  });
  expect(results).toEqual([bits, bits].map((value) => ({ status: 'fulfilled', value })));
  expect(calls).toBe(4);
});

test('without such a step, inputs may come in any batch', async () => {
  const pair = await authenticatedPair(2);
  const results = await both(pair, (engine) => {
    let last = engine.apply(circuit, [give(engine, 'a', bits), give(engine, 'b', bits)]);
    for (let i = 0; i < 4; i += 1) last = engine.apply(circuit, [last, give(engine, 'b', bits)]);
    return engine.reveal(last, 'both');
  });
  expect(results).toEqual([bits, bits]);
});

test.each([0, 60])(
  'a party reveals only once it holds the masked inputs of the other, %i gates prepared',
  async (prepared) => {
    const log: string[] = [];
    const pair = await authenticatedPair(3, {
      intercept: (side, type, fields) => {
        if (type.name === 'authenticated.maskedInputs') log.push(`inputs of ${side}`);
        return fields;
      },
    });
    await both(pair, (engine) => engine.prepare(prepared));
    await both(pair, (engine) => {
      const fixing: Fixing = {
        send: async () => {
          log.push(`${engine.party} reveals`);
        },
        receive: async () => undefined,
      };
      const last = engine.apply(circuit, [give(engine, 'a', bits), give(engine, 'b', bits)]);
      return engine.reveal(last, 'both', undefined, fixing);
    });
    expect([...log].sort()).toEqual(['a reveals', 'b reveals', 'inputs of a', 'inputs of b']);
    expect(log.indexOf('a reveals')).toBeGreaterThan(log.indexOf('inputs of b'));
    expect(log.indexOf('b reveals')).toBeGreaterThan(log.indexOf('inputs of a'));
  },
);
