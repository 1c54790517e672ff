import { toHex } from '../../crypto/encoding.ts';
import { sameKey, thumbprint } from '../../documents/identity.ts';
import { decodeBase64url } from '../../documents/json.ts';
import { VerificationError } from '../../errors.ts';
import { verifyContradictingVerdicts } from '../../verify/obligations/contradiction.ts';
import { exitCodes } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import type { Known } from './known.ts';

export interface VerdictFlags {
  readonly judge?: string | undefined;
  readonly unpinned?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `parley verify VERDICT --contradiction OTHER [--judge KEY | --unpinned]`: whether a judge has said both. Returns the exit code. Throws VerificationError. */
export async function reportVerdicts(
  one: Uint8Array,
  other: Uint8Array,
  { judge, unpinned = false, json = false }: VerdictFlags,
  people: Known,
): Promise<number> {
  const { judges, agreement, obligation } = verifyContradictingVerdicts(one, other);
  const wanted = judge === undefined ? undefined : await people.key(judge);
  const isWanted = (key: (typeof judges)[number]) =>
    typeof wanted === 'string' ? wanted === thumbprint(key) : wanted !== undefined && sameKey(wanted, key);
  if (wanted !== undefined && !judges.some(isWanted)) {
    throw new VerificationError('ERR_STATEMENT_SIGNERS', 'the judge that you named has not signed both');
  }
  const pinned = wanted !== undefined;
  const digest = toHex(decodeBase64url(agreement)!);
  if (json) {
    const members = { judges: judges.map(thumbprint), agreement: digest, obligation };
    printJson({ valid: true, kind: 'contradiction', pinned, ...members });
  }
  say(`${style(['bold', 'red'], 'a judge has said both')} about ${obligation}: kept, and broken`);
  say(`  in the agreement with the outcome digest ${digest}`);
  for (const key of judges) {
    const name = people.nameOf(key);
    const mark = isWanted(key) ? 'the key you named' : 'not pinned: check whose key this is';
    say(`  judge ${name === undefined ? '' : `${name}, `}${thumbprint(key)} (${mark})`);
  }
  return pinned || unpinned ? exitCodes.done : exitCodes.unpinned;
}
