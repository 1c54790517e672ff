import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const checker = fileURLToPath(new URL('../../vectors/check.py', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import nacl']).status === 0,
);
const required = process.env.PARLEY_PYTHON === 'required';
const full = process.env.PARLEY_FULL !== undefined;

/** How many changes of each file the ordinary run tries, spread evenly over its members. */
const SAMPLE = 3;

function run(...arguments_: string[]) {
  if (python === undefined) throw new Error('There is no python3 with PyNaCl here.');
  const { status, stdout, stderr } = spawnSync(python, [checker, ...arguments_], { encoding: 'utf8' });
  return { status, stderr, files: stdout.split('\n').filter((line) => line !== '') };
}

describe.skipIf(python === undefined && !required)('the checker that was written from the page alone', () => {
  it('accepts every file, and notices when a member is changed', { timeout: 3_600_000 }, () => {
    const found = run('--mutations', ...(full ? [] : [String(SAMPLE)]));
    expect(found).toMatchObject({ status: 0, stderr: '' });
    expect(found.files.length).toBeGreaterThan(0);
    for (const line of found.files) expect(line).toMatch(/^[a-z0-9-]+\.json: ok$/);
  });
});
