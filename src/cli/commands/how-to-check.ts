import { fingerprint } from '../../documents/identity.ts';
import { calledIn } from '../../documents/roles.ts';
import type { Terms } from '../../documents/terms.ts';
import { commandName, onLines } from '../terminal/command-name.ts';
import { say, style } from '../terminal/terminal.ts';

/** Says how to check an agreement, or what takes its place, against the key of the other side. `role` is this side's. */
export async function sayHowToCheck(path: string, terms: Terms, role: string): Promise<void> {
  const peer = Object.keys(terms.parties).find((one) => one !== role)!;
  const pin = `--party ${calledIn(terms, peer)}=${await fingerprint(terms.parties[peer]!)}`;
  say(style('dim', `check it at any time: ${onLines(`${commandName()} verify ${path}`, pin)}`));
}
