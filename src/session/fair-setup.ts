import type { Random } from '../crypto/random.ts';
import type { Engine, Fixing } from '../engine/engine.ts';
import {
  type Arbiter,
  ChallengeExchange,
  type Challenges,
  CommitmentLink,
  Deposit,
  escrowLabel,
  FixedEscrow,
} from '../escrow/index.ts';
import type { Link } from '../link/link.ts';
import { baseOtPoints } from '../ot/index.ts';
import type { Halves } from '../seals/index.ts';
import type { Side } from './preflight.ts';
import { hasProofs } from './proving.ts';

export interface FairOptions {
  readonly side: Side;
  readonly arbiter: Arbiter;
  /** Names this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  /** Whether this side garbles. */
  readonly garbles: boolean;
  readonly random: Random;
}

/** F0 to F2 of one negotiation under terms with an arbiter (src/escrow/README.md), before this side has its mandate. */
export class FairSetup {
  /** Over which the engine speaks where the terms have no seals. */
  readonly link: CommitmentLink | undefined;
  private readonly under: Link;
  private readonly options: FairOptions;
  private readonly bare: ChallengeExchange | undefined;
  private deposit: Deposit | undefined;
  private fixed: FixedEscrow | undefined;

  constructor(link: Link, options: FairOptions) {
    const { side, session, garbles, random } = options;
    this.under = link;
    this.options = options;
    if (side.terms.seals !== 'none') return;
    this.link = new CommitmentLink(link, [baseOtPoints]);
    const { party } = side;
    this.bare = new ChallengeExchange({
      link,
      session,
      party,
      first: garbles,
      random,
      deposit: this.beside(),
    });
  }

  /** F0, begun: it goes on while this side waits for the peer. Needs neither a mandate nor the peer. */
  make(): void {
    const { side, arbiter, session, random } = this.options;
    const { party, role, peerRole, digest: terms } = side;
    const key = arbiter.escrowKey;
    const labelOf = (of: string) => escrowLabel({ session, terms, role: of, key });
    const [own, theirs] = [labelOf(role), labelOf(peerRole)];
    const labels = party === 'a' ? { a: own, b: theirs } : { a: theirs, b: own };
    this.deposit = new Deposit({ party, labels, key, width: side.bound.outcomeWidth!, random });
  }

  /** Once this side's escrow is made. */
  async ready(): Promise<void> {
    await this.made().ready();
  }

  /** F1, with the rest of F2. */
  beside(): Halves {
    const halves = () => {
      if (this.fixed === undefined) throw new Error('an escrow is fixed in an engine');
      return this.fixed.beside(this.under);
    };
    return { send: () => halves().send(), receive: () => halves().receive() };
  }

  /** Exchanges commitments to challenges, where the terms have no seals, whose own would serve otherwise. */
  async begin(): Promise<void> {
    if (this.link === undefined || this.bare === undefined) return;
    await this.link.begin(this.bare, this.options.garbles);
  }

  /** F2, in the engine, when it is first asked for. */
  fixIn(engine: Engine): FixedEscrow {
    if (!hasProofs(engine)) throw new Error('an arbiter needs an engine that proves');
    this.fixed ??= new FixedEscrow(this.made(), engine);
    return this.fixed;
  }

  /** F1 and F3 where the terms have no seals, which bring them along otherwise. */
  fixing(): Fixing | undefined {
    return this.bare?.fixing();
  }

  /** The challenges of both sides: those of the seals, where the terms have any. */
  challenges(seals: Challenges | undefined): Challenges {
    const challenges = seals ?? this.bare;
    if (challenges === undefined) throw new Error('the challenges are those of the seals');
    return challenges;
  }

  /** Zeroes this side's mask, its shares, and all seeds that have not been given out. */
  discard(): void {
    this.deposit?.discard();
    this.fixed?.discard();
  }

  private made(): Deposit {
    if (this.deposit === undefined) throw new Error('an escrow is made first');
    return this.deposit;
  }
}
