import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Packed, root } from './packed.ts';

const seconds = 1_000;
const entries = ['parley-mpc', 'parley-mpc/node', 'parley-mpc/rules', 'parley-mpc/verify'] as const;

/** A program whose two delegates strike a deal, and verify the agreement. */
export const deal = `
  import { generateIdentity, memoryChannelPair, negotiate } from 'parley-mpc';
  import { verifyAgreement } from 'parley-mpc/verify';
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
  console.log(JSON.stringify(verified.outcome), typeof mine.price, mine.price.toString());`;
/** What it prints. */
export const dealt = '{"deal":true,"price":"450"} bigint 450';

/** What runs of the package, as it is installed. */
export function installed(packed: () => Packed): void {
  it(
    'imports, and two delegates strike a deal',
    async () => {
      expect(await packed().run(process.execPath, await packed().write('deal.js', deal))).toBe(dealt);
    },
    30 * seconds,
  );

  it(
    'gives what is required and what is imported as one and the same',
    async () => {
      const program = await packed().write(
        'required.cjs',
        `(async () => {
        for (const entry of ${JSON.stringify(entries)}) {
          const [required, imported] = [require(entry), await import(entry)];
          const names = Object.keys(required);
          if (names.some((name) => required[name] !== imported[name])) throw new Error(entry);
          console.log(entry, names.length > 0, names.includes('verifyAgreement'));
        }
        const { verifyAgreement } = require('parley-mpc/verify');
        await verifyAgreement('{}', { parties: 'unpinned' }).catch(({ code }) => console.log(code));
      })()`,
      );
      expect((await packed().run(process.execPath, program)).split('\n')).toEqual([
        'parley-mpc true true',
        'parley-mpc/node true false',
        'parley-mpc/rules true false',
        'parley-mpc/verify true true',
        'ERR_AGREEMENT_FORMAT',
      ]);
    },
    30 * seconds,
  );

  it(
    'has errors with the names under which they are exported, in all entries the same',
    async () => {
      const program = await packed().write(
        'errors.js',
        `import * as all from 'parley-mpc';
       import * as verify from 'parley-mpc/verify';
       const errors = Object.entries(all).filter(([, value]) => value.prototype instanceof Error);
       for (const [name, type] of errors) if (type.name !== name) throw new Error(name + ' is ' + type.name);
       console.log(errors.length > 5, verify.ParleyError === all.ParleyError);`,
      );
      expect(await packed().run(process.execPath, program)).toBe('true true');
    },
    30 * seconds,
  );

  it(
    'has a command that runs',
    async () => {
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      const command = join(packed().project, 'node_modules/.bin/parley');
      expect(await packed().run(command, '--version')).toBe(version);
      const result = JSON.parse(await packed().run(command, 'demo', '--json'));
      expect(result.outcome.deal).toBe(true);
    },
    60 * seconds,
  );
}
