// Builds a publishable dist/ from src/ and protocols/.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}scripts/build-kernels.mjs`], { stdio: 'inherit' });
execFileSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`],
  {
    stdio: 'inherit',
  },
);
// The compiled files resolve their imports by the nearest package.json, which has to name compiled files too.
const { type, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const compiled = JSON.parse(JSON.stringify(imports), (_, value) =>
  typeof value === 'string' ? value.replace(/\.ts$/, '.js') : value,
);
writeFileSync(`${root}dist/package.json`, `${JSON.stringify({ type, imports: compiled }, null, 2)}\n`);
chmodSync(`${root}dist/src/cli/main.js`, 0o755);
