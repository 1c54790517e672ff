import { type Exchange, ExchangingLink } from '../seals/index.ts';
import type { ChallengeExchange } from './challenges.ts';

/** The link between an engine and the peer where terms have an arbiter and no seals: it takes commitments to challenges along, as keys of seals would. */
export class CommitmentLink extends ExchangingLink {
  /** Begins to exchange commitments. To be called once; first says its own. */
  async begin(challenges: ChallengeExchange, first: boolean): Promise<void> {
    if (first) await challenges.commit();
    this.begun(new CommitmentExchange(challenges, first));
  }
}

class CommitmentExchange implements Exchange {
  readonly first: boolean;
  done = false;
  private readonly challenges: ChallengeExchange;
  private exchanging: Promise<void> | undefined;

  constructor(challenges: ChallengeExchange, first: boolean) {
    this.challenges = challenges;
    this.first = first;
  }

  exchanged(): Promise<void> {
    this.exchanging ??= this.run();
    return this.exchanging;
  }

  private async run(): Promise<void> {
    await this.challenges.receiveCommitment();
    if (!this.first) await this.challenges.commit();
    this.done = true;
  }
}
