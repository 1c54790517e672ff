import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { tags } from '../../src/crypto/tags.ts';

const page = readFileSync('docs/hashes.md', 'utf8');

test('docs/hashes.md has every tag', () => {
  const names = Object.keys(tags);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/hashes.md has every file that makes a hash or a cipher of its own', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const makes =
    /\bplatform\.(?:blockCipher|keystream|sha256|sha256Stream|sha512|blake2b|hmacBlake2b)\(|\bseededRandom\(/;
  const unnamed = files.filter(
    (path) => makes.test(readFileSync(`src/${path}`, 'utf8')) && !page.includes(basename(path)),
  );
  // what every tagged hash goes through, and π, of which the page names the users
  expect(unnamed.sort()).toEqual(['garbling/permutation.ts']);
});

test('every file docs/hashes.md names is there', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((path) => `src/${path}`);
  const named = [...page.matchAll(/`([\w/-]+\.ts)\b/g)].map(([, path]) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !files.some((file) => file.endsWith(`/${path}`) || file === path))).toEqual(
    [],
  );
});
