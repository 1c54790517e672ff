import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The arguments with which node runs a program of the sources, after what it is to load first. In a test run these are compiled (compile.mjs),
 * and start in a third of the time that tsx needs for them.
 */
export function program(path: string, ...first: readonly string[]): readonly string[] {
  const compiled = process.env.PARLEY_COMPILED;
  const file = (source: string): string =>
    compiled === undefined ? join(root, source) : join(compiled, source.replace(/\.ts$/, '.js'));
  const loaded = first.map((source) => pathToFileURL(file(source)).href);
  if (compiled === undefined) loaded.unshift(import.meta.resolve('tsx'));
  return [...loaded.flatMap((one) => ['--import', one]), file(path)];
}
