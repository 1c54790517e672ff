// Before the tests: compiles the programs that tests start as processes, all in one place, so that code which two of them load is there once.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Packages of many files, which are compiled into the programs: node reads one file in a fraction of the time. */
const inside = ['canonicalize', 'env-paths', 'jose', 'zod'];
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const outside = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !inside.includes(name));
const options = { packages: 'bundle', external: ['#*', 'node:*', ...outside] };

const programs = [
  'examples/buyer.ts',
  'examples/delegate.ts',
  'examples/seller.ts',
  'src/cli/main.ts',
  'test/cli/faults/preload.ts',
  'test/findings/crowd.ts',
  'test/ledger/child.ts',
  'test/node/arbiter/child.ts',
  'test/node/store/child.ts',
  'test/session/kill/fair-player.ts',
  'test/session/kill/player.ts',
  'test/support/ready.ts',
];

export default async function setup(project) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-compiled-'));
  const compile = () => bundle(programs, join(folder, 'dist'), options);
  // As in a project of a user: package.json above dist, and packages beside it.
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await compile();
  process.env.PARLEY_COMPILED = join(folder, 'dist');
  project.onTestsRerun(compile);
  return () => rmSync(folder, { recursive: true, force: true });
}
