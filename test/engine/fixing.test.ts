import { expect, test } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Engine, Fixing, LateCircuit } from '../../src/engine/engine.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { both, give } from './contract.ts';

/** Eight bits of each party: XORed if `which` is 0, ANDed if it is 1. */
function circuitFor(which: number) {
  const c = new CircuitBuilder();
  const x = c.input(8);
  const y = c.input(8);
  c.output(x.map((bit, i) => (which === 0 ? c.xor(bit, y[i]!) : c.and(bit, y[i]!))));
  return c.build();
}

/** A Fixing that says which circuit it shall be, through a box that the two parties share. */
function choosing(engine: Engine, box: Map<string, number>, log: string[]) {
  const other = engine.party === 'a' ? 'b' : 'a';
  let theirs: number | undefined;
  const fixing: Fixing = {
    async send() {
      log.push(`${engine.party} sends`);
      box.set(engine.party, 1);
    },
    async receive() {
      while (!box.has(other)) await new Promise((resolve) => setImmediate(resolve));
      theirs = box.get(other);
    },
  };
  const late: LateCircuit = {
    inputs: [8, 8],
    outputs: [8],
    ands: 8,
    resolve() {
      log.push(`${engine.party} resolves`);
      return circuitFor(theirs!);
    },
  };
  return { fixing, late };
}

test.each(['clear', 'authenticated', 'authenticated, prepared'])(
  'a circuit that depends on what is revealed after inputs were fixed: %s engine',
  async (name) => {
    const pair = name === 'clear' ? clearEngines() : await authenticatedPair(1);
    if (name.endsWith('prepared')) await both(pair, (engine) => engine.prepare(40));
    const box = new Map<string, number>();
    const log: string[] = [];
    const [x, y] = [Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1), Uint8Array.of(1, 0, 1, 0, 1, 1, 1, 0)];
    const results = await both(pair, (engine) => {
      const { fixing, late } = choosing(engine, box, log);
      const wires = engine.apply(late, [give(engine, 'a', x), give(engine, 'b', y)]);
      return engine.reveal(wires, 'both', undefined, fixing);
    });
    const expected = x.map((bit, i) => bit & y[i]!);
    expect(results).toEqual([expected, expected]);
    expect(log.filter((line) => line.endsWith('sends'))).toHaveLength(2);
    expect(log.indexOf('a resolves')).toBeGreaterThan(log.indexOf('b sends'));
  },
);

test('a late circuit of another size than announced is refused', async () => {
  const { a } = clearEngines();
  const late: LateCircuit = { inputs: [8, 8], outputs: [8], ands: 7, resolve: () => circuitFor(1) };
  const wires = a.apply(late, [a.input('a', 8, new Uint8Array(8)), a.input('a', 8, new Uint8Array(8))]);
  await expect(a.reveal(wires, 'a')).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
