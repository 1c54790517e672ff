import { execFile, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocks, root } from './pages.ts';

/** Entries of the package that are not there yet. Their examples are checked as soon as they are. */
const coming: Readonly<Record<string, string>> = { 'parley-mpc/rules': 'src/rules.ts' };
const isComing = ({ body }: Block) =>
  Object.entries(coming).some(([entry, file]) => body.includes(`'${entry}'`) && !existsSync(root + file));

const examples = blocks.filter(({ language }) => ['ts', 'js'].includes(language));
const checked = examples.filter((block) => !isComing(block));
let folder: string;

/**
 * Writes an example to a file of its page's folder. A first line such as `// examples/seller.ts` names the file: so other examples of the page can
 * import it, and its own imports are those of that place. Else they are those of the page.
 */
function write(block: Block): string {
  const [, path = `${dirname(block.page)}/line-${block.at.split(':')[1]}.ts`] =
    /^\/\/ (\S+\.ts)\n/.exec(block.body) ?? [];
  const sources = block.body.replaceAll(/'(\.\.?\/[^']+\.ts)'/g, (own, target: string) => {
    const source = resolve(root, dirname(path), target);
    return existsSync(source) ? `'${source}'` : own;
  });
  const page = join(folder, block.page.replaceAll('/', '-'));
  const file = join(page, basename(path));
  mkdirSync(page, { recursive: true });
  // What exports nothing would share its names with the others.
  writeFileSync(file, `${sources}\nexport {};\n`);
  return file;
}

/** A compiler's settings that know the package's entries, from anywhere. */
function writeSettings(at: string): void {
  const paths = {
    'parley-mpc': [join(root, 'src/index.ts')],
    'parley-mpc/*': [join(root, 'src/*.ts')],
  };
  writeFileSync(
    join(at, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        rootDir: '/',
        noEmit: true,
        rewriteRelativeImportExtensions: false,
        noUnusedLocals: false,
        paths,
      },
      include: [at],
    }),
  );
}

/** The compiler's complaints about what is in a folder. */
function complaints(at: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(at, 'tsconfig.json'), '--pretty', 'false'];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-docs-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples in documentation', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(examples.filter(({ run }) => run).length).toBeGreaterThan(0);
  });

  it('that name a file of examples/ are that file', () => {
    const named = examples.flatMap(({ at, body }) => {
      const [line, path] = /^\/\/ (examples\/\S+)\n/.exec(body) ?? [];
      return path === undefined ? [] : [{ at, path, body: body.slice(line!.length) }];
    });
    expect(named.map(({ path }) => path).sort()).toEqual(
      expect.arrayContaining(['examples/buyer.ts', 'examples/delegate.ts', 'examples/seller.ts']),
    );
    for (const { at, path, body } of named) expect(body, at).toBe(readFileSync(root + path, 'utf8'));
  });

  it('type-check, all at once', () => {
    const files = checked.map(write);
    writeSettings(folder);
    writeFileSync(join(folder, 'planted.ts'), "import { host } from 'parley-mpc';\nhost(1);\n");
    const found = complaints(folder).split('\n').filter(Boolean);
    const planted = found.filter((line) => line.includes('planted.ts'));
    expect(planted).toHaveLength(1);
    expect(found.filter((line) => !planted.includes(line))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
  }, 120_000);

  it.each(checked.filter(({ run }) => run))(
    '$at prints what the page says',
    async (block) => {
      const output = blocks[blocks.indexOf(block) + 1];
      expect(output).toMatchObject({ page: block.page, language: 'text' });
      const file = write(block);
      writeSettings(folder);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), file],
        { cwd: folder, env: { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') } },
      );
      expect(stdout).toBe(output!.body);
    },
    60_000,
  );
});
