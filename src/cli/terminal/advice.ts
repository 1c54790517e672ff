import { commandName } from './command-name.ts';

/** What to do about a failure on the command line, by its code: beside what the error itself says, which names no flag and no file. */
const ADVICE: Readonly<Record<string, (command: string) => string>> = {
  ERR_KEY_INVALID: (command) => `${command} keygen makes a key`,
  ERR_TERMS_INVALID: () => 'README.md shows the form of terms',
  ERR_JSON: () => 'README.md shows the form of each file',
  ERR_IMPORT_UNSUPPORTED: () =>
    '--real-step gives a step; protocols/import/README.md says what can be imported',
  ERR_LEAKAGE_UNKNOWN: () => 'protocols/leakage/README.md says for what there is a figure',
  ERR_PEER_BARRED: (command) => `${command} ledger --forgive KEY`,
  ERR_TIMEOUT: () => '--wait and --timeout give more time',
};

/** A hint with what the command line can do. */
export function withAdvice(code: string, hint: string): string {
  const advice = ADVICE[code]?.(commandName());
  if (advice === undefined) return hint;
  return hint === '' ? advice : `${hint} (${advice})`;
}
