/** The command that starts `join` for anybody who has Node.js, whether or not Parley is installed. */
export const JOIN_COMMAND = 'npx parley-mpc join';

/** How the person started this command, so that the commands they are told to type work for them. */
export function commandName(): string {
  const { npm_lifecycle_event: script, npm_command: command, npm_lifecycle_script: line = '' } = process.env;
  if (script === 'parley') return 'npm run -s parley --';
  return command === 'exec' && /\bparley\b/.test(line) ? 'npx parley-mpc' : 'parley';
}

/** A command on several lines in the syntax of a shell; on one line where shells differ. */
export function onLines(first: string, ...further: readonly string[]): string {
  return [first, ...further].join(process.platform === 'win32' ? ' ' : ' \\\n    ');
}
