export { Challenge, type OpenedChallenge, openedChallenge } from './challenge.ts';
export { linkAnds, linkCircuit } from './circuit.ts';
export { fingerprintMask, hideRest } from './commitment.ts';
export { EnteredSeal } from './entered-seal.ts';
export { KeyExchange, SealExchange, type SealOptions } from './exchange.ts';
export { type Exchange, ExchangingLink } from './exchanging-link.ts';
export { type KeyMemory, loadSealKey, proveSealKey, type SealKey } from './keys.ts';
export { type EnteredValues, type LinkEngine, SealLink } from './link.ts';
export { Mask } from './mask.ts';
export {
  type OpenedSeal,
  type OpeningContext,
  openSeal,
  type SealOpening,
  verifyOpening,
} from './opening.ts';
export { MAX_SEALED_BITS, maskWidth } from './parameters.ts';
export {
  commitsTo,
  reopenSeal,
  Seal,
  SealedValue,
  type SealForm,
  type SealJson,
  sealPrepared,
  sealValue,
} from './seal.ts';
export { type Halves, type Shown, ShownRelease } from './shown.ts';
