import { readArbiterCard } from '../../documents/arbiter-card.ts';
import type { ArbiterTerms } from '../../documents/arbiter-terms.ts';
import { fingerprint } from '../../documents/identity.ts';
import { type GeneralJws, jwsSchema } from '../../documents/jws.ts';
import { InputError } from '../../errors.ts';
import { readJson } from '../../node/home/files.ts';
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

/** Tells whose card terms have. */
export async function tellArbiter({ card }: ArbiterTerms): Promise<void> {
  say(`their arbiter is ${await fingerprint(readArbiterCard(card).key)}: make sure whose key that is`);
}

async function readCard(path: string): Promise<GeneralJws> {
  const card = jwsSchema.safeParse(await readJson(path, "the arbiter's card"));
  if (card.success) return card.data;
  throw new InputError('ERR_TERMS_INVALID', `${path} is not the card of an arbiter`, {
    hint: 'give what parley arbiter init printed',
  });
}
