import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { leakage, type Rule, rules } from '../../src/index.ts';
import { fileLedger } from '../../src/node.ts';
import { program } from '../support/program.ts';
import { negotiateOn, termsOf } from './support.ts';

if (process.env.PARLEY_FULL) vi.setConfig({ testTimeout: 300_000 });

const wide = {
  min: '0',
  max: String(process.env.PARLEY_FULL ? 2n ** 52n : 2n ** 20n),
  step: '1',
  unit: 'USD',
  decimals: 0,
};

describe('B12: measuring what an outcome tells holds nobody up', () => {
  test('B12: other work goes on meanwhile', async () => {
    const rounds = process.env.PARLEY_FULL ? 256 : 2;
    const terms = termsOf({ rule: { name: 'posted-price', price: 'random', rounds }, range: wide });
    let turns = 0;
    const count = () => {
      turns += 1;
      turn = setImmediate(count);
    };
    let turn = setImmediate(count);
    const measured = await Promise.resolve(leakage(terms)).then(
      () => 'measured',
      (error: { code?: string }) => error.code,
    );
    clearImmediate(turn);
    expect(measured).toBe('measured');
    expect(turns).toBeGreaterThan(0);
  });

  test('B12: a session measures nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-bursts-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const split = rules.find(({ name }) => name === 'split')!;
    const measured = vi.fn();
    const rule: Rule = {
      ...split,
      under(terms) {
        const bound = split.under(terms);
        const { leakage } = bound;
        if (leakage?.by !== 'prices') return bound;
        const prices = () => {
          measured();
          return leakage.prices();
        };
        return { ...bound, leakage: { ...leakage, prices } };
      },
    };
    const limited = { mandate: { reservation: 500n }, maxDisclosure: 100, rules: [rule] };
    const pair = { right: { ledger: await fileLedger(directory) } };
    const came = await negotiateOn(termsOf(), { mandate: { reservation: 400n } }, limited, pair);
    expect(came.ended).toEqual(['ok', 'ok']);
    expect(measured).not.toHaveBeenCalled();
  });
});

/** The lines that one side of a crowd prints. */
function crowd(...args: (number | string)[]): AsyncIterableIterator<string> {
  const line = [...program('test/findings/crowd.ts'), ...args.map(String)];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

describe('B11: the sessions of a process take turns', () => {
  const [count, timeout, limit] = process.env.PARLEY_FULL
    ? [1_000, 30_000, 3_600_000]
    : [40, 10_000, 180_000];

  test(
    'B11: of many sessions with a process that lives none is taken for gone, and each takes little memory',
    async () => {
      const buyers = crowd(count, timeout);
      const sellers = crowd(count, timeout, (await buyers.next()).value);
      for (const { value } of await Promise.all([sellers.next(), buyers.next()])) {
        const { ended, rssMiB } = JSON.parse(value) as { ended: string[]; rssMiB: number };
        expect(ended).toHaveLength(count);
        expect([...new Set(ended)]).toEqual(['ok']);
        expect(rssMiB).toBeLessThan(300 + 2 * count);
      }
    },
    limit,
  );
});
