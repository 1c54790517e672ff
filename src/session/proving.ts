import type { Engine, ProvingEngine } from '../engine/engine.ts';

/** Whether an engine can prove what circuits give for what has been entered. */
export function hasProofs(engine: Engine): engine is ProvingEngine {
  return 'expectProof' in engine;
}
