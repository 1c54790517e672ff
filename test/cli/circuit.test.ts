import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ruleOf } from '../../protocols/registry.ts';
import { fromBristol } from '../../src/circuit/bristol.ts';
import { evaluateCircuit } from '../../src/circuit/evaluate.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { desk, inProcess } from './support.ts';

const draft = { parley: 1, subject: 'used car' };
const random = seededRandom(new Uint8Array(16));

it.each([
  [{ rule: { name: 'split' }, range: { min: '0', max: '1000' } }, 1],
  [{ rule: { name: 'menu' }, menu: { options: Array.from({ length: 20 }, (_, i) => String(i)) } }, 4],
])('writes the circuits that are computed: %j', async (part, count) => {
  const { put, path } = desk();
  const ended = await inProcess(
    'circuit',
    '--terms',
    put('terms', { ...draft, ...part }),
    '--bristol',
    path('c.txt'),
    '--json',
  );
  expect(ended.code).toBe(0);
  const { circuits } = JSON.parse(ended.stdout) as {
    circuits: { bristol: string; ands: number; copies: number }[];
  };
  const applied = ruleOf(part).under(part).circuits();
  expect(circuits).toHaveLength(count);
  expect(circuits.reduce((sum, { ands, copies }) => sum + copies * ands, 0)).toBe(
    ruleOf(part).under(part).ands,
  );
  for (const [i, { bristol, ands }] of circuits.entries()) {
    const { circuit } = applied[i]!;
    const read = fromBristol(readFileSync(bristol, 'utf8'));
    expect(read.ands).toBe(ands);
    const inputs = circuit.inputs.map((width) => random(width).map((byte) => byte & 1));
    expect(evaluateCircuit(read, inputs)).toEqual(evaluateCircuit(circuit, inputs));
  }
  const again = await inProcess(
    'circuit',
    '--terms',
    put('terms', { ...draft, ...part }),
    '--bristol',
    path('c.txt'),
  );
  expect(again.code).toBe(count === 1 ? 2 : again.code);
  expect(again.code).not.toBe(0);
});
