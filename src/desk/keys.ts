import { fingerprint, generateIdentity, type Identity } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import type { SealKey } from '../seals/index.ts';
import { createSealKey } from '../session/seal-key.ts';
import type { Home, LockedIdentity } from './home.ts';
import { type DeskEvent, type Person, requireAnswer } from './person.ts';

/** This side's identity, unlocked. Made if there is none yet. */
export async function ownIdentity(
  home: Home,
  person: Person | undefined,
  signal: AbortSignal,
  tell: (event: DeskEvent) => void,
): Promise<Identity> {
  const found = await home.identity();
  if (found !== undefined) return unlocked(found, person, signal);
  const made = generateIdentity();
  const place = await home.keepIdentity(made);
  tell({ kind: 'identityMade', fingerprint: await fingerprint(made.publicKey), place });
  return made;
}

/**
 * Unlocks an identity from a home. If it has a passphrase, the person is asked until the answer is right. Throws InputError `ERR_USAGE` if nobody can
 * be asked, and what the person throws.
 */
export async function unlocked(
  found: Identity | LockedIdentity,
  person: Person | undefined,
  signal: AbortSignal,
): Promise<Identity> {
  if (!('unlock' in found)) return found;
  const { place } = found;
  requireAnswer(person, 'passphrase');
  for (let refused: unknown; ; ) {
    const passphrase = await person!.passphrase!({ place, refused, signal });
    try {
      return await found.unlock(passphrase);
    } catch (error) {
      if (!(error instanceof InputError && error.code === 'ERR_PASSPHRASE')) throw error;
      refused = error;
    }
  }
}

/** This side's seal key. Made if there is none yet. */
export async function ownSealKey(
  home: Home,
  identity: PublicJwk,
  tell: (event: DeskEvent) => void,
): Promise<SealKey> {
  const found = await home.sealKey(identity, tell);
  if (found !== undefined) return found;
  tell({ kind: 'makingSealKey' });
  const made = await createSealKey(identity);
  tell({ kind: 'sealKeyMade', place: await home.keepSealKey(made) });
  return made;
}
