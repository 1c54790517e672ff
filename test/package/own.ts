import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Packed, root } from './packed.ts';

const seconds = 1_000;
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const entries: Record<string, string> = {
  './entry/index.ts': 'parley-mpc',
  './entry/rules.ts': 'parley-mpc/rules',
  './allocate.ts': './allocate.js',
};

/** A user's rule, of a shape that no rule of the package has, compiled against the package's types and run with its code. */
export function own(packed: () => Packed): void {
  it(
    'takes a rule of its user’s, of a shape that none of its own has',
    async () => {
      const program = `
        import { bounded, described, divide, mandates, told } from './deal.js';
        const one = await divide([bounded(mandates[0], 60), mandates[1]]);
        console.log(JSON.stringify(one.outcome), one.seals, one.confirmed, await told() > 4, (await described()).includes('bookcase'));`;
      const files = [
        await copied(packed(), 'allocate.ts'),
        await copied(packed(), 'deal.ts'),
        await packed().write('own.ts', program),
      ];
      const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
      // Declarations are checked where the consumer's programs are, in types.ts.
      const how = ['--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext', ...types];
      await packed().run(process.execPath, tsc, ...how, ...files);
      expect(await packed().run(process.execPath, join(packed().project, 'own.js'))).toBe(
        '{"deal":true,"gets":{"bookcase":"left","car":"right","dog":"right","piano":"left"}} paillier true true true',
      );
    },
    60 * seconds,
  );
}

/** A file of the example, in the user's project, with imports as a user writes them. */
async function copied(packed: Packed, name: string): Promise<string> {
  const text = await readFile(join(root, 'test/package/own-rule', name), 'utf8');
  const rewritten = text.replace(/(?<=from ')\.[^']+/g, (path) => entries[path] ?? path);
  return packed.write(name, rewritten);
}
