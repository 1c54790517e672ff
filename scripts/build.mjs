// Builds a publishable dist/: the entries that package.json names, chunks with the code that they share, and their types.
import { execFileSync, execSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { type, engines, exports, bin, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
rmSync(`${root}dist`, { recursive: true, force: true });
run('scripts/build-kernels.mjs');
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');

/** Every path in a part of package.json. */
const pathsIn = (part) => (typeof part === 'string' ? [part] : Object.values(part).flatMap(pathsIn));
const compiled = [exports, bin].flatMap(pathsIn).filter((path) => path.endsWith('.js'));
const entries = [
  ...compiled.map((path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts')),
  ...pathsIn(imports).map((path) => path.replace(/^\.\//, '')),
];
await build({
  absWorkingDir: root,
  entryPoints: [...new Set(entries)].sort(),
  outdir: 'dist',
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
});

/** Adds a declaration file, and every one that it names, to a set. */
function reach(file, reached) {
  if (reached.has(file)) return;
  reached.add(file);
  const named = readFileSync(`${root}${file}`, 'utf8').matchAll(/(?:from |import\()["'](\.[^"']+)\.ts["']/g);
  for (const [, name] of named) reach(posix.join(posix.dirname(file), `${name}.d.ts`), reached);
}

// Only those declaration files are kept that a user of an entry can reach.
const declarations = new Set();
for (const entry of pathsIn(exports).filter((path) => path.endsWith('.d.ts'))) {
  reach(posix.normalize(entry), declarations);
}
for (const file of readdirSync(`${root}dist`, { recursive: true })) {
  const path = `dist/${file.replaceAll('\\', '/')}`;
  if (path.endsWith('.d.ts') && !declarations.has(path)) rmSync(`${root}${path}`);
}

// The compiled files resolve `#` imports by the nearest package.json, which has to name compiled files too.
const compiledImports = JSON.parse(JSON.stringify(imports), (_, value) =>
  typeof value === 'string' ? value.replace(/\.ts$/, '.js') : value,
);
writeFileSync(`${root}dist/package.json`, `${JSON.stringify({ type, imports: compiledImports }, null, 2)}\n`);

// npm packs each file with the mode that it has here, which differs between machines.
const listing = execSync('npm pack --dry-run --json --ignore-scripts', {
  cwd: root,
  stdio: ['ignore', 'pipe', 'ignore'],
});
for (const { path } of JSON.parse(listing)[0].files) {
  chmodSync(`${root}${path}`, pathsIn(bin).includes(path) ? 0o755 : 0o644);
}
