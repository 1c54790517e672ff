import type { SignedDelegations } from '../../documents/bound-party.ts';
import { principalFingerprint, readDelegation } from '../../documents/delegation.ts';
import { fingerprint } from '../../documents/identity.ts';
import { openJws } from '../../documents/jws.ts';
import { calledIn } from '../../documents/roles.ts';
import type { Terms } from '../../documents/terms.ts';
import { readBytes } from '../../node/home/files.ts';
import { isProvedOutcome, readProvedOutcome } from '../../verify/proved-form.ts';
import { commandName, onLines } from '../terminal/command-name.ts';
import { say, style } from '../terminal/terminal.ts';

/** Says how to check an agreement, or what takes its place, against the other side: its key, or the principal whom it has bound. `role` is this side's. */
export async function sayHowToCheck(path: string, terms: Terms, role: string): Promise<void> {
  const peer = Object.keys(terms.parties).find((one) => one !== role)!;
  const acts = terms.mandates?.[peer] !== undefined;
  const bound = acts ? await principalIn(path, peer) : await fingerprint(terms.parties[peer]!);
  const pin = `--party ${calledIn(terms, peer)}=${bound}`;
  say(style('dim', `check it at any time: ${onLines(`${commandName()} verify ${path}`, pin)}`));
}

/** Fingerprint of the principal whom a role of a saved document binds. */
async function principalIn(path: string, role: string): Promise<string> {
  const bytes = await readBytes(path, 'the agreement');
  const document = isProvedOutcome(bytes) ? readProvedOutcome(bytes) : openJws(bytes).payload;
  const { mandates } = document as { readonly mandates: SignedDelegations };
  return principalFingerprint(readDelegation(mandates[role]!).certificate.principal);
}
