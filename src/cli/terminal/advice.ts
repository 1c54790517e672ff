import { type ErrorCode, errorEntry, type ParleyError } from '../../errors.ts';
import { commandName } from './command-name.ts';

/** What a person at the command can do about an error, in place of the hint for programs in the table of errors. */
const ADVICE: Partial<Readonly<Record<ErrorCode, (command: string) => string>>> = {
  ERR_USAGE: (command) => `run ${command} --help`,
  ERR_JSON: () => 'correct the file; docs/reference.md shows its form',
  ERR_TERMS_INVALID: () => 'correct the terms; docs/reference.md shows their form',
  ERR_MANDATE_MISSING: () => 'give that mandate, too, with --mandate FILE',
  ERR_KEY_INVALID: (command) => `use a key that Parley made; ${command} keygen makes one`,
  ERR_LEAKAGE_UNKNOWN: () => 'protocols/leakage/README.md says for what there is a figure',
  ERR_IMPORT_UNSUPPORTED: () => 'protocols/import/README.md says what can be imported',
  ERR_IMPORT_STEP: () => 'give one with --real-step, such as 0.5',
  ERR_ATTEMPTS_EXHAUSTED: (command) =>
    `agree on new terms, with more attempts (${command} terms new --attempts 2) or about another matter (--matter)`,
  ERR_TERMS_DECLINED: () => 'agree on other terms and host again: that makes a new invite',
  ERR_CLOCK: () =>
    'compare both clocks with the right time (date -u prints this one), set the one that is wrong, and start again; you are not bound',
  ERR_TIMEOUT: () => 'check that the other side is running, or give more time with --wait or --timeout',
  ERR_PEER_BARRED: (command) =>
    `${command} ledger shows how; find out why, and if you want to deal with it again, ${command} ledger --forgive KEY`,
  ERR_KERNEL_MISSING: () => 'run npm run prepare (npm install --ignore-scripts skips it)',
  ERR_INTERNAL: () => 'set PARLEY_DEBUG=1 for details, and report it',
};

/** What to do about an error: its own hint if that says more than the table, otherwise the advice for the command. */
export function adviceFor({ code, hint }: ParleyError): string {
  return hint === errorEntry(code)?.action ? (ADVICE[code]?.(commandName()) ?? hint) : hint;
}
