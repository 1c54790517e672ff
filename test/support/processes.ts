import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Calls that change modules for every file of a process: they take the place of one, or load all of them anew. */
const CHANGES_MODULES = /\bvi\.(mock|doMock|hoisted|resetModules)\(/g;
/** The one such call of files with parties that cheat: the same in each of them. */
const WATCHES_CHECKS =
  /^vi\.mock\('\.\.\/\.\.\/src\/crypto\/check\.ts', \(\) => import\('\S*\/harness\/checks\.ts'\)\);$/gm;
/** How a file says why else it needs its own. */
const SAYS_SO = /^\/\/ Runs in a process of its own: \S/m;

/** Which process a test file runs in: one of its own, or one shared with others that leave it as they found it. */
export type Process = 'alone' | 'cheating' | 'shared';

function processOf(text: string): Process {
  const changes = text.match(CHANGES_MODULES)?.length ?? 0;
  const watches = text.match(WATCHES_CHECKS)?.length ?? 0;
  if (changes > watches || SAYS_SO.test(text)) return 'alone';
  return watches > 0 ? 'cheating' : 'shared';
}

/** The test files below `root`, as paths from there, by the process they run in. */
export function filesByProcess(root: string): Record<Process, string[]> {
  const files: Record<Process, string[]> = { alone: [], cheating: [], shared: [] };
  for (const name of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts')) continue;
    const file = `test/${name.replaceAll('\\', '/')}`;
    files[processOf(readFileSync(join(root, file), 'utf8'))].push(file);
  }
  return files;
}
