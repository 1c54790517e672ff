import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makers } from '../../scripts/vectors/makers.ts';
import { fileOf } from '../../scripts/vectors/shape.ts';

const folder = new URL('../../vectors/v1/', import.meta.url);

test('every file of vectors has a maker, and every maker a file', () => {
  const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  expect(names.sort()).toEqual(Object.keys(makers).sort());
});

test('the page says what each file is about', () => {
  const page = readFileSync(new URL('../../docs/wire.md', import.meta.url), 'utf8');
  for (const [name, { about }] of Object.entries(makers))
    expect(page).toContain(`| \`${name}\` | ${about} |`);
});

test.each(Object.keys(makers))('%s: the file is what the script writes', async (name) => {
  const written = readFileSync(new URL(`${name}.json`, folder), 'utf8');
  expect(await fileOf(makers[name]!)).toBe(written);
});
