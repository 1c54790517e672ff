import type { Party } from '../circuit/party.ts';
import type { Random } from '../crypto/random.ts';
import type { Fixing } from '../engine/engine.ts';
import type { Link } from '../link/link.ts';
import { Challenge, type Halves, type OpenedChallenge, openedChallenge } from '../seals/index.ts';
import { sealChallenge } from '../seals/messages.ts';
import { escrowCommitment } from './messages.ts';

/** The challenges of both verifiers: each has been committed to with the deposits, and opens once both parties' bits are fixed. */
export interface Challenges {
  /** This party's own, for the peer's escrow. */
  readonly own: Challenge;
  /** The peer's, for this party's escrow. Throws before it is open. */
  opened(): OpenedChallenge;
}

export interface ChallengeOptions {
  readonly link: Link;
  /** Identifier of this negotiation, 32 bytes. */
  readonly session: Uint8Array;
  readonly party: Party;
  /** Whether this party's masked inputs go out last: the garbler. */
  readonly first: boolean;
  readonly random: Random;
  /** The deposits of both. */
  readonly deposit: Halves;
}

/** The challenges where the terms have no seals, whose own would serve otherwise: commitments beforehand, then F1 and F3. */
export class ChallengeExchange implements Challenges {
  readonly own: Challenge;
  private readonly options: ChallengeOptions;
  private commitment: Uint8Array | undefined;
  private peer: OpenedChallenge | undefined;
  private receiving: Promise<void> | undefined;

  constructor(options: ChallengeOptions) {
    this.options = options;
    this.own = Challenge.create(options.session, options.party, options.random);
  }

  /** Commits to this party's challenge. */
  async commit(): Promise<void> {
    await this.options.link.send(escrowCommitment, undefined, { commitment: this.own.commitment });
  }

  /** The peer's commitment. */
  async receiveCommitment(): Promise<void> {
    const { commitment } = await this.options.link.receive(escrowCommitment, undefined);
    this.commitment = commitment.slice();
  }

  /** F1 and F3, with the inputs: second's deposit, then first's with its challenge, and at last second's challenge. */
  fixing(): Fixing {
    const { first, deposit } = this.options;
    if (!first) {
      return {
        withInputs: () => deposit.send(),
        receive: () => this.receiveOpening(),
        send: async () => {
          await this.receiveOpening();
          await this.open();
        },
      };
    }
    return {
      send: async () => {
        await deposit.receive();
        await deposit.send();
        await this.open();
      },
      receive: () => this.receiveOpening(),
    };
  }

  opened(): OpenedChallenge {
    if (this.peer === undefined) throw new Error('challenges open when inputs are fixed');
    return this.peer;
  }

  private async open(): Promise<void> {
    await this.options.link.send(sealChallenge, undefined, { ...this.own.opening });
  }

  private receiveOpening(): Promise<void> {
    const { link, session, party, first, deposit } = this.options;
    const { commitment } = this;
    if (commitment === undefined) throw new Error('a challenge opens after its commitment');
    this.receiving ??= (async () => {
      if (!first) await deposit.receive();
      const opened = await link.receive(sealChallenge, undefined);
      this.peer = openedChallenge(session, party === 'a' ? 'b' : 'a', commitment, opened);
    })();
    return this.receiving;
  }
}
