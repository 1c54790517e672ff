import { generateIdentity, type LocalIdentity, rawPublicKey } from '../../src/documents/identity.ts';
import { PrivateKey } from '../../src/paillier/index.ts';
import { proveSealKey, type SealKey } from '../../src/seals/index.ts';
import keys from '../../test/fixtures/paillier-keys.json' with { type: 'json' };
import { once, seeded } from './shape.ts';

/** An identity whose key never changes. Its seed is the first 32 bytes of a stream. */
export function identity(number: number): LocalIdentity {
  return generateIdentity(seeded(number));
}

/** The two sides of most files, and the others who sign. */
export const people = {
  seller: () => identity(1),
  buyer: () => identity(2),
  arbiter: () => identity(3),
  judges: () => [identity(4), identity(5), identity(6)] as const,
  /** For whom the seller acts, and the members for whom the buyer does. */
  principal: () => identity(7),
  council: () => [identity(8), identity(9), identity(10)] as const,
  revoker: () => identity(11),
  board: () => [identity(12), identity(13), identity(14)] as const,
};

/** The seal keys of seller and buyer, whose primes are published with this repository. */
export const sealKeys = once((): Readonly<Record<'seller' | 'buyer', SealKey>> => {
  const [first, second] = keys.slice(0, 2).map((key) => PrivateKey.importJson(key));
  return {
    seller: proveSealKey(first!, rawPublicKey(people.seller().publicKey)),
    buyer: proveSealKey(second!, rawPublicKey(people.buyer().publicKey)),
  };
});
