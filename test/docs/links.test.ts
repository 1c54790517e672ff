import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { anchors, pages, root } from './pages.ts';

/** Links to other files and to headings, without those to other sites. */
function linksIn(text: string): { readonly path: string; readonly anchor: string | undefined }[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, path, anchor]) => ({
    path: path!,
    anchor,
  }));
}

test.each(pages)('links in $path lead to files, and to headings that are there', (page) => {
  for (const { path, anchor } of linksIn(page.text)) {
    const target = path === '' ? page.path : posix.join(posix.dirname(page.path), path);
    expect(statSync(root + target, { throwIfNoEntry: false })?.isFile(), `${target} is a file`).toBe(true);
    if (anchor === undefined) continue;
    const other = pages.find((one) => one.path === target);
    expect(other && [...anchors(other)], `${target} has headings`).toContain(anchor);
  }
});

test('links that lead nowhere are seen', () => {
  expect(linksIn('[a](b.md#c) [d](#e) [f](https://g.example) `[h](i.md)`')).toEqual([
    { path: 'b.md', anchor: 'c' },
    { path: '', anchor: 'e' },
  ]);
  const page = { path: 'x.md', text: '## A `b`: c, *d*\n\n## A b c d\n\n```sh\n# no heading\n```\n' };
  expect([...anchors(page)]).toEqual(['a-b-c-d', 'a-b-c-d-1']);
});
