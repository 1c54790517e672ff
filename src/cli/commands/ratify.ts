import { sameKey } from '../../documents/identity.ts';
import { serializeJws } from '../../documents/jws.ts';
import type { Answer } from '../../documents/ratification.ts';
import { signRatification } from '../../documents/ratification.ts';
import { calledIn } from '../../documents/roles.ts';
import { quoted } from '../../documents/text.ts';
import { readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { timeText } from './obligation-words.ts';
import { openOwn } from './own.ts';
import { readWitnessed } from './witness-files.ts';
import type { WitnessFlags } from './witness-options.ts';

export interface RatifyFlags extends WitnessFlags {
  readonly no?: boolean;
  readonly identity?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `parley ratify AGREEMENT [--no] [--identity KEY] --out F`: signs a member's answer to a deal. */
export async function ratify(path: string, flags: RatifyFlags, signal: AbortSignal): Promise<void> {
  await refuseExisting(flags.out);
  const agreement = await verifyAgreement(await readBytes(path, 'the agreement file'), {
    parties: 'unpinned',
    witnessed: await readWitnessed(flags),
  });
  const { terms, outcome } = agreement;
  if (agreement.ratification === undefined) {
    throw usageError(
      'there is nothing to ratify',
      outcome.deal ? 'the terms do not ask for it: the deal is in force' : 'there is no deal',
    );
  }
  const { identity } = await openOwn(flags.identity, signal);
  const [role, side] =
    Object.entries(terms.ratify!).find(([, { members }]) =>
      members.some((member) => sameKey(member, identity.publicKey)),
    ) ?? [];
  if (role === undefined || side === undefined) {
    throw usageError(
      'this identity is none of the members whom the terms name',
      `${commandName()} show ${path} lists them; take the member’s key with --identity`,
    );
  }
  const answer: Answer = flags.no === true ? 'no' : 'yes';
  if (answer === 'yes' && Date.now() >= 1_000 + Date.parse(side.by)) {
    throw usageError(`the time to ratify ended at ${side.by}`, 'a yes would count for nothing now');
  }
  await writeNew(flags.out, serializeJws(await signRatification(agreement, answer, identity)), 0o644);
  if (flags.json === true) printJson({ kind: 'ratification', answer, role, statement: flags.out });
  say(
    `${style('bold', answer)} to ${outcomeText(outcome, terms)} on ${quoted(terms.subject)}, for the ${calledIn(terms, role)}: ${flags.out}`,
  );
  const { at } = terms.publish!;
  say(
    answer === 'yes'
      ? `it counts if it is published in the log at ${quoted(at)} by ${timeText(side.by)}: whoever has it can do that`
      : `so that no yes can count after it, publish it in the log at ${quoted(at)}`,
  );
}
