import type { Party } from '../circuit/party.ts';
import type { ProvingEngine, Queue, Wires } from '../engine/engine.ts';
import type { Link } from '../link/link.ts';
import type { Halves, Shown } from '../seals/index.ts';
import type { Challenges } from './challenges.ts';
import { maskCircuit } from './circuits.ts';
import { combinations } from './combinations.ts';
import type { Deposit } from './deposit.ts';
import type { AnsweredEscrow } from './making.ts';
import { matrixSeed, tagMatrix } from './matrix.ts';
import { escrowAnswer } from './messages.ts';
import { maskWidth, sharesWidth } from './parameters.ts';
import { type EscrowRecord, recordDigest } from './record.ts';
import { verifyEscrow } from './verify.ts';

/** After F5: both escrows are accepted. */
export interface AcceptedEscrows {
  /** This party's own, which it can open. */
  readonly own: AnsweredEscrow;
  /** The record of the peer's. */
  readonly peer: EscrowRecord;
  /** The digests of both records. */
  readonly digests: Readonly<Record<'own' | 'peer', Uint8Array>>;
  /** s, 32 bytes. */
  readonly salt: Uint8Array;
}

/** F2: both parties' masks in a computation. Queued; `bits` are this party's own, where there are any yet. */
export function enterFixed(
  queue: Pick<Queue, 'input'>,
  width: number,
  own?: { readonly party: Party; readonly bits: Uint8Array },
): Readonly<Record<Party, Wires>> {
  const enter = (party: Party) =>
    queue.input(party, maskWidth(width), own?.party === party ? own.bits : undefined);
  return { a: enter('a'), b: enter('b') };
}

/** F4: z in place of the outcome. Queued. */
export function maskOutcome(
  queue: Pick<Queue, 'apply' | 'slice'>,
  outcome: Wires,
  fixed: Readonly<Record<Party, Wires>>,
): Wires {
  const { width } = outcome;
  const mask = (party: Party) => queue.slice(fixed[party], 0, width);
  return queue.apply(maskCircuit(width), [outcome, mask('a'), mask('b')]);
}

/** F2 to F5 in a computation. Made before a rule enters anything, and after the masks of seals. */
export class FixedEscrow {
  private readonly deposit: Deposit;
  private readonly engine: ProvingEngine;
  private readonly fixed: Readonly<Record<Party, Wires>>;
  private own: AnsweredEscrow | undefined;
  private verified: Pick<AcceptedEscrows, 'peer' | 'digests'> | undefined;

  /** F2: enters the masks of both. */
  constructor(deposit: Deposit, engine: ProvingEngine) {
    const { party, width } = deposit.options;
    this.deposit = deposit;
    this.engine = engine;
    engine.expectFixed(sharesWidth(width));
    this.fixed = enterFixed(engine, width, { party, bits: deposit.bits.subarray(0, maskWidth(width)) });
  }

  /** F1, with the rest of F2. */
  beside(link: Link): Halves {
    const { deposit, engine } = this;
    return {
      send: async () => {
        await engine.sendFixed(deposit.bits.subarray(maskWidth(deposit.options.width)));
        await deposit.send(link);
      },
      receive: async () => {
        await engine.receiveFixed();
        await deposit.receive(link);
      },
    };
  }

  /** F4: z in place of the outcome, whose wires these are. */
  mask(queue: Pick<Queue, 'apply' | 'slice'>, outcome: Wires): Wires {
    if (outcome.width !== this.deposit.options.width)
      throw new Error('an outcome has as many bits as its rule says');
    return maskOutcome(queue, outcome, this.fixed);
  }

  /** F4 and F5: shown ahead of the release of z. */
  shown(link: Link, challenges: Challenges): Shown {
    return {
      prove: () => this.prove(link, challenges),
      receiveAnswer: () => this.receiveAnswer(link, challenges),
    };
  }

  /** Both escrows, once z is revealed. */
  accepted(): AcceptedEscrows {
    const { own, verified } = this;
    if (own === undefined || verified === undefined)
      throw new Error('escrows are accepted before z is revealed');
    return { own, ...verified, salt: this.deposit.salt() };
  }

  /** Zeroes this party's mask. */
  discard(): void {
    this.deposit.discard();
    this.own?.discard();
  }

  /** F4, prover. */
  private async prove(link: Link, challenges: Challenges): Promise<void> {
    const { deposit, engine, fixed } = this;
    const { party, labels, width } = deposit.options;
    const { challenge, nonce } = challenges.opened();
    const matrix = matrixSeed(labels[party], nonce);
    const rows = combinations(challenge, tagMatrix(matrix, width));
    const opened = await engine.sendCombinations(rows, fixed[party], deposit.bits);
    this.own = deposit.escrow.answer({ challenge, matrix, opened });
    deposit.bits.fill(0);
    await link.send(escrowAnswer, undefined, { seeds: this.own.seeds });
  }

  /** F4, verifier; gives F5. */
  private async receiveAnswer(link: Link, { own }: Challenges): Promise<() => Promise<void>> {
    const { deposit, engine, fixed } = this;
    const { party, width } = deposit.options;
    const prover: Party = party === 'a' ? 'b' : 'a';
    const context = deposit.contextOf(prover);
    const { value: challenge, opening } = own;
    const matrix = matrixSeed(context.label, opening.nonce);
    const rows = combinations(challenge, tagMatrix(matrix, width));
    const opened = await engine.receiveCombinations(rows, fixed[prover]);
    const { seeds } = await link.receive(escrowAnswer, undefined);
    const { ciphertexts } = deposit;
    const view = { ...context, ciphertexts, challenge, matrix, opened, seeds: seeds.slice() };
    return async () => {
      const [peer, own] = [await verifyEscrow(view), this.own!.record];
      this.verified = { peer, digests: { own: recordDigest(own), peer: recordDigest(peer) } };
    };
  }
}
