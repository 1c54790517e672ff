import { platform } from '#platform';
import type { Party } from '../circuit/party.ts';
import type { ProvingEngine, Queue, Wires } from '../engine/engine.ts';
import type { Link } from '../link/link.ts';
import type { Halves } from '../seals/index.ts';
import type { Challenges } from './challenges.ts';
import { combinationCircuit, maskCircuit } from './circuits.ts';
import { combinations } from './combinations.ts';
import type { Deposit } from './deposit.ts';
import type { AnsweredEscrow } from './making.ts';
import { matrixSeed, tagMatrix } from './matrix.ts';
import { escrowAnswer } from './messages.ts';
import { fixedWidth } from './parameters.ts';
import type { EscrowRecord } from './record.ts';
import { verifyEscrow } from './verify.ts';

/** After F5: both escrows are accepted. */
export interface AcceptedEscrows {
  /** This party's own, which it can open. */
  readonly own: AnsweredEscrow;
  /** The record of the peer's. */
  readonly peer: EscrowRecord;
  /** s, 32 bytes. */
  readonly salt: Uint8Array;
}

/** F2: both parties' bits in a computation. Queued; `bits` are this party's own, where there are any yet. */
export function enterFixed(
  queue: Pick<Queue, 'input'>,
  width: number,
  own?: { readonly party: Party; readonly bits: Uint8Array },
): Readonly<Record<Party, Wires>> {
  const enter = (party: Party) =>
    queue.input(party, fixedWidth(width), own?.party === party ? own.bits : undefined);
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
  private peer: EscrowRecord | undefined;

  /** F2: enters the bits of both. */
  constructor(deposit: Deposit, engine: ProvingEngine) {
    const { party, width } = deposit.options;
    this.deposit = deposit;
    this.engine = engine;
    engine.expectProof(0);
    this.fixed = enterFixed(engine, width, { party, bits: deposit.bits });
  }

  /** F4: z in place of the outcome, whose wires these are. */
  mask(queue: Pick<Queue, 'apply' | 'slice'>, outcome: Wires): Wires {
    if (outcome.width !== this.deposit.options.width)
      throw new Error('an outcome has as many bits as its rule says');
    return maskOutcome(queue, outcome, this.fixed);
  }

  /** What goes with the reveal of z: F4 and F5, ahead of each half of `release`. The peer's escrow is accepted before `release.receive` is called. */
  around(link: Link, challenges: Challenges, release: Halves): Halves {
    let proving: Promise<void> | undefined;
    const prove = () => {
      proving ??= this.prove(link, challenges);
      return proving;
    };
    return {
      send: async () => {
        await prove();
        await release.send();
      },
      receive: async () => {
        const verify = await this.receiveAnswer(link, challenges);
        await prove(); // its answer shows nothing, and the peer verifies it at the same time
        await platform.nextTurn();
        await verify();
        await release.receive();
      },
    };
  }

  /** Both escrows, once z is revealed. */
  accepted(): AcceptedEscrows {
    const { own, peer } = this;
    if (own === undefined || peer === undefined) throw new Error('escrows are accepted before z is revealed');
    return { own, peer, salt: this.deposit.salt() };
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
    const circuit = combinationCircuit(rows, fixedWidth(width));
    await engine.sendProof(circuit, [fixed[party]], deposit.bits);
    this.own = deposit.escrow.answer(challenge, matrix);
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
    const circuit = combinationCircuit(rows, fixedWidth(width));
    const opened = await engine.receiveProof(circuit, [fixed[prover]]);
    const { seeds } = await link.receive(escrowAnswer, undefined);
    const { ciphertexts } = deposit;
    const view = { ...context, ciphertexts, challenge, matrix, opened, seeds: seeds.slice() };
    return async () => {
      this.peer = await verifyEscrow(view);
    };
  }
}
