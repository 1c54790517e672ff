export { keyProofLength } from './parameters.ts';
export { isIntact, proveKey } from './prove.ts';
export { keyProofVerification, verifyKeyProof } from './verify.ts';
