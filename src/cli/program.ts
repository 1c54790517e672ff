import { Command, CommanderError } from 'commander';
import { loadSodium } from '../crypto/sodium.ts';
import { addArbiterCommands } from './commands/arbiter-commands.ts';
import type { CircuitFlags } from './commands/circuit.ts';
import { addHomeCommands } from './commands/home-commands.ts';
import type { LedgerFlags } from './commands/ledger.ts';
import { addMandateCommands } from './commands/mandate-commands.ts';
import { addObligationCommands } from './commands/obligation-commands.ts';
import type { OpenFlags } from './commands/open.ts';
import { addPartyCommands } from './commands/party-commands.ts';
import type { RatifyFlags } from './commands/ratify.ts';
import type { RunFlags } from './commands/run.ts';
import { addTermsCommands } from './commands/terms-commands.ts';
import type { VerifyFlags } from './commands/verify.ts';
import { addWitnessOptions, append } from './commands/witness-options.ts';
import { describeFailure, exitCodeOf, exitCodes, failureLine, usageError } from './terminal/failure.ts';
import { print, settleOutput } from './terminal/output.ts';
import { printJson, say, style } from './terminal/terminal.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** Milliseconds that an interrupted command has to end by itself. */
const GRACE = 400;

/**
 * Runs one command line, reports an error if there is one, and returns the exit code. `signal` fires on Ctrl-C, with an
 * InterruptedError as its reason. The command then ends, whatever it waits for.
 */
export async function runCommandLine(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const code = await unlessInterrupted(program(argv, signal), signal);
    const unprinted = await unlessInterrupted(settleOutput(), signal);
    if (unprinted === undefined) return code;
    throw unprinted;
  } catch (thrown) {
    const error: unknown = signal.aborted ? signal.reason : thrown;
    const failure = describeFailure(error);
    if (argv.includes('--json')) printJson({ error: failure });
    say(`${style(['bold', 'red'], 'parley:')} ${failureLine(failure)}`);
    if (process.env.PARLEY_DEBUG === '1') console.error(error);
    return exitCodeOf(error);
  }
}

/** The result of the work. Throws the signal's reason if the work has not ended a moment after the signal. */
async function unlessInterrupted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  let wait = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    wait = () => {
      timer = setTimeout(reject, GRACE, signal.reason);
    };
  });
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  }
}

/**
 * Parses one command line and runs its command. Commands are loaded when they are called, so that help is quick. This function is long because it
 * is a table: every command with its flags, in the order of the help.
 */
async function program(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let code: number = exitCodes.done;
  const parley = new Command('parley')
    .description('Sealed-bid private negotiation: find out whether a deal exists, and nothing else.')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .showHelpAfterError(false);

  parley
    .command('demo')
    .description('both parties on this machine, told as a story')
    .option(
      '--scenario <NAME>',
      'car (a deal), flat (no deal), deposit (only whether a deal exists), walkaway (with an arbiter) or persona (with obligations)',
      'car',
    )
    .option(...JSON_FLAG)
    .action(async (flags: { scenario: string; json?: boolean }) => {
      await (await import('./commands/demo.ts')).demo(flags, signal);
    });

  parley
    .command('run')
    .description('both parties on this machine, from files')
    .requiredOption('--terms <FILE>', 'the public terms')
    .requiredOption('--mandate-a <FILE>', "the first party's mandate (for prices, the seller's)")
    .requiredOption('--mandate-b <FILE>', "the second party's mandate (for prices, the buyer's)")
    .option('--security <KIND>', 'malicious or semi-honest, in place of what the terms say')
    .option('--timeout <TIME>', 'silence after which a party counts as gone', '30s')
    .option('--log <FILE>', 'adds what happens on both sides to this file, without anything secret')
    .option(...JSON_FLAG)
    .action(async (flags: RunFlags) => {
      await (await import('./commands/run.ts')).run(flags, signal);
    });

  parley
    .command('keygen')
    .description('make an identity; prints its public key')
    .requiredOption('--out <KEY>', 'new file for the private key (mode 0600)')
    .option('--passphrase', 'ask for a passphrase, and keep the key under it')
    .option('--json', 'changes nothing: the public key is JSON already')
    .action(async (flags: { out: string; passphrase?: boolean }) => {
      await (await import('./commands/keygen.ts')).keygen(flags, signal);
    });

  addPartyCommands(parley, signal, (given) => {
    code = given;
  });

  const verifying = parley
    .command('verify')
    .description('check a saved agreement, offline')
    .argument('<AGREEMENT>', 'the agreement file')
    .option(
      '--party <ROLE=KEY>',
      'a key that you expect: a peer that you have named, a file, the JWK itself, or its fingerprint',
      append,
    )
    .option('--unpinned', 'you know none of the keys: exit 0 whosever they are')
    .option('--engagement', 'the file is an engagement, which a peer signed before it left')
    .option('--opening <FILE>', 'what a party shows of its bid, from parley open', append)
    .option(
      '--certificate <FILE>',
      'a mandate certificate that an engagement names, or a list of revocations that it asks for',
      append,
    )
    .option(
      '--ratification <FILE>',
      'what a member has said to the deal, from parley ratify, or what shows when: exit code 4 while it is not in force',
      append,
    )
    .option('--at <TIME>', 'whether it was in force at another time than now, like 2027-01-31T12:00:00Z')
    .option(
      '--contradiction <FILE>',
      'the file is an answer of an arbiter or a verdict, and this is another: do they contradict each other?',
    )
    .option('--arbiter <FINGERPRINT>', 'with --contradiction: the arbiter that you expect, or its card')
    .option('--judge <KEY>', 'with --contradiction of verdicts: the judge that you expect')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: VerifyFlags) => {
      code = await (await import('./commands/verify.ts')).verify(path, flags);
    });
  addWitnessOptions(verifying);

  parley
    .command('show')
    .description(
      'print a file of Parley’s in full: terms, an agreement, an opening, a key, an arbiter’s card',
    )
    .argument('<FILE>', 'the file')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: { json?: boolean }) => {
      code = await (await import('./commands/show.ts')).show(path, flags);
    });

  parley
    .command('open')
    .description('show what you had sealed, to whoever you give the opening')
    .argument('<AGREEMENT>', 'the agreement file')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option('--mandate <FILE>', 'menus: the mandate that you had entered')
    .requiredOption('--out <OPENING>', 'new file for the opening')
    .action(async (path: string, flags: OpenFlags) => {
      await (await import('./commands/open.ts')).open(path, flags, signal);
    });

  const ratifying = parley
    .command('ratify')
    .description('say yes to a deal that has to be ratified, as one of the members whom its terms name')
    .argument('<AGREEMENT>', 'the agreement file')
    .option('--no', 'say no')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .requiredOption('--out <FILE>', 'new file for what you say')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: RatifyFlags) => {
      await (await import('./commands/ratify.ts')).ratify(path, flags, signal);
    });
  addWitnessOptions(ratifying);

  parley
    .command('ledger')
    .description('what has been released to whom, who was caught cheating, and who left')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option('--ledger <FOLDER>', 'the ledger itself')
    .option('--forgive <KEY>', 'let a peer negotiate again that was caught cheating')
    .option('--agreement <NAME>', 'one of the agreements that the ledger lists: print it')
    .option('--out <FILE>', 'with --agreement: write it to a new file instead')
    .option(...JSON_FLAG)
    .action(async (flags: LedgerFlags) => {
      await (await import('./commands/ledger.ts')).ledger(flags);
    });

  parley
    .command('circuit')
    .description('the circuits that terms lead to, also as Bristol Fashion files')
    .requiredOption('--terms <FILE>', 'the terms, or a draft of them')
    .option('--bristol <FILE>', 'new file for the circuit; numbered where there are several')
    .option(...JSON_FLAG)
    .action(async (flags: CircuitFlags) => {
      await (await import('./commands/circuit.ts')).circuit(flags);
    });

  parley
    .command('doctor')
    .description(
      'whether identity and ledger are well, and which disputes are open: exit code 0 if nothing is left to do',
    )
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option('--ledger <FOLDER>', 'the ledger itself')
    .option(...JSON_FLAG)
    .action(async (flags: { identity?: string; ledger?: string; json?: boolean }) => {
      code = await (await import('./commands/doctor.ts')).doctor(flags);
    });

  addArbiterCommands(parley, signal, (given) => {
    code = given;
  });
  addObligationCommands(parley, signal, (given) => {
    code = given;
  });
  addMandateCommands(parley, signal, (given) => {
    code = given;
  });
  addHomeCommands(parley, signal);
  addTermsCommands(parley, signal);
  parley.hook('preAction', loadSodium); // for the keys in files and flags
  parley.version(await version(), '--version').helpCommand(false);
  for (const command of [parley, ...parley.commands]) {
    command.exitOverride().configureOutput({ writeOut: print, writeErr: () => undefined });
  }
  if (argv.length === 0) {
    parley.outputHelp();
    return exitCodes.usage;
  }
  try {
    await parley.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    throw usageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '), 'see parley --help');
  }
  return code;
}

/** The version of the package this file belongs to: from src/cli or from dist/src/cli. */
async function version(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  for (const up of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(up, import.meta.url), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string });
    if (parsed?.name === 'parley-mpc') return parsed.version ?? '';
  }
  return '';
}
