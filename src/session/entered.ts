import type { Entry } from '../../protocols/rule.ts';
import type { SealsByRole } from '../documents/agreement.ts';
import type { Fingerprints } from '../documents/fingerprints.ts';
import type { Engine } from '../engine/engine.ts';

/** What the signed documents hold about the seals. */
export interface Evidence {
  /** Both seals, where the terms have seals. */
  readonly seals: SealsByRole | undefined;
  /** Fingerprints of what the parties have entered, as far as they are known, where the seals have commitments. */
  readonly fingerprints: Fingerprints | undefined;
}

/** After step 3: a negotiation in which this side's mandate has been entered. */
export interface Entered {
  /** What this side enters into the computation. */
  readonly entry: Entry;
  /** The engine for the rule, which links what it enters to what was sealed. */
  link(engine: Engine): Promise<Engine>;
  /** Resolves once both sides' seals are known. */
  evidence(): Promise<Evidence>;
}

/** An entry without a seal. */
export function unsealed(entry: Entry): Entered {
  return {
    entry,
    link: async (engine) => engine,
    evidence: async () => ({ seals: undefined, fingerprints: undefined }),
  };
}
