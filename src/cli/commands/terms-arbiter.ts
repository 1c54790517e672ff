import { arbiterFingerprint, readArbiterCard } from '../../documents/arbiter-card.ts';
import type { ArbiterTerms } from '../../documents/arbiter-terms.ts';
import { type GeneralJws, jwsSchema } from '../../documents/jws.ts';
import type { Terms } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { readJson } from '../../node/home/files.ts';
import { leavesRoom } from '../../session/preflight.ts';
import { usageError } from '../terminal/failure.ts';
import { parseDuration } from '../terminal/flags.ts';
import { say } from '../terminal/terminal.ts';

/** The window where none is given. */
const WINDOW = '10m';

export interface ArbiterFlags {
  readonly arbiter?: string;
  readonly window?: string;
}

/** What `--arbiter CARD` and `--window TIME` say; undefined without an arbiter. Throws InputError. */
export async function readArbiterFlags({ arbiter, window }: ArbiterFlags): Promise<ArbiterTerms | undefined> {
  if (arbiter === undefined) {
    if (window === undefined) return undefined;
    throw usageError('--window is the time to complain to an arbiter', 'add --arbiter CARD');
  }
  const milliseconds = parseDuration(window ?? WINDOW, '--window');
  if (milliseconds % 1_000 !== 0) throw usageError('--window has whole seconds', 'write one like 10m');
  return { card: await readCard(arbiter), window: milliseconds / 1_000 };
}

/** Requires that the window is over before the terms' deadline: nobody engages if it would not be. Throws InputError `ERR_USAGE`. */
export function requireWindow({ expires }: Pick<Terms, 'expires'>, arbiter: ArbiterTerms): void {
  if (leavesRoom({ expires, arbiter })) return;
  throw usageError(
    `a deadline at ${expires} leaves no room for the ${arbiter.window} seconds in which a side may complain`,
    'give more time with --expires, or less with --window',
  );
}

/** Tells whose card terms have. */
export function tellArbiter({ card }: ArbiterTerms): void {
  say(`their arbiter is ${arbiterFingerprint(readArbiterCard(card))}: make sure whose fingerprint that is`);
}

async function readCard(path: string): Promise<GeneralJws> {
  const card = jwsSchema.safeParse(await readJson(path, "the arbiter's card"));
  if (card.success) return card.data;
  throw new InputError('ERR_TERMS_INVALID', `${path} is not the card of an arbiter`, {
    hint: 'give what parley arbiter init printed',
  });
}
