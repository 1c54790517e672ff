import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const manifest = json('package.json');
const readme = read('README.md');

interface Locked {
  readonly optionalDependencies?: Record<string, string>;
  readonly [member: string]: unknown;
}

test('C1: the lock file has an entry for every platform of every optional package', () => {
  const packages: Record<string, Locked> = json('package-lock.json').packages;
  const optional = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
  expect(optional.length).toBeGreaterThan(20);
  const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  expect(optional.filter((name) => !locked.has(name))).toEqual([]);
});

describe('C10: what is published works as it is read', () => {
  test('C10: links in packed documents lead to packed files', async () => {
    const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: root });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const packed = new Set(files.map(({ path }) => path));
    const links = [...packed]
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...read(path).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target]) =>
          posix.join(posix.dirname(path), target!),
        ),
      );
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((target) => !packed.has(target))).toEqual([]);
  });

  test('C10: the package says where its sources are', () => {
    expect(manifest.repository).toBeDefined();
  });

  test('C10: a section of the README is one screen, and the reference is a document of its own', () => {
    const sections = readme.split(/^## /m).slice(1);
    expect(sections.length).toBeGreaterThan(6);
    for (const section of sections) {
      const [title, ...lines] = section.trimEnd().split('\n');
      expect(title).not.toBe('Reference');
      expect(lines.length, title).toBeLessThanOrEqual(45);
    }
    expect(read('docs/reference.md')).toContain('## Commands');
  });
});

/** The modules that a bundle of an entry has, and those of Node that it names. */
async function bundled(entry: string, options: BuildOptions = {}) {
  const { metafile } = await build({
    entryPoints: [join(root, `src/${entry}.ts`)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    outdir: 'nowhere',
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    metafile: true,
    logLevel: 'silent',
    ...options,
  });
  const imports = Object.values(metafile!.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  return {
    modules: Object.keys(metafile!.inputs),
    node: [...new Set(imports.filter((path) => path.startsWith('node:')))],
  };
}

describe('C11: the library asks its platform', () => {
  test.each(['index', 'rules', 'verify'])(
    'C11: the entry %s reaches no module of Node where the platform is not Node’s',
    async (entry) => {
      const { modules, node } = await bundled(entry);
      expect(modules).toContain('src/crypto/platform/unsupported.ts');
      if (entry === 'index') expect(modules).toContain('src/session/negotiation.ts');
      expect(node).toEqual([]);
    },
  );

  test('C11: what is for Node alone does', async () => {
    expect((await bundled('node', { packages: 'external' })).node).toContain('node:fs/promises');
  });
});

/** What the command imports from below src/node/ and from src/node/, by name: values, or types. */
function importedByCommand(kind: 'values' | 'types'): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(join(root, 'src/cli'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const imports = read(`src/cli/${file}`).matchAll(/^import (type )?\{([^}]*)\} from '(\.\.\/[^']*)';/gm);
    for (const [, whole, list, from] of imports) {
      const source = posix.join('src/cli', posix.dirname(file), from!);
      if (source.startsWith('src/cli/')) continue;
      for (const [, type, name] of list!.matchAll(/(type )?(\w+)(?: as \w+)?,?/g)) {
        if ((whole ?? type) === undefined ? kind === 'values' : kind === 'types') names.add(name!);
      }
    }
  }
  return [...names];
}

/** What the command uses and the package does not export, and why that is so. */
const internal: Readonly<Record<string, readonly string[]>> = {
  'files and paths of a command line': [
    'isMissing',
    'readBytes',
    'readDraft',
    'readJson',
    'keepOutcomeBeside',
    'readKey',
    'reasonOf',
    'refuseExisting',
    'writeNew',
    'writeSame',
  ],
  'lines and columns of a screen': [
    'columnsOf',
    'groupThousands',
    'MIN_PASSPHRASE',
    'scaled',
    'wrap',
    'Figure',
  ],
  'bytes and their encodings': [
    'decodeBase64url',
    'decodeText',
    'encodeBase64url',
    'equalBytes',
    'publicJwk',
    'rawPublicKey',
    'toHex',
  ],
  'times as documents have them': ['isTime', 'secondsOf', 'timeOf'],
  'the public log of a story, which a library has no part in': [
    'encodeBase64',
    'formatVerifierKey',
    'fromHex',
    'KeyType',
    'leafHash',
    'nodeHash',
    'utf8',
    'verifierKey',
  ],
  'part of something that is exported': [
    'arbiterAt', // nodeNetwork
    'arbiterOf', // readDispute
    'GeneralJws', // Agreement, Engagement
    'giveUpInLedger', // Ledger
    'ArbiterTerms', // Terms
    'isAddress', // readArbiterCard
    'isVoid', // conclude
    'settleInLedger', // host, join
    'jwsSchema', // readArbiterCard
    'requireArbitration', // Session
    'completeTerms', // completeOffer, Session
    'isEngagement', // verifyAgreement, verifyEngagement
    'isExpired', // hasExpired
    'isPeerName', // KnownPeers
    'isProvedOutcome', // verifyAgreement
    'leavesRoom', // Session
    'listenAt', // nodeNetwork
    'loadSodium', // all that reads keys
    'MAX_JWS_LENGTH', // verifyAgreement
    'menuEntry', // Rule
    'STEPS', // Rule
    'openJws', // verifyAgreement, verifyEngagement
    'proveOpened', // conclude
    'readFairEngagement', // verifyEngagement
    'refuseHome', // restore
    'randomNonce', // completeOffer, Session
    'asMembers', // Principal
    'isPublicKey', // parsePublicJwk
    'memberText', // quoted
    'MandatesTerms', // Terms
    'openMandateRevocations', // verifyDelegation
    'roleNamed', // rolesIn
    'notCovered', // verifyDelegation, Session
    'witnessedAt', // verifyAgreement
    'publishSchema', // parseDraft
    'delegationsSchema', // verifyAgreement
    'pinFingerprint', // verifyAgreement
    'readDelegation', // verifyDelegation
    'readMandateCertificate', // verifyDelegation
    'readProvedOutcome', // verifyAgreement
    'requireCovered', // verifyDelegation
    'requireCurrent', // Session
    'SignedDelegations', // Agreement
    'obligationLines', // listTerms
    'ruleOf', // ruleNamed
    'sameKey', // fingerprint
    'supportedSecurities', // Security
    'thumbprint', // fingerprint
    'typeOf', // verifyAgreement, verifyEngagement
    'unlocked', // LockedIdentity
    'verifyAgreementUnder', // verifyAgreement
    'verifyEngagementUnder', // verifyEngagement
  ],
};

describe('C12: what the pages announce and the command uses can be imported', () => {
  const entries = ['index', 'rules', 'verify', 'node'];
  const hidden = Object.values(internal).flat();

  test('C12: own rules are written against an entry of their own', async () => {
    expect(Object.keys(manifest.exports)).toContain('./rules');
    const rules = await import(join(root, 'src/rules.ts'));
    for (const name of ['priceRule', 'CircuitBuilder', 'toBristol', 'fromBristol'])
      expect(rules).toHaveProperty(name);
  });

  test('C12: the entry has what the command has of relays, drafts and amounts', async () => {
    const entry = await import('../../src/index.ts');
    for (const name of ['enterRelay', 'listenAtRelay', 'inviteRoom']) expect(entry).toHaveProperty(name);
    for (const name of ['parseDraft', 'checkDraft', 'checkMandate']) expect(entry).toHaveProperty(name);
    for (const name of ['parseAmount', 'formatAmount']) expect(entry).toHaveProperty(name);
  });

  test('C12: whatever else the command uses, some entry exports, or the list above says why none does', async () => {
    const modules = await Promise.all(entries.map((entry) => import(join(root, `src/${entry}.ts`))));
    const exported = new Set(modules.flatMap((module) => Object.keys(module)));
    const values = importedByCommand('values');
    expect(values.length).toBeGreaterThan(50);
    expect(values.filter((name) => !exported.has(name) && !hidden.includes(name))).toEqual([]);
    const text = entries.map((entry) => read(`src/${entry}.ts`)).join() + read('src/circuit/index.ts');
    const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(text);
    const types = importedByCommand('types');
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter((name) => !isNamed(name) && !hidden.includes(name))).toEqual([]);
    const all = [...values, ...types];
    expect(hidden.filter((name) => !all.includes(name) || exported.has(name))).toEqual([]);
  });
});
