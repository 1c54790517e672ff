import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const forbidden = [
  ['src/crypto', '../ot/index.ts'],
  ['src/circuit', '../engine/engine.ts'],
  ['src/channel', '../session/session.ts'],
  ['src/ot', '../garbling/permutation.ts'],
  ['src/ot/base', '../../paillier/index.ts'],
  ['src/garbling/half-gates', '../../engine/engine.ts'],
  ['src/paillier', '../agreement/terms.ts'],
  ['src/agreement', '../../protocols/rule.ts'],
  ['src/engine', '../session/session.ts'],
  ['protocols/split', '../../src/session/session.ts'],
  ['src/session', '../cli/main.ts'],
] as const;

const allowed = [
  ['src/cli', '../session/session.ts'],
  ['src/session', '../../protocols/registry.ts'],
  ['protocols/split', '../../src/engine/engine.ts'],
  ['src/engine', '../garbling/permutation.ts'],
  ['src/garbling', '../ot/index.ts'],
  ['src/ot', '../crypto/hash.ts'],
] as const;

const pathOf = (folder: string, kind: string) => `${folder}/${kind}.ts`;
let directory: string;
let findings: string;

// One file with one import for each case, in a tree with the project's own linter settings.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-imports-'));
  cpSync(join(root, 'biome.json'), join(directory, 'biome.json'));
  for (const [kind, cases] of [
    ['forbidden', forbidden],
    ['allowed', allowed],
  ] as const) {
    for (const [folder, specifier] of cases) {
      const path = join(directory, pathOf(folder, kind));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `export { x } from '${specifier}';\n`);
    }
  }
  const biome = `${root}node_modules/@biomejs/biome/bin/biome`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'lint', '--vcs-enabled=false', '--max-diagnostics=none', '.'],
    { cwd: directory, encoding: 'utf8' },
  );
  findings = `${stdout}${stderr}`;
});
afterAll(() => rmSync(directory, { recursive: true }));

const isRefused = (path: string) =>
  findings.split('\n').some((line) => line.includes(path) && line.includes('noRestrictedImports'));

test.each(forbidden)('a file in %s must not import %s', (folder) => {
  expect(isRefused(pathOf(folder, 'forbidden'))).toBe(true);
});

test.each(allowed)('a file in %s may import %s', (folder) => {
  expect(isRefused(pathOf(folder, 'allowed'))).toBe(false);
});
