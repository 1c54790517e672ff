import type { Command } from 'commander';
import { usageError } from './failure.ts';

/** The words that can follow a command: its options and its subcommands. */
interface Words {
  /** Command words from the start, such as `terms new`; empty for none yet. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly {
    readonly flag: string;
    readonly about: string;
    readonly takesValue: boolean;
  }[];
}

/** The completion script of a shell for a program. Throws InputError `ERR_USAGE` for a shell that is not known. */
export function completion(shell: string, program: Command): string {
  const words = collect(program, '');
  if (shell === 'bash') return bash(words);
  if (shell === 'zsh') return `#compdef parley\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
  if (shell === 'fish') return fish(words);
  throw usageError(`no completion for ${shell.slice(0, 40)}`, 'write bash, zsh or fish');
}

function collect(command: Command, path: string): Words[] {
  const here: Words = {
    path,
    commands: command.commands.map((one) => ({ name: one.name(), about: one.description() })),
    options: command.options.map((option) => ({
      flag: option.long!,
      about: option.description,
      takesValue: option.required || option.optional,
    })),
  };
  return [here, ...command.commands.flatMap((one) => collect(one, `${path} ${one.name()}`.trim()))];
}

function bash(words: readonly Words[]): string {
  const cases = words.map(({ path, commands, options }) => {
    const choices = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');
    return `    '${path}') choices='${choices}' ;;`;
  });
  const known = words.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `_parley() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word choices=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${known.join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _parley parley
`;
}

function fish(words: readonly Words[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = words.flatMap(({ path, commands, options }) => {
    const seen = path.split(' ').filter((word) => word !== '');
    const nested = commands.map(({ name }) => name);
    const inside = seen.map((word) => `__fish_seen_subcommand_from ${word}`);
    const before = nested.length > 0 ? [`not __fish_seen_subcommand_from ${nested.join(' ')}`] : [];
    const condition = [...inside, ...before].join('; and ') || 'true';
    return [
      ...commands.map(
        ({ name, about }) => `complete -c parley -f -n ${quote(condition)} -a ${name} -d ${quote(about)}`,
      ),
      ...options.map(
        ({ flag, about, takesValue }) =>
          `complete -c parley -n ${quote(condition)} -l ${flag.slice(2)}${takesValue ? ' -r' : ''} -d ${quote(about)}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}
