import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders whose test files can share a process: what one of them does to it is undone, or is nothing to the others. */
const SHARING =
  /^test\/(arbiter|circuit|crypto|desk|documents|engine|escrow|findings|garbling|ledger|link|node|ot|paillier|protocols|seals|session|verify)\//;
/** Calls that change modules for every file of a process: they take the place of one, or load all of them anew. */
const CHANGES_MODULES = /\bvi\.(mock|doMock|hoisted|resetModules)\(/;
/** How a file says why else it needs its own. */
const SAYS_SO = /^\/\/ Runs in a process of its own: \S/m;

/** The test files that need a process each, as paths from `root`. The others share one for each worker, one after another. */
export function filesAlone(root: string): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return !SHARING.test(file) || CHANGES_MODULES.test(text) || SAYS_SO.test(text);
    });
}
