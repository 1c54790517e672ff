import { concatBytes } from '../../crypto/bytes.ts';
import { bytesToInteger, integerToBytes } from '../../crypto/integers.ts';
import type { PrivateKey } from '../private-key.ts';
import type { PublicKey } from '../public-key.ts';
import { challenges } from './challenges.ts';
import { keyProofLength } from './parameters.ts';

/**
 * Steps 1 and 2: the proof that `key` is well formed, bound to its owner's `identity` (Ed25519 public key, 32 bytes): eight
 * roots, each as long as N. Throws if the computation went wrong, which would reveal the primes.
 */
export function proveKey(key: PrivateKey, identity: Uint8Array): Uint8Array {
  const { publicKey } = key;
  const roots = challenges(publicKey, identity).map((challenge) => key.root(challenge));
  const proof = concatBytes(...roots.map((root) => integerToBytes(root, publicKey.modulusLength)));
  if (!isIntact(publicKey, identity, proof)) throw new Error('a root of the key proof is wrong');
  return proof;
}

/**
 * Whether the product of all roots is right. It tells an owner that its own proof is undamaged, at an eighth of the cost of
 * verification. It shows nothing about anybody else's proof.
 */
export function isIntact(key: PublicKey, identity: Uint8Array, proof: Uint8Array): boolean {
  if (proof.length !== keyProofLength(key)) return false;
  const { modulus, modulusLength } = key;
  let challenge = 1n;
  let root = 1n;
  for (const [index, asked] of challenges(key, identity).entries()) {
    challenge = (challenge * asked) % modulus;
    root *= bytesToInteger(proof.subarray(index * modulusLength, (index + 1) * modulusLength));
    root %= modulus;
  }
  return key.byModulus.power(root, modulus) === challenge;
}
