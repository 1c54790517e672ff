import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Entry {
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Entry>>;
};
const locked = Object.entries(packages).filter(([path]) => path !== '');
const production = locked.filter(([, { dev }]) => dev !== true);

/** Where Node would find a package from another: beside it, or in a folder above. */
function resolved(from: string, name: string): Entry | undefined {
  for (let at = from; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (found !== undefined || at === '') return found;
  }
}

test('the lock file has every optional package, for each platform', () => {
  const wanted = locked.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ path, name })),
  );
  // esbuild and rolldown alone have more than this.
  expect(wanted.length).toBeGreaterThan(30);
  for (const system of ['linux', 'darwin', 'win32']) {
    expect(wanted.some(({ name }) => name.includes(system))).toBe(true);
  }
  expect(wanted.filter(({ path, name }) => resolved(path, name) === undefined)).toEqual([]);
});

test('the lock file pins every package by its digest', () => {
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
});

test('the lock file belongs to package.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(root, name), join(folder, name));
  const script = 'npm ci --dry-run --ignore-scripts --offline';
  expect(execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' })).toMatch(
    /^added \d+ packages/m,
  );
});

test('at most 14 packages come with the package', () => {
  expect(production.length).toBeGreaterThan(0);
  expect(production.length).toBeLessThanOrEqual(14);
});

test.each(production.map(([path, entry]) => ({ path, entry })))(
  '$path has no native code and runs nothing when it is installed',
  ({ path, entry }) => {
    expect(entry.hasInstallScript).toBeUndefined();
    expect(entry.optional).toBeUndefined();
    const files = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('package.json');
    expect(files.filter((file) => /\.(node|so|dylib|dll|exe)$|(^|\/)binding\.gyp$/.test(file))).toEqual([]);
    const { scripts = {} } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    expect(Object.keys(scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$/)]),
    );
  },
);
