export { keyProofLength } from './parameters.ts';
export { isIntact, proveKey } from './prove.ts';
export { verifyKeyProof } from './verify.ts';
