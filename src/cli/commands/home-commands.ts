import type { Command } from 'commander';
import { usageError } from '../terminal/failure.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** The commands for a whole home: `home backup`, `home restore` and `home remove`. */
export function addHomeCommands(parley: Command, signal: AbortSignal): void {
  const home = parley.command('home').description('keep or move all that is yours: backup, restore, remove');
  home
    .argument('[COMMAND]')
    .helpCommand(false)
    .action((given: string | undefined) => {
      throw usageError(
        given === undefined ? 'home needs to know what to do' : 'home has no such command',
        'write parley home backup FILE, restore FILE, or remove',
      );
    });
  home
    .command('backup')
    .description('identity, seal key, ledger and peers in one new file, under a passphrase')
    .argument('<FILE>', 'new file for the backup, outside the home')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: { json?: boolean }) => {
      await (await import('./home.ts')).backupHome(path, flags, signal);
    });
  home
    .command('restore')
    .description('put a backup back, where there is no home yet')
    .argument('<FILE>', 'the backup')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: { json?: boolean }) => {
      await (await import('./home.ts')).restoreHome(path, flags, signal);
    });
  home
    .command('remove')
    .description('remove all that is yours, for good')
    .option('--yes', 'do not ask')
    .option(...JSON_FLAG)
    .action(async (flags: { yes?: boolean; json?: boolean }) => {
      await (await import('./home.ts')).removeOwnHome(flags, signal);
    });
}
