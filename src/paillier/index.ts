export { Ciphertext, Randomness } from './ciphertext.ts';
export {
  add,
  combineRandomness,
  decrypt,
  encrypt,
  encryptOwn,
  multiply,
  opens,
  recoverRandomness,
  rerandomise,
} from './encryption.ts';
export { MAX_PLAINTEXT_BITS, type Plaintext, plaintext } from './plaintext.ts';
export { PreparedEncryption } from './prepared-encryption.ts';
export { generateKey, PrivateKey, type PrivateKeyJson } from './private-key.ts';
export {
  isModulusLength,
  MAX_MODULUS_BITS,
  MIN_MODULUS_BITS,
  PublicKey,
  type PublicKeyJson,
} from './public-key.ts';
