import type { Command } from 'commander';
import type { StatementKind } from '../../documents/obligations/statements.ts';
import type { ObligationsFlags } from './obligations.ts';
import type { ReceiptFlags } from './receipt.ts';
import type { StatementFlags } from './statement.ts';
import { addWitnessOptions, append } from './witness-options.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

const STATEMENTS = [
  ['claim', 'claim', 'sign that you have done what an obligation asks of you'],
  ['judge', 'verdict', 'sign a verdict on an obligation, as one of its judges'],
  ['object', 'objection', 'sign that an obligation owed to you was not kept'],
] as const satisfies readonly (readonly [string, StatementKind, string])[];

/** The commands about obligations: `claim`, `judge`, `object`, `receipt`, `obligations`. */
export function addObligationCommands(
  parley: Command,
  signal: AbortSignal,
  exit: (code: number) => void,
): void {
  for (const [name, kind, description] of STATEMENTS) {
    const command = parley
      .command(name)
      .description(description)
      .argument('<AGREEMENT>', 'the agreement file')
      .argument('<ID>', 'the obligation, as the terms call it')
      .requiredOption('--out <FILE>', 'new file for the statement')
      .option('--evidence <FILE>', 'a file whose digest and name are in the statement', append)
      .option(
        '--cosign <FILE>',
        'the statement as another member of your side, or another judge, has signed it',
      )
      .option('--identity <KEY>', 'your private key file, if it is not the usual one')
      .option(...JSON_FLAG);
    if (kind === 'verdict') {
      command.option('--kept', 'it was kept').option('--broken', 'it was broken');
    }
    command.action(async (agreement: string, obligation: string, flags: StatementFlags) => {
      await (await import('./statement.ts')).state(kind, agreement, obligation, flags, signal);
    });
    addWitnessOptions(command);
  }
  const receiving = parley
    .command('receipt')
    .description('sign that you have a statement about an obligation now')
    .argument('<AGREEMENT>', 'the agreement file')
    .argument('<STATEMENT>', 'the claim, verdict or objection')
    .requiredOption('--out <FILE>', 'new file for the receipt')
    .option('--cosign <FILE>', 'the receipt as another member of your side has signed it')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option(...JSON_FLAG)
    .action(async (path: string, statement: string, flags: ReceiptFlags) => {
      await (await import('./receipt.ts')).receive(path, statement, flags, signal);
    });
  addWitnessOptions(receiving);
  const showing = parley
    .command('obligations')
    .description('how it stands with each obligation of an agreement, and what happens next')
    .argument('<AGREEMENT>', 'the agreement file')
    .argument(
      '[STATEMENT...]',
      'claims, verdicts, objections, ratifications, receipts and proofs of publication',
    )
    .option('--at <TIME>', 'as of another time than now, like 2027-01-31T12:00:00Z')
    .option('--trust-claimed-times', 'take the times that signers give for themselves as true')
    .option(...JSON_FLAG)
    .action(async (path: string, statements: string[], flags: ObligationsFlags) => {
      exit(await (await import('./obligations.ts')).obligations(path, statements, flags));
    });
  addWitnessOptions(showing);
}
