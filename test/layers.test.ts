import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { violations, violationsIn } from '../scripts/layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the house keeps its rules', () => {
  expect(violations(root).map(({ file, rule, what }) => `${file}: ${rule} (${what})`)).toEqual([]);
});

describe('a planted violation of each kind is found', () => {
  test.each([
    ['src/crypto/hash.ts', "import { x } from '../ot/index.ts';", 'imports go up'],
    ['src/link/noise.ts', "export type { X } from '../session/session.ts';", 'imports go up'],
    ['src/ot/base/sender.ts', "const x = await import('../../garbling/label-hash.ts');", 'imports go up'],
    ['src/seals/link.ts', "import type { X } from '../engine/engine.ts';", 'imports go up'],
    ['src/documents/terms.ts', "import { x } from '../../protocols/rule.ts';", 'imports go up'],
    ['src/ledger/ledger.ts', "import { x } from '../session/session.ts';", 'imports go up'],
    ['protocols/split/index.ts', "import { x } from '../../src/session/session.ts';", 'imports go up'],
    ['src/desk/host.ts', "import { x } from '../node/net/tcp.ts';", 'imports go up'],
    ['src/node/home/home.ts', "import { x } from '../../cli/main.ts';", 'imports go up'],
    ['src/session/session.ts', "import { x } from '../index.ts';", 'imports go up'],
    ['src/session/session.ts', "import { x } from '../cellar/x.ts';", 'imports go up'],
    ['src/desk/offer.ts', "const hint = 'use host and join with --terms';", 'names a face'],
    ['src/session/open.ts', 'if (process.env.HOME) start();', 'names a face'],
    ['src/verify/openings.ts', "const hint = 'parley verify reads it';", 'names a face'],
    ['src/documents/terms.ts', "const hint = 'see README.md';", 'names a face'],
    ['src/engine/queue.ts', "console.log('here');", 'names a face'],
  ] as const)('%s: %s', (file, source, rule) => {
    expect(violationsIn(file, source).map((violation) => violation.rule)).toEqual([rule]);
  });
});

test.each([
  ['src/cli/main.ts', "import { x } from '../session/session.ts';"],
  ['src/cli/main.ts', "process.stdout.write('--help');"],
  ['src/session/session.ts', "import { rules } from '../../protocols/registry.ts';"],
  ['protocols/split/index.ts', "import { x } from '../../src/engine/engine.ts';"],
  ['src/node/net/tcp.ts', "import { connect } from 'node:net';"],
  ['src/ot/index.ts', "import { InputError } from '../errors.ts';"],
  ['src/ot/index.ts', "// --flags: a comment says what it likes\nimport { x } from '../crypto/hash.ts';"],
])('%s may say: %s', (file, source) => {
  expect(violationsIn(file, source)).toEqual([]);
});
