// Builds a publishable dist/: the entries that package.json names, chunks with the code that they share, and their types.
import { execFileSync, execSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, bundle, exports, pathsIn } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
rmSync(`${root}dist`, { recursive: true, force: true });
run('scripts/build-kernels.mjs');
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'); // writes declarations; `npm run types` is what checks types

const compiled = [exports, bin].flatMap(pathsIn).filter((path) => path.endsWith('.js'));
await bundle(
  compiled.map((path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts')),
  `${root}dist`,
);

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

// npm packs each file with the mode that it has here, which differs between machines.
const listing = execSync('npm pack --dry-run --json --ignore-scripts', {
  cwd: root,
  stdio: ['ignore', 'pipe', 'ignore'],
});
for (const { path } of JSON.parse(listing)[0].files) {
  chmodSync(`${root}${path}`, pathsIn(bin).includes(path) ? 0o755 : 0o644);
}
