import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kernelBinary } from '../src/crypto/kernel-binary.ts';
import { kernelModule } from '../src/crypto/kernel-module.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the kernels in use and their interface are what the sources give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-kernels.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}, 60_000);

test('the interface has the functions that the binary exports, with as many parameters, each explained', () => {
  const text = readFileSync(join(root, 'src/crypto/kernel-functions.ts'), 'utf8');
  const methods = [...text.matchAll(/\*\/\n {2}(\w+)\(([^)]*)\): (?:void|number);/g)];
  const declared = methods.map(([, name, parameters]) => [name, parameters!.split(', ').length]);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65_535 });
  const { exports } = new WebAssembly.Instance(kernelModule(), { env: { memory } });
  const exported = Object.entries(exports).map(([name, value]) => [name, (value as () => void).length]);
  expect(exported.length).toBeGreaterThan(40);
  expect(declared.sort()).toEqual(exported.sort());
  for (const [, name, parameters] of methods) {
    for (const parameter of parameters!.split(', '))
      expect(parameter, name).toMatch(/^\w+: (Pointer|number)$/);
  }
});

test('the kernels have no globals, tables or data of their own: a zeroed memory is a new instance', () => {
  const code = Buffer.from(kernelBinary, 'base64');
  const sections = new Set<number>();
  for (let at = 8; at < code.length; ) {
    sections.add(code[at++]!);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = code[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += length;
  }
  const [type, imports, functions, exports, body] = [1, 2, 3, 7, 10];
  expect([...sections].filter((id) => id !== 0)).toEqual([type, imports, functions, exports, body]);
});

test('no code keeps a kernel function by itself, where it would outlive its kernel', () => {
  const floors = ['src', 'protocols'].map((floor) => join(root, floor));
  const files = floors.flatMap((floor) =>
    readdirSync(floor, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/crypto\/kernel(-\w+)?\.ts$/.test(file))
      .map((file) => join(floor, file)),
  );
  const kept = /\bcall\.\w+\s*(?![\w(])|\}\s*=\s*[\w.!]*\bcall\b|\bcall\[/;
  expect('const f = kernel.call.xorBlocks;').toMatch(kept);
  expect('const { xorBlocks } = this.kernel.call;').toMatch(kept);
  expect('kernel.call.xorBlocks(a, b, c, 1);').not.toMatch(kept);
  expect('const { call } = kernel;').not.toMatch(kept);
  let calls = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    calls += text.match(/\bcall\.\w+\(/g)?.length ?? 0;
    expect(text, file).not.toMatch(kept);
  }
  expect(calls).toBeGreaterThan(60);
});
