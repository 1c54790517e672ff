import type { Bits, Engine, Fixing, Party, Release, Wires } from '../engine/engine.ts';
import type { Challenges, FixedEscrow } from '../escrow/index.ts';
import type { Link } from '../link/link.ts';
import { ShownRelease } from '../seals/index.ts';
import { WrappedEngine } from './wrapped-engine.ts';

export interface FairReveal {
  readonly link: Link;
  readonly fixed: FixedEscrow;
  readonly challenges: Challenges;
  /** F3, where no seals bring it along. */
  readonly fixing: Fixing | undefined;
  /** F6 and F7: gives the outcome for what masks it. */
  readonly exchange: (masked: Bits) => Promise<Bits>;
}

/**
 * The engine of a rule under terms with an arbiter. What it reveals of the outcome's wires is z (F4, F5), with the rule's `release`; then engagements and masks are
 * exchanged, and only then the rule gets its outcome.
 */
export class FairEngine extends WrappedEngine {
  private readonly fair: FairReveal;

  constructor(engine: Engine, fair: FairReveal) {
    super(engine);
    this.fair = fair;
  }

  protected async revealOutcome(wires: Wires, to: Party | 'both', release: Release): Promise<Bits> {
    if (to !== 'both') throw new Error('with an arbiter both parties get the outcome');
    const { link, fixed, challenges, fixing, exchange } = this.fair;
    const around = ShownRelease.ahead(fixed.shown(link, challenges), release);
    const masked = await this.engine.reveal(fixed.mask(this.engine, wires), 'both', around, fixing);
    return exchange(masked!);
  }
}
