import type { Command } from 'commander';

/** Flags with what shows whether mandate certificates were used in time. */
export interface WitnessFlags {
  readonly witnessed?: readonly string[];
  readonly trustedLog?: string;
}

/** Adds them to a command that verifies an agreement. */
export function addWitnessOptions(command: Command): Command {
  return command
    .option(
      '--witnessed <PROOF>',
      'a proof that a log had the document, or a list of revocations: was a mandate certificate used in time?',
      append,
    )
    .option(
      '--trusted-log <FILE>',
      'with --witnessed: the log and the witnesses whose word you take, written as publish in terms',
    );
}

/** Collects an option that may be given more than once. */
export function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
