import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const seconds = 1_000;

/** What a build needs, besides node_modules. */
const SOURCES = [
  'src',
  'protocols',
  'wasm',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE'];

/** Builds (in a copy, beside other tests), packs and installs the package as a user would get it, from the registry. */
describe('the published package', () => {
  let folder: string;
  let project: string;
  let tarball: string;

  const inProject = (file: string, ...args: string[]) =>
    execute(file, args, { cwd: project, env: { ...process.env, NO_COLOR: '1' } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-package-'));
    const copy = join(folder, 'copy');
    project = join(folder, 'project');
    await mkdir(project);
    for (const name of [...SOURCES, ...DOCUMENTS.filter((file) => existsSync(join(root, file)))]) {
      await cp(join(root, name), join(copy, name), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await execute('npm', ['run', 'build'], { cwd: copy });
    const packed = await execute(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      {
        cwd: copy,
      },
    );
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    tarball = join(folder, filename);
    await writeFile(join(project, 'package.json'), '{ "name": "user", "type": "module", "private": true }');
    await inProject('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  }, 240 * seconds);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    'is clean under publint and are-the-types-wrong',
    async () => {
      const { buffer } = new Uint8Array(await readFile(tarball));
      const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
      // It takes the imports of dist/package.json for ignored. Node and bundlers read those of the nearest package.json: the deal below needs them.
      expect(messages.filter(({ code }) => code !== 'NESTED_PACKAGE_JSON_FIELD_IGNORED')).toEqual([]);
      await execute('npx', ['attw', tarball, '--profile', 'esm-only'], { cwd: root });
    },
    60 * seconds,
  );

  it('holds no sources, tests or source maps, and no other file', async () => {
    const { stdout } = await execute('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    for (const file of files) {
      expect(file).toMatch(
        /^package\/(dist\/(src|protocols)\/.*\.(js|d\.ts)|dist\/package\.json|[A-Z]+(\.md)?|package\.json)$/,
      );
    }
    expect(files).toContain('package/dist/src/cli/main.js');
    expect(files).toContain('package/LICENSE');
  });

  it(
    'imports, and two delegates strike a deal',
    async () => {
      await writeFile(
        join(project, 'deal.js'),
        `import { generateIdentity, memoryChannelPair, negotiate, verifyAgreement } from 'parley-mpc';
       const [a, b] = memoryChannelPair();
       const [seller, buyer] = [generateIdentity(), generateIdentity()];
       const terms = { parley: 1, subject: 'car', rule: { name: 'split' }, range: { min: '0', max: '1000' },
         parties: { seller: seller.publicKey, buyer: buyer.publicKey }, security: 'semi-honest',
         expires: '2099-01-01T00:00:00Z', nonce: 'AAECAwQFBgcICQoLDA0ODw' };
       const [mine] = await Promise.all([
         negotiate({ channel: a, identity: seller, terms, mandate: { reservation: 400n } }),
         negotiate({ channel: b, identity: buyer, terms, mandate: { reservation: 500n } }),
       ]);
       const verified = await verifyAgreement(mine.agreement, { parties: terms.parties });
       console.log(JSON.stringify(verified.outcome), typeof mine.price, mine.price.toString());`,
      );
      const { stdout } = await inProject(process.execPath, 'deal.js');
      expect(stdout.trim()).toBe('{"deal":true,"price":"450"} bigint 450');
    },
    30 * seconds,
  );

  it(
    'can be required',
    async () => {
      await writeFile(
        join(project, 'verify.cjs'),
        `const { generateIdentity, verifyAgreement } = require('parley-mpc');
       verifyAgreement('{}', { parties: 'unpinned' }).catch(({ code }) => console.log(code, generateIdentity().publicKey.kty));`,
      );
      const { stdout } = await inProject(process.execPath, 'verify.cjs');
      expect(stdout.trim()).toBe('ERR_AGREEMENT_FORMAT OKP');
    },
    30 * seconds,
  );

  it(
    'has types that a strict consumer can compile against',
    async () => {
      await writeFile(
        join(project, 'types.ts'),
        `import { type Agreement, type Identity, ParleyError, verifyAgreement } from 'parley-mpc';
       export const check = (agreement: Agreement, me: Identity) =>
         verifyAgreement(agreement, { parties: { seller: me.publicKey } }).catch((error: unknown) => {
           if (error instanceof ParleyError) return error.code;
           throw error;
         });`,
      );
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
      await execute(
        process.execPath,
        [tsc, ...flags, '--typeRoots', join(root, 'node_modules/@types'), 'types.ts'],
        { cwd: project },
      );
    },
    30 * seconds,
  );

  it(
    'has a command that runs',
    async () => {
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
        version: string;
      };
      const bin = join(project, 'node_modules/.bin/parley');
      expect((await inProject(bin, '--version')).stdout.trim()).toBe(version);
      const { stdout } = await inProject(bin, 'demo', '--json');
      const result = JSON.parse(stdout) as { outcome: { deal: boolean } };
      expect(result.outcome.deal).toBe(true);
    },
    60 * seconds,
  );
});
