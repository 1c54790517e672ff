import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild, type Metafile } from 'esbuild';
import { type BuildEnvironmentOptions, type Rolldown, build as vite } from 'vite';
import { expect, it } from 'vitest';
import { deal, dealt } from './entries.ts';
import { type Packed, root } from './packed.ts';

const seconds = 1_000;
const agreement = join(root, 'test/fixtures/v1/split-deal.json');

const verifies = `
  import { readFileSync } from 'node:fs';
  import { verifyAgreement } from 'parley-mpc/verify';
  const { outcome } = await verifyAgreement(readFileSync(${JSON.stringify(agreement)}), { parties: 'unpinned' });
  console.log(JSON.stringify(outcome));`;
const verified = '{"deal":true,"price":"455000"}';

/** What bundlers make of the package. */
export function bundled(packed: () => Packed): void {
  const bundle = async (text: string, platform: 'neutral' | 'node') => {
    const entry = await packed().write(`bundle-${platform}.js`, text);
    const outfile = entry.replace('bundle-', 'bundled-').replace('.js', '.mjs');
    const { metafile } = await esbuild({
      entryPoints: [entry],
      outfile,
      absWorkingDir: packed().project,
      bundle: true,
      format: 'esm',
      platform,
      metafile: true,
      external: ['node:*'],
      logLevel: 'silent',
      ...(platform === 'neutral' && { mainFields: ['module', 'main'] }),
    });
    return { outfile, metafile };
  };

  it.each(['parley-mpc', 'parley-mpc/rules', 'parley-mpc/verify'])(
    'a neutral bundle of %s names no module of Node',
    async (entry) => {
      const { metafile, outfile } = await bundle(`export * from '${entry}';`, 'neutral');
      expect([...new Set(nodeImports(metafile).map(({ path }) => path))]).toEqual([]);
      expect(inputsOf(metafile)).toContain('node_modules/parley-mpc/dist/src/crypto/platform/unsupported.js');
      // Of zod only what is used, which `import { z } from 'zod'` would not give; authors of rules get all of it.
      const locales = inputsOf(metafile).filter((path) => /zod\/v4\/locales\/(?!en\.)\w+/.test(path));
      if (entry !== 'parley-mpc/rules') expect(locales).toEqual([]);
      expect((await readFile(outfile, 'utf8')).match(/\b(import|require)\(["']node:\w+/g)).toBeNull();
    },
    30 * seconds,
  );

  it(
    'a bundle for a runtime that Parley does not know says so',
    async () => {
      const { outfile } = await bundle("export * from 'parley-mpc/verify';", 'neutral');
      const program = await packed().write(
        'unknown.js',
        `import('${outfile}').catch(({ code }) => console.log(code));`,
      );
      expect(await packed().run(process.execPath, program)).toBe('ERR_PLATFORM');
    },
    30 * seconds,
  );

  it.each([
    ['a deal', deal, dealt],
    ['a verification', verifies, verified],
  ])(
    'esbuild bundles %s for Node, whose modules only the platform names',
    async (_, text, printed) => {
      const { metafile, outfile } = await bundle(text, 'node');
      const importers = nodeImports(metafile).filter(({ from }) => from.startsWith('node_modules/'));
      expect(importers.length).toBeGreaterThan(0);
      const others = importers.filter(({ from }) => !from.endsWith('/dist/src/crypto/platform/node.js'));
      expect(others).toEqual([]);
      expect(await packed().run(process.execPath, outfile)).toBe(printed);
    },
    30 * seconds,
  );

  it(
    'Vite bundles for Node, and the bundle runs',
    async () => {
      const entry = await packed().write('vite-node.js', verifies);
      await viteBuild(packed(), { ssr: entry, outDir: 'vite-node' });
      expect(await packed().run(process.execPath, join(packed().project, 'vite-node/vite-node.js'))).toBe(
        verified,
      );
    },
    60 * seconds,
  );

  it(
    'Vite bundles for the browser without a module of Node',
    async () => {
      const entry = await packed().write('vite-web.js', "export * from 'parley-mpc/verify';");
      const chunks = await viteBuild(packed(), {
        outDir: 'vite-web',
        lib: { entry, formats: ['es'], fileName: 'vite-web' },
      });
      expect(chunks.some(({ code }) => code.includes('ERR_PLATFORM'))).toBe(true);
      const foreign = chunks.flatMap(({ code }) => code.match(/["'`]node:\w+/g) ?? []);
      expect(foreign).toEqual([]);
    },
    60 * seconds,
  );
}

/** Imports of modules of Node in a bundle, and the file of each. */
function nodeImports({ inputs }: Metafile): { readonly from: string; readonly path: string }[] {
  return Object.entries(inputs).flatMap(([from, { imports }]) =>
    imports.flatMap(({ path }) => (path.startsWith('node:') ? [{ from, path }] : [])),
  );
}

/** Files of which something is left in a bundle. */
function inputsOf({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

/** The chunks that Vite makes of an entry with everything that it imports. */
async function viteBuild(packed: Packed, options: BuildEnvironmentOptions): Promise<Rolldown.OutputChunk[]> {
  const built = await vite({
    root: packed.project,
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: options,
  });
  const [{ output }] = [built].flat() as Rolldown.RolldownOutput[];
  return output.filter((file) => file.type === 'chunk');
}
