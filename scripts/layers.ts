import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The floors of the house, the highest first. A file imports from its own floor and from those to its right. */
export const floors = [
  'cli',
  'node',
  'desk',
  'session',
  'arbiter',
  'verify',
  'protocols',
  'ledger',
  'escrow',
  'documents',
  'engine',
  'garbling',
  'seals',
  'paillier',
  'ot',
  'circuit',
  'link',
  'crypto',
] as const;

/** What only the floors that run on Node, or that face a person, may name: a flag, a command, a file to read, an environment variable, a screen. */
const FACES = /^src\/(cli|node)\//;
const FACE =
  /(?:^|[\s('"`])--[a-z][a-z-]+|\bparley (?:host|join|run|verify|open|leak|terms|keygen|whoami|ledger|relay|demo)\b|\bREADME\.md\b|\bPARLEY_[A-Z]+\b|\bprocess\.(?:stdin|stdout|stderr|argv|env)\b|\bconsole\./;
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]([^'"]+)['"]/g;

/** A line that breaks a rule of the house. */
export interface Violation {
  readonly rule: 'imports go up' | 'names a face';
  readonly file: string;
  readonly what: string;
}

/** What in `source`, a file at `file` (from the root, with slashes), breaks the rules. */
export function violationsIn(file: string, source: string): Violation[] {
  const found: Violation[] = [];
  const floor = floorOf(file);
  const code = withoutComments(source);
  for (const [, specifier] of code.matchAll(IMPORT)) {
    if (floor === undefined || !specifier!.startsWith('.')) continue;
    const target = posix.join(dirname(file), specifier!);
    if (target === 'src/errors.ts') continue;
    const other = floorOf(target);
    if (other === undefined || floors.indexOf(other) < floors.indexOf(floor)) {
      found.push({ rule: 'imports go up', file, what: target });
    }
  }
  if (!FACES.test(file)) {
    const [face] = FACE.exec(code) ?? [];
    if (face !== undefined) found.push({ rule: 'names a face', file, what: face.trim() });
  }
  return found;
}

/** All violations in the sources below `root`. */
export function violations(root: string): Violation[] {
  return ['src', 'protocols']
    .flatMap((folder) => filesBelow(root, folder))
    .flatMap((file) => violationsIn(file, readFileSync(join(root, file), 'utf8')));
}

/** The floor of a file; undefined for those on the roof, `src/*.ts`. */
function floorOf(file: string): (typeof floors)[number] | undefined {
  const [top, folder, rest] = file.split('/');
  const name = top === 'protocols' ? top : rest === undefined ? undefined : folder;
  return floors.find((floor) => floor === name);
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'kernel-binary.ts')
    .map((entry) => posix.join(posix.relative(root, entry.parentPath), entry.name))
    .sort();
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(fileURLToPath(new URL('..', import.meta.url)));
  for (const { file, rule, what } of found) process.stdout.write(`${file}: ${rule} (${what})\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
