import { membersOf } from '../../../protocols/define.ts';
import { verifyContradiction } from '../../arbiter/index.ts';
import { toHex } from '../../crypto/encoding.ts';
import { type ArbiterCard, arbiterFingerprint, readArbiterCard } from '../../documents/arbiter-card.ts';
import { readFairEngagement } from '../../documents/fair-engagement.ts';
import { openJws } from '../../documents/jws.ts';
import { isVoid } from '../../documents/void.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { exitCodes } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

export interface ContradictionFlags {
  /** The other one of the two answers. */
  readonly contradiction: string;
  readonly arbiter?: string;
  readonly unpinned?: boolean;
  readonly json?: boolean;
}

/**
 * `parley verify ANSWER --contradiction OTHER [--arbiter FINGERPRINT | --unpinned]`: whether an arbiter has signed a resolution and a void of one case. Returns the exit
 * code. Throws VerificationError.
 */
export async function reportContradiction(path: string, flags: ContradictionFlags): Promise<number> {
  const { contradiction, arbiter, unpinned = false, json = false } = flags;
  const wanted = arbiter === undefined ? undefined : await readFingerprint(arbiter);
  const [one, other] = [await readBytes(path, 'the answer'), await readBytes(contradiction, 'the answer')];
  const [resolution, statement] = isVoid(one) ? [other, one] : [one, other];
  const card = cardIn(resolution);
  const fingerprint = arbiterFingerprint(card);
  if (wanted !== undefined && wanted !== fingerprint) {
    throw new VerificationError('ERR_AGREEMENT_PARTIES', 'the case is that of another arbiter');
  }
  const { case: name, resolved, asOf } = verifyContradiction({ resolution, void: statement }, card.key);
  const pinned = wanted !== undefined;
  if (json) {
    const members = { arbiter: fingerprint, case: toHex(name), resolved, asOf };
    printJson({ valid: true, kind: 'contradiction', pinned, ...members });
  }
  say(`${style(['bold', 'red'], 'the arbiter has broken its word')} in the case ${toHex(name)}`);
  say(`  at ${resolved} it opened what both sides had encrypted to it`);
  say(`  as of ${asOf} it signed that it had opened nothing, and never would`);
  say(
    `  arbiter ${fingerprint} (${pinned ? 'the one you named' : 'not pinned: check whose fingerprint this is'})`,
  );
  return pinned || unpinned ? exitCodes.done : exitCodes.unpinned;
}

/** An arbiter's fingerprint: itself, or from a card. */
async function readFingerprint(text: string): Promise<string> {
  if (/^[\w-]{43}$/.test(text)) return text;
  return arbiterFingerprint(readArbiterCard((await readJson(text, "the arbiter's card")) as object));
}

/** The card in the terms of a resolution's engagements. Nothing is verified but the card and one engagement. */
function cardIn(resolution: Uint8Array): ArbiterCard {
  const engagements = membersOf(membersOf(openJws(resolution).payload).engagements);
  const [engagement] = Object.values(engagements);
  if (typeof engagement !== 'object' || engagement === null)
    throw new VerificationError(
      'ERR_RESOLUTION_INVALID',
      'one of the two has to be a resolution, the other a void',
    );
  return readArbiterCard(readFairEngagement(engagement).arbiter.card);
}
