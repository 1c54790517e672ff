import { bytesToInteger, gcd } from '../../crypto/integers.ts';
import { atOnce, type Slices } from '../../crypto/slices.ts';
import type { PublicKey } from '../public-key.ts';
import { challenges } from './challenges.ts';
import { keyProofLength } from './parameters.ts';
import { hasSmallFactor } from './small-factors.ts';

/**
 * Step 3: whether `proof` shows that gcd(N, φ(N)) = 1 for the key of the owner with this `identity` (Ed25519 public key,
 * 32 bytes). About eight exponentiations modulo N.
 */
export function verifyKeyProof(key: PublicKey, identity: Uint8Array, proof: Uint8Array): boolean {
  return atOnce(keyProofVerification(key, identity, proof));
}

/** The same in slices, of one exponentiation each. */
export function* keyProofVerification(
  key: PublicKey,
  identity: Uint8Array,
  proof: Uint8Array,
): Slices<boolean> {
  const { modulus, modulusLength } = key;
  if (proof.length !== keyProofLength(key)) return false;
  if (hasSmallFactor(modulus)) return false;
  const asked = challenges(key, identity);
  const roots = asked.map((_, index) =>
    bytesToInteger(proof.subarray(index * modulusLength, (index + 1) * modulusLength)),
  );
  if (roots.some((root) => root <= 0n || root >= modulus)) return false;
  const product = roots.reduce((value, root) => (value * root) % modulus, 1n);
  if (gcd(product, modulus) !== 1n) return false;
  for (const [index, root] of roots.entries()) {
    yield;
    if (key.byModulus.power(root, modulus) !== asked[index]) return false;
  }
  return true;
}
