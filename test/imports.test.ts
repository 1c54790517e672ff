import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether the linter accepts this import in a file at `path`. */
function accepts(path: string, specifier: string): boolean {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}node_modules/@biomejs/biome/bin/biome`, 'lint', `--stdin-file-path=${path}`],
    { cwd: root, input: `export { x } from '${specifier}';\n`, encoding: 'utf8' },
  );
  return !`${stdout}${stderr}`.includes('noRestrictedImports');
}

test.each([
  ['src/crypto/x.ts', '../ot/index.ts'],
  ['src/circuit/x.ts', '../engine/engine.ts'],
  ['src/channel/x.ts', '../session/session.ts'],
  ['src/ot/x.ts', '../garbling/label-hash.ts'],
  ['src/ot/base/x.ts', '../../paillier/index.ts'],
  ['src/garbling/half-gates/x.ts', '../../engine/engine.ts'],
  ['src/paillier/x.ts', '../agreement/terms.ts'],
  ['src/agreement/x.ts', '../../protocols/rule.ts'],
  ['src/engine/x.ts', '../session/session.ts'],
  ['protocols/split/x.ts', '../../src/session/session.ts'],
  ['src/session/x.ts', '../cli/main.ts'],
])('%s must not import %s', (path, specifier) => {
  expect(accepts(path, specifier)).toBe(false);
});

test.each([
  ['src/cli/x.ts', '../session/session.ts'],
  ['src/session/x.ts', '../../protocols/registry.ts'],
  ['protocols/split/x.ts', '../../src/engine/engine.ts'],
  ['src/engine/x.ts', '../garbling/label-hash.ts'],
  ['src/garbling/x.ts', '../ot/index.ts'],
  ['src/ot/x.ts', '../crypto/hash.ts'],
])('%s may import %s', (path, specifier) => {
  expect(accepts(path, specifier)).toBe(true);
});
