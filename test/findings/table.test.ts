import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const here = new URL('./', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, here), 'utf8');
const rows = [...read('README.md').matchAll(/^\| ([BC]\d+) +\|[^|]*\| ([^|]*) \|$/gm)].map(
  ([, row, files]) => ({
    row: row!,
    files: [...(files!.match(/[\w./-]+\.test\.ts/g) ?? [])] as readonly string[],
  }),
);
const tests = readdirSync(here).filter((file) => file.endsWith('.test.ts') && file !== 'table.test.ts');

/** Whether a file has a test whose title begins with a row. */
const names = (file: string, row: string) => new RegExp(`['\`]${row}: `).test(read(file));

test('the table has every row once', () => {
  const all = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  expect(rows.map(({ row }) => row)).toEqual([...all('B', 19), ...all('C', 16)]);
});

test('a row names files that exist, one at least with a test of it, and all of this folder that have one', () => {
  for (const { row, files } of rows) {
    for (const file of files) expect(existsSync(new URL(file, here)), `${row}: ${file}`).toBe(true);
    expect(
      files.some((file) => names(file, row)),
      row,
    ).toBe(true);
    for (const file of tests) expect(files.includes(file), `${row}: ${file}`).toBe(names(file, row));
  }
});
