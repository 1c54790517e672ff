import { loadSodium } from '../crypto/sodium.ts';
import { rawPublicKey } from '../documents/identity.ts';
import type { PublicJwk } from '../documents/terms.ts';
import { generateKey } from '../paillier/index.ts';
import { proveSealKey, type SealKey } from '../seals/index.ts';

/**
 * A new seal key with its proof, for an identity: a Paillier key of at least 3072 bits (the default). Takes a fraction of a second. Whoever has the
 * key can read the seals made with it; without the key they cannot be opened.
 */
export async function createSealKey(identity: PublicJwk, bits?: number): Promise<SealKey> {
  await loadSodium();
  return proveSealKey(await generateKey(bits), rawPublicKey(identity));
}
