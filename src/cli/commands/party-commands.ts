import type { Command } from 'commander';
import { usageError } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import type { PartyFlags } from './ports.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** Flags of `host` and `join`, in all their forms. */
type Flags = PartyFlags & {
  readonly terms?: string;
  readonly listen?: string;
  readonly connect?: string;
  readonly address?: string;
  readonly relay?: string;
  readonly peer?: string;
  readonly name?: string;
  readonly invite?: boolean;
};

/** The commands of two people who negotiate: `host`, `join`, and around them `relay`, `whoami` and `completion`. */
export function addPartyCommands(parley: Command, signal: AbortSignal, exit: (code: number) => void): void {
  addHost(parley, signal, exit);
  addJoin(parley, signal, exit);
  parley
    .command('relay')
    .description('a blind pipe for two who cannot reach each other directly')
    .option(
      '--listen <HOST:PORT>',
      'where to listen (0.0.0.0:4467, if not said); ws://HOST:PORT for WebSocket; repeatable',
      (value: string, earlier: readonly string[] = []) => [...earlier, value],
    )
    .option('--behind-proxy', 'its limits go by the address that a proxy in front adds to X-Forwarded-For')
    .action(async ({ listen = ['0.0.0.0:4467'], ...more }: { listen?: string[]; behindProxy?: boolean }) => {
      await (await import('./relay.ts')).relay({ listen, ...more }, signal);
    });

  parley
    .command('whoami')
    .description('your identity, and the peers that you have given names')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option(...JSON_FLAG)
    .action(async (flags: { identity?: string; json?: boolean }) => {
      await (await import('./whoami.ts')).whoami(flags, signal);
    });

  parley
    .command('completion')
    .description('a script that completes parley commands: source it in your shell')
    .argument('<SHELL>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completion } = await import('../terminal/completion.ts');
      print(completion(shell, parley));
    });
}

function addHost(...[parley, signal, exit]: Parameters<typeof addPartyCommands>): void {
  const host = parley
    .command('host')
    .description('wait for the other side; with --terms alone, prints an invite to send')
    .option('--terms <FILE>', 'the public terms, or a draft of them');
  withCommonFlags(host)
    .option(
      '--listen <HOST:PORT>',
      'where to listen (0.0.0.0:4466, if not said); ws://HOST:PORT for WebSocket',
    )
    .option('--address <HOST:PORT>', 'how the other side reaches this machine, for the invite')
    .option('--relay <HOST:PORT>', 'meet at a relay instead, where no connection from outside comes through')
    .option('--invite', 'make an invite although --identity is given')
    .action(async (flags: Flags) => {
      const terms = needed(flags.terms, 'terms');
      refuseTogether(flags, ['relay', 'listen', 'stdio']);
      if (isByInvite(flags)) {
        return exit(await (await import('./host.ts')).hostByInvite({ ...flags, terms }, signal));
      }
      const identity = needed(flags.identity, 'identity');
      exit(await (await import('./party.ts')).party('host', { ...flags, terms, identity }, signal));
    });
}

function addJoin(...[parley, signal, exit]: Parameters<typeof addPartyCommands>): void {
  const join = parley
    .command('join')
    .description('follow an invite, which you are asked for; or connect, with keys and --connect')
    .argument('[INVITE...]', 'on a machine of your own: what the host sent you, from parley1- on')
    .option('--terms <FILE>', 'the terms; with an invite, those to accept without being asked');
  withCommonFlags(join)
    .option('--connect <HOST:PORT>', 'where the other side listens, without an invite; or ws://…, wss://…')
    .action(async (words: readonly string[], flags: Flags) => {
      if (words.length > 0 || !isPinned(flags)) {
        refuseWithInvite(flags);
        return exit(await (await import('./join.ts')).joinByInvite(words, flags, signal));
      }
      refuseTogether(flags, ['connect', 'stdio']);
      const terms = needed(flags.terms, 'terms');
      const identity = needed(flags.identity, 'identity');
      if (flags.stdio !== true) needed(flags.connect, 'connect');
      exit(await (await import('./party.ts')).party('join', { ...flags, terms, identity }, signal));
    });
}

function withCommonFlags(command: Command): Command {
  return command
    .option('--identity <KEY>', 'your private key file, from parley keygen')
    .option('--mandate <FILE>', 'your private mandate; without it you are asked, twice and without echo')
    .option('--as <CERTIFICATE>', 'act for somebody else: the mandate certificate that they have given you')
    .option('--revocations <FILE>', 'with --as: the latest list of revocations of whom you act for')
    .option('--role <ROLE>', 'your role, where the terms do not name your key')
    .option(
      '--peer <KEY>',
      "the other side's public key: the name you gave it, a file, the JWK itself, or its fingerprint",
    )
    .option('--name <NAME>', 'what you call the other side: its key must be the same every time')
    .option('--stdio', 'talk over standard input and output, which something else connects')
    .option('--out <FILE>', 'new file for the agreement')
    .option(
      '--ledger <FOLDER>',
      'where attempts with each peer are recorded (beside the identity, if not said)',
    )
    .option('--max-disclosure <BITS>', 'refuse what would tell this peer more than so many bits in all')
    .option(
      '--log <FILE>',
      'adds what happens to this file, without anything secret: to find out why it failed',
    )
    .option('--wait <TIME>', 'how long a person may take to connect, read and type', '10m')
    .option(
      '--arbiter-at <URL>',
      "the arbiter's address, if not the one in its card: then also http:// or a private one",
    )
    .option(
      '--timeout <TIME>',
      'silence inside the protocol after which the other side counts as gone',
      '30s',
    )
    .option(...JSON_FLAG);
}

/** Whether this is the short form, by invite: no flag says who the two sides are. */
function isByInvite({ identity, peer, invite, relay, name, address }: Flags): boolean {
  return (
    invite === true ||
    [relay, name, address].some((flag) => flag !== undefined) ||
    (identity ?? peer) === undefined
  );
}

/** Whether `join` has what it needs without an invite. */
function isPinned({ connect, stdio, role, peer, terms, identity }: Flags): boolean {
  if ([connect, role, peer].some((flag) => flag !== undefined)) return true;
  const invited = (process.env.PARLEY_INVITE ?? '') !== '';
  return stdio === true && terms !== undefined && identity !== undefined && !invited;
}

function refuseWithInvite(flags: Flags): void {
  const settled = (['connect', 'role', 'peer'] as const).find((flag) => flags[flag] !== undefined);
  if (settled !== undefined)
    throw usageError(`--${settled} means nothing with an invite, which settles it`, 'leave it out');
}

function refuseTogether(flags: Flags, names: readonly (keyof Flags)[]): void {
  const [one, other] = names.filter((name) => flags[name] !== undefined);
  if (other !== undefined)
    throw usageError(`--${one} and --${other} exclude each other`, 'leave one of them out');
}

function needed(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw usageError(`--${flag} is missing`, `add --${flag}, or see parley --help`);
}
