import { concatBytes } from '../../crypto/bytes.ts';
import { integerToBytes } from '../../crypto/integers.ts';
import type { PrivateKey } from '../private-key.ts';
import { challenges } from './challenges.ts';

/**
 * Steps 1 and 2: the proof that `key` is well formed, bound to its owner's `identity` (Ed25519 public key, 32 bytes): eight
 * roots, each as long as N. Throws if the computation went wrong, which would reveal the primes.
 */
export function proveKey(key: PrivateKey, identity: Uint8Array): Uint8Array {
  const { publicKey } = key;
  const asked = challenges(publicKey, identity);
  const roots = asked.map((challenge) => key.root(challenge));
  const multiplied = (values: readonly bigint[]): bigint =>
    values.reduce((product, value) => (product * value) % publicKey.modulus, 1n);
  if (publicKey.byModulus.power(multiplied(roots), publicKey.modulus) !== multiplied(asked)) {
    throw new Error('a root of the key proof is wrong');
  }
  return concatBytes(...roots.map((root) => integerToBytes(root, publicKey.modulusLength)));
}
