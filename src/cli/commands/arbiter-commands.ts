import type { Command } from 'commander';
import { usageError } from '../terminal/failure.ts';
import type { ComplainFlags } from './complain.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** The commands of an arbiter, `arbiter init`, `arbiter serve` and `arbiter answer`, and of whoever turns to it: `complain`. */
export function addArbiterCommands(parley: Command, signal: AbortSignal, exit: (code: number) => void): void {
  const arbiter = parley
    .command('arbiter')
    .description('be the arbiter that terms can name: init, serve, answer');
  arbiter
    .argument('[COMMAND]')
    .helpCommand(false)
    .action((given: string | undefined) => {
      throw usageError(
        given === undefined ? 'arbiter needs to know what to do' : 'arbiter has no such command',
        'write parley arbiter init, serve, or answer FILE',
      );
    });
  arbiter
    .command('init')
    .description("make an arbiter's keys; prints its card, which terms hold")
    .requiredOption('--out <KEY>', 'new file for the keys (mode 0600)')
    .option('--at <URL>', 'where it will take complaints, for the card: https://…')
    .option('--json', 'changes nothing: the card is JSON already')
    .action(async (flags: { out: string; at?: string }) => {
      await (await import('./arbiter.ts')).initArbiter(flags);
    });
  arbiter
    .command('serve')
    .description('answer complaints and questions over HTTP, behind a proxy that ends TLS')
    .requiredOption('--key <KEY>', "the arbiter's key file, from parley arbiter init")
    .requiredOption('--store <FOLDER>', 'where its decisions are kept, each in a file, for ever')
    .option('--listen <HOST:PORT>', 'where to listen', '127.0.0.1:4469')
    .option('--behind-proxy', 'its limits go by the address that the proxy adds to X-Forwarded-For')
    .action(async (flags: { key: string; store: string; listen: string; behindProxy?: boolean }) => {
      await (await import('./arbiter.ts')).serve(flags, signal);
    });
  arbiter
    .command('answer')
    .description('answer one complaint or question from a file: exit code 0 resolved, 3 too early, 4 void')
    .argument('<FILE>', 'the complaint or question, from parley complain --out')
    .requiredOption('--key <KEY>', "the arbiter's key file, from parley arbiter init")
    .requiredOption('--store <FOLDER>', 'where its decisions are kept, each in a file, for ever')
    .requiredOption('--out <ANSWER>', 'new file for the answer')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: { key: string; store: string; out: string; json?: boolean }) => {
      exit(await (await import('./arbiter.ts')).answer(path, flags));
    });

  parley
    .command('complain')
    .description(
      'turn to the arbiter after a session that broke off: exit code 0 resolved, 3 no answer yet, 4 void',
    )
    .argument('[DISPUTE]', 'the dispute file that the session left; without it, the only one in the ledger')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option('--ledger <FOLDER>', 'the ledger itself')
    .option(
      '--at <URL>',
      "the arbiter's address, if not the one in its card: then also http:// or a private one",
    )
    .option('--out <FILE>', 'new file for the complaint or question, instead of sending it')
    .option('--answer <FILE>', 'what the arbiter answered, if it came as a file')
    .option('--agreement <FILE>', 'new file for the proved outcome')
    .option('--give-up', 'the arbiter has been silent for a day after its deadline')
    .option(...JSON_FLAG)
    .action(async (path: string | undefined, flags: ComplainFlags) => {
      exit(await (await import('./complain.ts')).complain(path, flags, signal));
    });
}
