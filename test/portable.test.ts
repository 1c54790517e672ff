import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders of portable code, and what it must not name, a file each. */
const portable = [
  'src/crypto',
  'src/link',
  'src/ot/base',
  'src/garbling',
  'src/seals',
  'src/circuit',
  'src/engine',
  'src/documents',
  'src/ledger',
  'src/arbiter',
  'src/escrow',
  'src/verify',
  'src/session',
  'src/desk',
  'protocols/split',
];
const foreign = {
  'node-prefix': "export { readFileSync } from 'node:fs';",
  'node-bare': "export { createHash } from 'crypto';",
  'node-dynamic': "export const late = () => import('node:crypto');",
  buffer: "export const bytes = Buffer.from('00', 'hex');",
  'buffer-type': 'export const length = (bytes: Buffer) => bytes.length;',
  process: 'export const late = (work: () => void) => process.nextTick(work);',
  immediate: 'export const late = (work: () => void) => setImmediate(work);',
} as const;
/** Where Node is at home. */
const native = [
  'src/crypto/platform/node.ts',
  'src/crypto/platform/node/keys.ts',
  'src/node/home/files.ts',
  'src/node/net/tcp.ts',
  'src/node/store/log-file.ts',
];
/** Only the compiler sees these: types of Node. */
const ambient = {
  'node-type': "export type { Socket } from 'node:net';",
  timeout: 'export let timer: NodeJS.Timeout | undefined;',
  unref: 'export const pause = () => setTimeout(() => undefined, 1).unref();',
} as const;

const pathOf = (folder: string, kind: string) => `${folder}/${kind}.ts`;
let directory: string;
let findings: string;

// One file for each case, in a tree with the project's own linter settings.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-portable-'));
  cpSync(join(root, 'biome.json'), join(directory, 'biome.json'));
  for (const folder of portable) {
    for (const [kind, source] of Object.entries(foreign)) {
      mkdirSync(join(directory, folder), { recursive: true });
      writeFileSync(join(directory, pathOf(folder, kind)), `${source}\n`);
    }
  }
  for (const path of native) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `${Object.values(foreign).join('\n')}\n`);
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

const found = (path: string, rule: string) =>
  findings.split('\n').some((line) => line.includes(path) && line.includes(rule));
const isForeign = (path: string) => found(path, 'noNodejsModules') || found(path, 'noRestrictedGlobals');

test.each(portable)('a file in %s must name nothing of Node', (folder) => {
  const kinds = Object.keys(foreign);
  expect(kinds.filter((kind) => isForeign(pathOf(folder, kind)))).toEqual(kinds);
});

test.each(native)('%s may', (path) => {
  expect(isForeign(path)).toBe(false);
});

describe('the portable floors without the types of Node', () => {
  /** The files that a compilation complains about. */
  function complaints(project: string): string[] {
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], {
      cwd: root,
      encoding: 'utf8',
    });
    const files = stdout.split('\n').flatMap((line) => /^(\S+\.ts)\(\d+,\d+\): error/.exec(line)?.[1] ?? []);
    return [...new Set(files)];
  }

  test('compile', () => {
    expect(complaints('tsconfig.portable.json')).toEqual([]);
  });

  test('would not with anything of Node in them', () => {
    const planted = Object.entries({ ...foreign, ...ambient });
    const folder = join(directory, 'planted');
    mkdirSync(folder);
    for (const [kind, source] of planted) writeFileSync(join(folder, `${kind}.ts`), `${source}\n`);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: `${root}tsconfig.portable.json`,
        compilerOptions: { rootDir: '/' },
        include: [folder],
        exclude: [],
      }),
    );
    const refused = complaints(join(folder, 'tsconfig.json')).map((path) => basename(path, '.ts'));
    expect(refused.sort()).toEqual(planted.map(([kind]) => kind).sort());
  });
}, 60_000);
