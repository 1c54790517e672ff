import type { Mandate } from '../../../protocols/rule.ts';
import { openJws } from '../../documents/jws.ts';
import { InputError } from '../../errors.ts';
import { readBytes, readJson, refuseExisting, writeNew } from '../../node/home/files.ts';
import { openAgreement } from '../../verify/openings.ts';
import { commandName } from '../terminal/command-name.ts';
import { tellSealKey } from '../terminal/seal-key.ts';
import { say } from '../terminal/terminal.ts';
import { openOwn } from './own.ts';

export interface OpenFlags {
  readonly identity?: string;
  readonly mandate?: string;
  readonly out: string;
}

/** `parley open AGREEMENT [--identity KEY] [--mandate FILE] --out OPENING`: with the person's own identity if none is named. */
export async function open(path: string, flags: OpenFlags, signal: AbortSignal): Promise<void> {
  await refuseExisting(flags.out);
  const bytes = await readBytes(path, 'the agreement file');
  const { home, identity } = await openOwn(flags.identity, signal);
  const sealKey = await home.sealKey(identity.publicKey, tellSealKey);
  if (sealKey === undefined) {
    throw new InputError('ERR_FILE', `there is no seal key beside ${home.identityFile}`, {
      hint: 'restore it from a copy; without it, seals made with it cannot be opened',
    });
  }
  const mandate =
    flags.mandate === undefined ? undefined : ((await readJson(flags.mandate, 'the mandate')) as Mandate);
  const { publicKey } = identity;
  const opening = await openAgreement(openJws(bytes).jws, { identity: publicKey, sealKey, mandate });
  await writeNew(flags.out, `${JSON.stringify(opening)}\n`, 0o600);
  say(`opening saved to ${flags.out}: it shows what you entered, to whoever you give it`);
  say(`they check it with ${commandName()} verify ${path} --opening ${flags.out}`);
}
