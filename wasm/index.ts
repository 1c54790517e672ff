// The kernels, one file for each idea. Every pointer is a byte offset into the shared memory, 16-byte aligned
// where blocks are meant.
export { sumBlocks, xorBlocks } from './blocks';
export { addPublicBits, packBits } from './bits';
export { addTweaks } from './chosen-hash';
export { correctBuckets, fillBuckets, shuffle } from './buckets';
export { leakyChoices, leakyCiphertexts, leakyHashBlocks, leakyShares } from './leaky-and';
export {
  evaluateGates,
  evaluateInputs,
  fitTriples,
  garbleGates,
  garbleInputs,
  gateCheckExpected,
  gateCheckSums,
  propagate,
} from './authenticated-gates';
export { evaluateFinish, evaluatePrepare, garbleFinish, garblePrepare } from './half-gates';
export { evaluateKeptGates, foldMacs, keptCheckShares } from './kept-gates';
export { naturalInputs } from './natural-hash';
export { broadcastSlots, collectSlots, extractBits, scatterCopies, xorSelected, xorTriples } from './labels';
export { addWhere, clearBits, foldLeaves, leafInputs, placeBits } from './leaves';
export { addEncoded } from './local-code';
export {
  growNodes,
  growRoots,
  nodeInputs,
  regrowInputs,
  regrowLeaves,
  regrowNodes,
  regrowRoots,
} from './punctured-trees';
export { transposeColumns } from './transpose';
export { hashBits, hashMatrix, hashRows, hashRowsTwice, multiplyBlocks, weighBlocks } from './universal-hash';
export {
  ristrettoAdd,
  ristrettoContext,
  ristrettoDecode,
  ristrettoDouble,
  ristrettoEncodeDoubles,
  ristrettoMap,
  ristrettoMultiply,
  ristrettoMultiplyFixed,
  ristrettoSubtract,
  ristrettoTables,
} from './ristretto255';
