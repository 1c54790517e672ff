import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fault } from './fault.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const manifest = json('package.json');
const readme = read('README.md');

interface Locked {
  readonly optionalDependencies?: Record<string, string>;
  readonly [member: string]: unknown;
}

test('C1: the lock file has an entry for every platform of every optional package', () => {
  const packages: Record<string, Locked> = json('package-lock.json').packages;
  const optional = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
  expect(optional.length).toBeGreaterThan(20);
  const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  expect(optional.filter((name) => !locked.has(name))).toEqual([]);
});

describe('C10: what is published works as it is read', () => {
  fault('C10: the programs of the README are sound TypeScript', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const programs = [...readme.matchAll(/^```[jt]s\n(.*?)^```$/gms)].map(([, body]) => body!);
    const files = programs
      .filter((body) => body.includes("from 'parley-mpc'"))
      .map((body, i) => {
        const path = join(folder, `program-${i}.ts`);
        writeFileSync(
          path,
          body
            .replaceAll("'parley-mpc'", `'${root}src/index.ts'`)
            .replaceAll('async (path)', 'async (path: string)'),
        );
        return path;
      });
    expect(files.length).toBeGreaterThan(0);
    const settings = {
      extends: join(root, 'tsconfig.json'),
      include: ['*.ts'],
      compilerOptions: {
        noEmit: true,
        rootDir: parse(root).root,
        rewriteRelativeImportExtensions: false,
        typeRoots: [join(root, 'node_modules/@types')],
      },
    };
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
      (failed) => failed,
    );
    expect(stdout).toBe('');
  });

  fault('C10: links in the packed README lead to packed files', () => {
    const targets = [...readme.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(0);
    const packed = (target: string) =>
      manifest.files.some((name: string) => target === name || target.startsWith(`${name}/`));
    expect(targets.filter((target) => !packed(target))).toEqual([]);
  });

  test('C10: the package says where its sources are', () => {
    expect(manifest.repository).toBeDefined();
  });

  test('C10: the reference is a document of its own', () => {
    expect(existsSync(join(root, 'docs/reference.md'))).toBe(true);
    expect(readme).not.toMatch(/^## Reference$/m);
  });
});

/** The modules that a file imports when it runs, and what these import. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  const source = readFileSync(file, 'utf8').replaceAll(/^(?:im|ex)port type [^;]*;/gm, '');
  for (const [, name] of source.matchAll(/^(?:im|ex)port [^;]*?from '([^']+)';|^import '([^']+)';/gm)) {
    if (name === undefined) continue;
    if (!name.startsWith('.')) seen.add(name);
    else if (!seen.has(resolve(dirname(file), name))) reached(resolve(dirname(file), name), seen);
  }
  return seen;
}

fault('C11: the library’s entry reaches no module of Node but through the platform', () => {
  const modules = [...reached(join(root, 'src/index.ts'))];
  expect(modules.map((path) => relative(root, path))).toContain('src/session/session.ts');
  expect(modules.filter((name) => name.startsWith('node:'))).toEqual([]);
});

describe('C12: what the pages announce can be imported', () => {
  test('C12: own rules are written against an entry of their own', async () => {
    expect(Object.keys(manifest.exports)).toContain('./rules');
    const rules = await import(join(root, 'src/rules.ts'));
    for (const name of ['priceRule', 'CircuitBuilder', 'toBristol', 'fromBristol'])
      expect(rules).toHaveProperty(name);
  });

  fault('C12: the entry has what the command has of relays, drafts and amounts', async () => {
    const entry = Object.keys(await import('../../src/index.ts'));
    for (const [what, pattern] of Object.entries({
      relays: /relay/i,
      drafts: /draft/i,
      'amounts as they are read': /parseAmount/,
      'amounts as they are shown': /formatAmount/,
    })) {
      expect(
        entry.filter((name) => pattern.test(name)),
        what,
      ).not.toEqual([]);
    }
  });
});
