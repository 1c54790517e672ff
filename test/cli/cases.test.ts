import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { desk, parley } from './support.ts';

const { put } = desk();
const shared = new URL('../../../shared/cases/prices.json', import.meta.url);
const everyone = process.env.PARLEY_FULL === 'cases' ? 1 : 14;

interface Case {
  readonly seller: string;
  readonly buyer: string;
  readonly deal: boolean;
  readonly midpoint: string | null;
}

async function run(max: bigint, { seller, buyer }: Pick<Case, 'seller' | 'buyer'>, rule = 'split') {
  const name = `${rule}-${max}-${seller}-${buyer}`;
  const range = { min: '0', max: `${max}` };
  const { code, stdout, stderr } = await parley(
    ...[
      'run',
      '--json',
      '--terms',
      put(`${name}.t`, { parley: 1, subject: 'x', rule: { name: rule }, range }),
    ],
    ...['--mandate-a', put(`${name}.a`, { reservation: seller })],
    ...['--mandate-b', put(`${name}.b`, { reservation: buyer })],
  );
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).outcome;
}

/** Each case is two processes of its own, so only a sample runs, and all of them with PARLEY_FULL=cases. */
describe.runIf(process.env.PARLEY_FULL)('parley run', () => {
  it.each([31n, 32n, 53n, 64n])(
    'at the edges of %s bits',
    async (bits) => {
      const max = 2n ** bits - 1n;
      const at = (seller: bigint, buyer: bigint) => run(max, { seller: `${seller}`, buyer: `${buyer}` });
      expect(await at(max, max)).toEqual({ deal: true, price: `${max}` });
      expect(await at(0n, max)).toEqual({ deal: true, price: `${max / 2n}` });
      expect(await at(max, max - 1n)).toEqual({ deal: false });
      expect(await at(max - 1n, max)).toEqual({ deal: true, price: `${max - 1n}` });
    },
    120_000,
  );

  it.runIf(existsSync(shared))(
    'on shared price cases',
    async () => {
      const cases = JSON.parse(readFileSync(shared, 'utf8')) as Case[];
      for (const one of cases.filter((_, index) => index % everyone === 0)) {
        const outcome = one.deal ? { deal: true, price: one.midpoint } : { deal: false };
        expect(await run(2n ** 64n - 1n, one)).toEqual(outcome);
      }
    },
    1_200_000,
  );
});
