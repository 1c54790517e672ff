// Compiles wasm/index.ts with AssemblyScript into src/crypto/kernel-binary.ts (a base64 string).
// `--check` compiles and fails unless the generated file is what the sources give.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}src/crypto/kernel-binary.ts`;
const outputs = new Map();
const { error, stderr } = await asc.main(
  [
    'wasm/index.ts',
    '--outFile',
    'kernel.wasm',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--enable',
    'bulk-memory',
    '--importMemory',
    '--noExportMemory',
    '--memoryBase',
    '1024',
    '-O3',
    '--noAssert',
    '--use',
    'abort=',
  ],
  {
    readFile: (name, base) => {
      try {
        return readFileSync(`${base === '.' ? root : base}/${name}`, 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => outputs.set(name, contents),
    listFiles: () => [],
  },
);
if (error) {
  process.stderr.write(`${stderr}\nbuilding the kernels failed: ${error.message}\n`);
  process.exit(1);
}
const text = `// Generated from wasm/ by scripts/build-kernels.mjs.\nexport const kernelBinary =\n  '${Buffer.from(
  outputs.get('kernel.wasm'),
).toString('base64')}';\n`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write('src/crypto/kernel-binary.ts does not match wasm/: run npm run prepare\n');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
