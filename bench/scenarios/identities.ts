import { seededRandom } from '../../src/crypto/random.ts';
import { generateIdentity } from '../../src/documents/identity.ts';

/** Who the two processes of a measurement are. */
export const identity = {
  left: generateIdentity(seededRandom(new Uint8Array(16).fill(1))),
  right: generateIdentity(seededRandom(new Uint8Array(16).fill(2))),
};
