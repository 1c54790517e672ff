import type { Mandate } from '../../../protocols/rule.ts';
import { openJws } from '../../documents/jws.ts';
import { InputError, VerificationError } from '../../errors.ts';
import { readBytes, readIdentity, readJson, refuseExisting, writeNew } from '../../node/home/files.ts';
import { homeIdentity } from '../../node/home/home.ts';
import { readSealKey } from '../../node/home/seal-key.ts';
import { openAgreement } from '../../verify/openings.ts';
import { commandName } from '../terminal/command-name.ts';
import { say } from '../terminal/terminal.ts';

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
