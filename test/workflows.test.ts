import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const tests = read('.github/workflows/test.yml');
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };

test('every supported line of Node is tested with the command of the README', () => {
  const [, command] = /^```sh\n(npm install && npm test)\n```$/m.exec(read('README.md')) ?? [];
  expect(tests).toContain(`- run: ${command}\n`);
  const [, list] = /node: \[(.*)\]/.exec(tests) ?? [];
  const lines = list!.split(', ').map((line) => line.replaceAll(/['"]/g, ''));
  expect(engines.node).toBe(`>=${lines[0]}`);
  expect(lines.slice(1)).toEqual(['22', '24', '26']);
});

test('what is published has passed those tests, and nothing but publishing may ask for a token of identity', () => {
  const publish = read('.github/workflows/publish.yml');
  expect(publish).toMatch(/\n {2}test:\n {4}uses: \.\/\.github\/workflows\/test\.yml\n/);
  expect(publish).toMatch(/\n {2}publish:\n {4}needs: test\n/);
  const beforeJob = publish.slice(0, publish.indexOf('\n  publish:'));
  expect(`${tests}${beforeJob}`).not.toContain('id-token');
  expect(publish).toContain('--provenance');
});
