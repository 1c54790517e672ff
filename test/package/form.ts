import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { expect, it } from 'vitest';
import { type Packed, root } from './packed.ts';

const execute = promisify(execFile);
const seconds = 1_000;

/** What the tarball holds. */
export function form(packed: () => Packed): void {
  it(
    'has the same bytes when it is built and packed again',
    async () => {
      const [first, second] = [await readFile(packed().tarball), await readFile(await packed().again())];
      expect(second.equals(first)).toBe(true);
    },
    240 * seconds,
  );

  it(
    'is clean under publint and are-the-types-wrong',
    async () => {
      const { buffer } = new Uint8Array(await readFile(packed().tarball));
      const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
      // It takes the imports of dist/package.json for ignored. Node and bundlers read those of the nearest package.json: the deal below needs them.
      expect(messages.filter(({ code }) => code !== 'NESTED_PACKAGE_JSON_FIELD_IGNORED')).toEqual([]);
      const attw = join(root, 'node_modules/.bin/attw');
      await execute(attw, [packed().tarball, '--profile', 'esm-only'], { cwd: root });
    },
    60 * seconds,
  );

  it('holds compiled code, types and documents, and no other file', () => {
    for (const file of packed().files) {
      expect(file).toMatch(
        /^(dist\/(src|protocols|chunks)\/.*\.(js|d\.ts)|(dist\/)?package\.json|LICENSE|.*\.md|docs\/.*\.svg)$/,
      );
    }
    for (const file of ['LICENSE', 'README.md', 'SECURITY.md', 'dist/src/cli/main.js']) {
      expect(packed().files).toContain(file);
    }
  });

  it('has documents whose links lead to other files of it', async () => {
    const documents = packed().files.filter((file) => file.endsWith('.md'));
    let links = 0;
    for (const file of documents) {
      for (const target of relativeLinks(await packed().read(file))) {
        expect(packed().files, file).toContain(posix.join(posix.dirname(file), target));
        links += 1;
      }
    }
    expect(links).toBeGreaterThan(30);
  });
}

/** Targets of Markdown links that are neither addresses nor places in the same document. */
function relativeLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
}
