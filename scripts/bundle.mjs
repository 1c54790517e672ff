// Compiles sources as the published package has them: a file for each entry, chunks with the code that they share, packages left outside.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
export const { type, engines, exports, bin, imports } = JSON.parse(
  readFileSync(`${root}package.json`, 'utf8'),
);

/** Every path in a part of package.json. */
export const pathsIn = (part) => (typeof part === 'string' ? [part] : Object.values(part).flatMap(pathsIn));

/** Compiles entries, paths of sources, and what package.json names by `#`, into a folder. `options` of esbuild go before those that stand here. */
export async function bundle(entries, outdir, options = {}) {
  const named = pathsIn(imports).map((path) => path.replace(/^\.\//, ''));
  await build({
    absWorkingDir: root,
    entryPoints: [...new Set([...entries, ...named])].sort(),
    outdir,
    outbase: '.',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: `node${engines.node.replace(/^\D+/, '')}`,
    packages: 'external',
    external: ['#*'],
    charset: 'utf8',
    logLevel: 'warning',
    ...options,
  });
  // Compiled files resolve `#` imports by the nearest package.json, which has to name compiled files too.
  const compiledImports = JSON.parse(JSON.stringify(imports), (_, value) =>
    typeof value === 'string' ? value.replace(/\.ts$/, '.js') : value,
  );
  writeFileSync(`${outdir}/package.json`, `${JSON.stringify({ type, imports: compiledImports }, null, 2)}\n`);
}
