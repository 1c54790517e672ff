import { expect, test } from 'vitest';
import { CircuitBuilder } from '../../src/circuit/builder.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Fixing } from '../../src/engine/engine.ts';
import { authenticatedPair } from './authenticated-pair.ts';
import { both, give } from './contract.ts';

const circuit = (() => {
  const c = new CircuitBuilder();
  const [x, y] = [c.input(8), c.input(8)];
  c.output(x.map((bit, i) => c.and(bit, y[i]!)));
  return c.build();
})();

test.each(['clear', 'authenticated', 'authenticated, triples prepared', 'authenticated, all prepared'])(
  'both parties hear in a Fixing what the other says, ahead of the release: %s engine',
  async (name) => {
    const pair = name === 'clear' ? clearEngines() : await authenticatedPair(1);
    if (name.endsWith('triples prepared')) await both(pair, (engine) => engine.prepare(40));
    if (name.endsWith('all prepared')) {
      await both(pair, (engine) =>
        engine.prepare(0, (queue) => queue.apply(circuit, [queue.input('a', 8), queue.input('b', 8)])),
      );
    }
    const said = new Set<string>();
    const log: string[] = [];
    const [x, y] = [Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1), Uint8Array.of(1, 0, 1, 0, 1, 1, 1, 0)];
    const results = await both(pair, (engine) => {
      const part = (what: string): Fixing => ({
        async send() {
          log.push(`${engine.party} ${what}`);
          said.add(`${engine.party} ${what}`);
        },
        async receive() {
          const theirs = `${engine.party === 'a' ? 'b' : 'a'} ${what}`;
          while (!said.has(theirs)) await new Promise((resolve) => setImmediate(resolve));
          log.push(`${engine.party} hears ${what}`);
        },
      });
      const wires = engine.apply(circuit, [give(engine, 'a', x), give(engine, 'b', y)]);
      return engine.reveal(wires, 'both', part('releases'), part('fixes'));
    });
    const expected = x.map((bit, i) => bit & y[i]!);
    expect(results).toEqual([expected, expected]);
    for (const party of ['a', 'b']) {
      const own = log.filter((line) => line.startsWith(`${party} `));
      expect(own.slice(0, 2).sort()).toEqual([`${party} fixes`, `${party} hears fixes`]);
      expect(own.slice(2).sort()).toEqual([`${party} hears releases`, `${party} releases`]);
    }
  },
);
