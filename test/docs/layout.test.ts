import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { floors } from '../../scripts/layers.ts';
import { pages, root } from './pages.ts';

const { text } = pages.find(({ path }) => path === 'CONTRIBUTING.md')!;
const folders = [...text.matchAll(/^\| `((?:\w+\/)+)` +\|/gm)].map(([, folder]) => folder!);
const folderOf = (floor: string) => (floor === 'protocols' ? 'protocols/' : `src/${floor}/`);

test('CONTRIBUTING has every folder, the floors in their order', () => {
  const built = floors.map(folderOf).filter((folder) => existsSync(root + folder));
  expect(folders.slice(0, built.length)).toEqual(built);
  const sources = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of sources) expect(folders).toContain(`src/${name}/`);
  for (const folder of folders) expect(existsSync(root + folder), folder).toBe(true);
  const inOrder = built.map((folder) => folder.split('/').at(-2)).join(', ');
  expect(text.replaceAll('\n', ' ')).toContain(`in the order of the table: ${inOrder}.`);
});

test('files that pages name in code marks exist', () => {
  const named = pages
    .filter(({ path }) => /^(?:[A-Z]+|docs\/.*|src\/.*|protocols\/.*)\.md$/.test(path))
    .flatMap(({ path, text: page }) =>
      [...page.matchAll(/`((?:src|test|protocols|scripts|wasm|bench|docs|examples)\/[\w./-]*\w\.\w+)`/g)].map(
        ([, file]) => ({ path, file: file! }),
      ),
    )
    .filter(({ file }) => !file.endsWith('kernel-binary.ts') && !file.endsWith('kernel-functions.ts'));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(({ file }) => !existsSync(root + file))).toEqual([]);
});

test('drawings are readable: dark and light, a title, no text below 13 pixels', () => {
  for (const name of ['session', 'floors']) {
    const drawing = readFileSync(`${root}docs/${name}.svg`, 'utf8');
    expect(drawing).toContain('prefers-color-scheme: dark');
    expect(drawing).toMatch(/<title id="title">.+<\/title>/);
    const sizes = [...drawing.matchAll(/font-size: ([\d.]+)px/g)].map(([, size]) => Number(size));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(13);
  }
});
