import { join } from 'node:path';
import { it } from 'vitest';
import { type Packed, root } from './packed.ts';

const seconds = 1_000;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Programs of a strict consumer. A type that was lost would be `any`, and the error expected there missing. */
const portable = `
  import { type Agreement, type Channel, type CheckedDraft, checkDraft, enterRelay, type ErrorCode, errorEntry, type Identity,
    ParleyError, parseAmount, parseDraft, parseJson, type RelayClientOptions, verifyAgreement } from 'parley-mpc';
  import { rules } from 'parley-mpc/rules';
  import { type VerifiedOpenings, verifyOpenings } from 'parley-mpc/verify';
  export const names: string[] = rules.map(({ name }) => name);
  // @ts-expect-error
  export const numbers: number[] = rules.map(({ name }) => name);
  export const open = (agreement: Agreement): Promise<VerifiedOpenings> =>
    verifyOpenings(agreement, [], { parties: 'unpinned' });
  // @ts-expect-error
  export const unsigned = (agreement: Agreement): Promise<string> => verifyOpenings(agreement, [], { parties: 'unpinned' });
  export const price: bigint | undefined = parseAmount('4,500.00 USD', { unit: 'USD', decimals: 2 });
  // @ts-expect-error
  export const text: string = parseAmount('4,500.00 USD', { unit: 'USD', decimals: 2 });
  export const drafted = (file: Uint8Array): CheckedDraft => checkDraft(parseDraft(parseJson(file, 'the terms')));
  export const meet = (room: RelayClientOptions): Promise<Channel> => enterRelay(room);
  // @ts-expect-error
  export const alone = (room: RelayClientOptions): Promise<Channel> => enterRelay({ ...room, side: 'both' });
  export const advice = (code: ErrorCode): string | undefined => errorEntry(code)?.action;
  export const check = (agreement: Agreement, me: Identity) =>
    verifyAgreement(agreement, { parties: { seller: me.publicKey } }).catch((error: unknown) => {
      if (error instanceof ParleyError) return error.code;
      throw error;
    });`;
const node = `
  import type { Channel } from 'parley-mpc';
  import { connect } from 'parley-mpc/node';
  export const dial = (): Promise<Channel> => connect({ host: '127.0.0.1', port: 4466 });
  // @ts-expect-error
  export const text = (): Promise<string> => connect({ host: '127.0.0.1', port: 4466 });`;

/** What TypeScript sees, with no file of declarations left unchecked but TypeScript's own. */
export function typed(packed: () => Packed): void {
  const compile = async (programs: Record<string, string>, ...how: string[]) => {
    const files = Object.entries(programs).map(([name, text]) => packed().write(name, text));
    const flags = [
      '--noEmit',
      '--strict',
      '--skipDefaultLibCheck',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom',
    ];
    await packed().run(process.execPath, tsc, ...flags, ...how, ...(await Promise.all(files)));
  };

  it(
    'has types that a strict consumer can compile against, from ES modules and from CommonJS',
    async () => {
      const programs = { 'portable.ts': portable, 'node.ts': node, 'required.cts': portable };
      const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
      await compile(programs, '--module', 'nodenext', ...types);
    },
    30 * seconds,
  );

  it(
    'has types that need none of Node, for programs that are bundled',
    () =>
      compile({ 'web.ts': portable }, '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''),
    30 * seconds,
  );
}
