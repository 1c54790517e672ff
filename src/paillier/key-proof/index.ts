export { keyProofLength } from './parameters.ts';
export { proveKey } from './prove.ts';
export { verifyKeyProof } from './verify.ts';
