import { openJws } from '../agreement/jws.ts';
import { InputError, VerificationError } from '../errors.ts';
import { openAgreement } from '../session/openings.ts';
import { readBytes, readIdentity, refuseExisting, writeNew } from './files.ts';
import { readSealKey } from './seal-key.ts';
import { say } from './terminal.ts';

/** `parley open AGREEMENT --identity KEY --out OPENING` */
export async function open(
  path: string,
  flags: { readonly identity: string; readonly out: string },
): Promise<void> {
  await refuseExisting(flags.out);
  const bytes = await readBytes(path, 'the agreement file');
  const identity = await readIdentity(flags.identity);
  const sealKey = await readSealKey(flags.identity, identity);
  try {
    const opening = await openAgreement(openJws(bytes).jws, { identity: identity.publicKey, sealKey });
    await writeNew(flags.out, `${JSON.stringify(opening)}\n`, 0o600);
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw new InputError(cause.code, cause.message, {
      hint: 'use the agreement exactly as it was saved',
      cause,
    });
  }
  say(`opening saved to ${flags.out}: it shows what you entered, to whoever you give it`);
  say(`they check it with parley verify ${path} --opening ${flags.out}`);
}
