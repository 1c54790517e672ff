import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../protocols/rule.ts';
import { completed, negotiateClear } from '../support/rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = readdirSync(join(root, 'protocols'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .sort();
const examples = pages.flatMap((page) =>
  [...readFileSync(join(root, 'protocols', page), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, body]) => body!,
  ),
);

let folder: string;

// Beside the project's node_modules, with its own sources in the place of the package.
beforeAll(() => {
  folder = mkdtempSync(join(root, '.examples-'));
  examples.forEach((body, i) => {
    const local = body.replaceAll("'parley-mpc/rules'", `'${pathToFileURL(join(root, 'src/rules.ts'))}'`);
    writeFileSync(join(folder, `run${i}.ts`), local);
    writeFileSync(join(folder, `check${i}.ts`), body);
  });
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: {
        rootDir: '..',
        noEmit: true,
        paths: { 'parley-mpc': ['../src/index.ts'], 'parley-mpc/rules': ['../src/rules.ts'] },
      },
      include: ['check*.ts'],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the examples compile', () => {
  expect(examples).toHaveLength(2);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
}, 60_000);

const exported = async (i: number): Promise<Rule> =>
  Object.values(await import(join(folder, `run${i}.ts`)))[0] as Rule;

test('a price rule of one’s own', async () => {
  const middle = await exported(0);
  const terms = completed(middle, { rule: { name: 'middle' }, range: { min: '0', max: '999' } });
  const deal = (seller: string, buyer: string) =>
    negotiateClear(middle, terms, { reservation: seller }, { reservation: buyer });
  expect(await deal('100', '201')).toEqual({ deal: true, price: '150' });
  expect(await deal('201', '100')).toEqual({ deal: false });
});

test('a rule of another shape', async () => {
  const match = await exported(1);
  const terms = completed(match, { rule: { name: 'match', question: 'Shall we meet?' } });
  for (const [one, other] of [
    [true, true],
    [true, false],
    [false, false],
  ] as const) {
    const outcome = await negotiateClear(match, terms, { yes: one }, { yes: other });
    expect(outcome).toEqual({ deal: one && other });
  }
});
