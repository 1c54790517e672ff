// Compiles wasm/index.ts with AssemblyScript into two files under src/crypto: kernel-binary.ts (the module, in base64) and
// kernel-functions.ts (what it exports, typed). `--check` fails unless the two files are what the sources give.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { Transform } from 'assemblyscript/transform';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOTICE = '// Generated from wasm/ by scripts/build-kernels.mjs.\n';

/** How the AssemblyScript types of exports are written in TypeScript: addresses are pointers, and numbers stay exact. */
const TYPES = { usize: 'Pointer', u32: 'number', f64: 'number', void: 'void' };

/** The exports of wasm/index.ts as the compiler resolves them, by name. */
let declarations;
class Exports extends Transform {
  afterInitialize(program) {
    const { exports } = program.filesByName.get('wasm/index');
    declarations = [...exports].map(([name, { declaration }]) => [name, declaration]);
  }
}

async function compile() {
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
      transforms: [new Exports()],
    },
  );
  if (error) fail(`${stderr}\nbuilding the kernels failed: ${error.message}`);
  return outputs.get('kernel.wasm');
}

/** A method of the interface, with the doc comment that stands before the function. */
function methodOf(name, { range, signature }) {
  const typeOf = (type) => {
    const found = TYPES[type.name.identifier.text];
    if (found === undefined) fail(`${name}: no TypeScript type for ${type.range}`);
    return found;
  };
  const before = range.source.text.slice(0, range.start);
  const comment = /\/\*\*(?:(?!\*\/).)*\*\/\s*$/s.exec(before);
  if (comment === null) fail(`${name}: an exported kernel has no doc comment`);
  const doc = comment[0].trimEnd().replaceAll('\n', '\n  ');
  const parameters = signature.parameters.map(({ name: { text }, type }) => `${text}: ${typeOf(type)}`);
  return `  ${doc}\n  ${name}(${parameters.join(', ')}): ${typeOf(signature.returnType)};\n`;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const binary = Buffer.from(await compile()).toString('base64');
const methods = declarations.map(([name, declaration]) => methodOf(name, declaration)).join('');
const files = {
  'kernel-binary.ts': `${NOTICE}export const kernelBinary =\n  '${binary}';\n`,
  'kernel-functions.ts': `${NOTICE}import type { Pointer } from './pointer.ts';\n\n/** What wasm/index.ts exports. */\nexport interface KernelFunctions {\n${methods}}\n`,
};
for (const [name, text] of Object.entries(files)) {
  const path = `${root}src/crypto/${name}`;
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    fail(`src/crypto/${name} does not match wasm/: run npm run prepare`);
  }
}
