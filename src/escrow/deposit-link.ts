import type { Link } from '../link/link.ts';
import { type Exchange, ExchangingLink } from '../seals/index.ts';
import type { ChallengeExchange } from './challenges.ts';
import type { Deposit } from './deposit.ts';

/** The link between an engine and the peer where terms have an arbiter and no seals: it takes the deposits along, as keys of seals would. */
export class DepositLink extends ExchangingLink {
  /** Begins F1. To be called once; first says its commitment. */
  async begin(deposit: Deposit, challenges: ChallengeExchange, first: boolean): Promise<void> {
    const exchange = new DepositExchange(this.link, deposit, challenges, first);
    if (first) await challenges.send();
    this.begun(exchange);
  }
}

/** The same at one party: commitments to challenges of both, and second's deposit. First's goes with its challenge (`ChallengeExchange.fixing`). */
class DepositExchange implements Exchange {
  readonly first: boolean;
  done = false;
  private readonly link: Link;
  private readonly deposit: Deposit;
  private readonly challenges: ChallengeExchange;
  private exchanging: Promise<void> | undefined;

  constructor(link: Link, deposit: Deposit, challenges: ChallengeExchange, first: boolean) {
    this.link = link;
    this.deposit = deposit;
    this.challenges = challenges;
    this.first = first;
  }

  exchanged(): Promise<void> {
    this.exchanging ??= this.run();
    return this.exchanging;
  }

  private async run(): Promise<void> {
    await this.challenges.receive();
    if (this.first) await this.deposit.receive(this.link);
    else {
      await this.challenges.send();
      await this.deposit.send(this.link);
    }
    this.done = true;
  }
}
