import { hash } from '../../src/crypto/hash.ts';
import { integerToBytes } from '../../src/crypto/integers.ts';
import { tags } from '../../src/crypto/tags.ts';
import { people, sealKeys } from './people.ts';
import { hex, type Maker } from './shape.ts';

export const keyProofs: Maker = {
  about: 'Two Paillier keys with their primes, and the proofs that they are well formed.',
  make: () => ({
    keys: Object.entries(sealKeys()).map(([role, { key, identity, proof }]) => {
      const { publicKey, p, q } = key;
      const prime = (value: bigint) => hex(integerToBytes(value, publicKey.modulusLength / 2));
      return {
        owner: people[role as 'seller' | 'buyer']().publicKey,
        modulus: hex(publicKey.toBytes()),
        p: prime(p.prime),
        q: prime(q.prime),
        proof: hex(proof),
        remembered: hex(hash(tags.sealKey, identity, publicKey.toBytes())),
      };
    }),
  }),
};
