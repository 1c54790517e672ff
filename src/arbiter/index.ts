export { type Arbiter, type ArbiterOptions, defineArbiter } from './arbiter.ts';
export {
  type ArbiterRequest,
  type ArbiterSend,
  type ComplainOptions,
  complain,
  conclude,
  type DisputeEnd,
  questionOf,
  requestOf,
} from './complain.ts';
export { type Contradiction, verifyContradiction } from './contradiction.ts';
export {
  type Dispute,
  type ReadDispute,
  readDispute,
  type SignedOpening,
  serializeDispute,
} from './dispute.ts';
export { type Proved, proveOpened, type Side } from './prove.ts';
export { type Pending, type Resolved, settle, type Voided } from './settle.ts';
export { type CaseStore, memoryCases } from './store.ts';
