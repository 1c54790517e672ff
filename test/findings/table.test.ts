import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const here = new URL('./', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, here), 'utf8');
const rows = [...read('README.md').matchAll(/^\| ([BC]\d+) +\|[^|]*\| ([^|]*) \| (\S+) +\|/gm)].map(
  ([, row, files, state]) => ({
    row: row!,
    files: files!.match(/(?<![/.])\b[a-z-]+\.test\.ts/g) ?? [],
    state: state!,
  }),
);
const tests = readdirSync(here).filter((file) => file.endsWith('.test.ts') && file !== 'table.test.ts');

/** Whether a file has a test of a row, that is still a fault or not. */
const has = (file: string, row: string, kind: 'fault' | 'test') =>
  new RegExp(`\\b${kind}(?:\\.\\w+\\([^)]*\\))?\\(\\s*['\`]${row}: `).test(read(file));

test('the table has every row once', () => {
  const all = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  expect(rows.map(({ row }) => row)).toEqual([...all('B', 19), ...all('C', 16)]);
});

test('a row is a fault while one of its files has a fault of it, and names the files that have tests of it', () => {
  for (const { row, files, state } of rows) {
    const faulty = tests.filter((file) => has(file, row, 'fault'));
    const tested = tests.filter((file) => has(file, row, 'fault') || has(file, row, 'test'));
    expect([...files].sort(), row).toEqual(tested);
    expect(state, row).toBe(faulty.length > 0 ? 'faults' : tested.length > 0 ? 'mended' : '–');
  }
});
