import type { Mandate } from '../../protocols/rule.ts';
import { openJws } from '../agreement/jws.ts';
import { InputError, VerificationError } from '../errors.ts';
import { openAgreement } from '../session/openings.ts';
import { commandName } from './command-name.ts';
import { readBytes, readIdentity, readJson, refuseExisting, writeNew } from './files.ts';
import { homeIdentity } from './home.ts';
import { readSealKey } from './seal-key.ts';
import { say } from './terminal.ts';

export interface OpenFlags {
  readonly identity?: string;
  readonly mandate?: string;
  readonly out: string;
}

/** `parley open AGREEMENT [--identity KEY] [--mandate FILE] --out OPENING`: by the person's own identity, if none is named. */
export async function open(path: string, flags: OpenFlags, signal: AbortSignal): Promise<void> {
  await refuseExisting(flags.out);
  const bytes = await readBytes(path, 'the agreement file');
  const key = flags.identity ?? homeIdentity();
  const identity = await readIdentity(key, signal);
  const sealKey = await readSealKey(key, identity);
  const mandate =
    flags.mandate === undefined ? undefined : ((await readJson(flags.mandate, 'the mandate')) as Mandate);
  try {
    const opening = await openAgreement(openJws(bytes).jws, {
      identity: identity.publicKey,
      sealKey,
      mandate,
    });
    await writeNew(flags.out, `${JSON.stringify(opening)}\n`, 0o600);
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw new InputError(cause.code, cause.message, {
      hint: 'use the agreement exactly as it was saved',
      cause,
    });
  }
  say(`opening saved to ${flags.out}: it shows what you entered, to whoever you give it`);
  say(`they check it with ${commandName()} verify ${path} --opening ${flags.out}`);
}
