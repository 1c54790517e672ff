import type { Bits } from '../../circuit/bits.ts';
import type { Circuit } from '../../circuit/circuit.ts';
import type { Shares } from '../../garbling/authenticated/correlated-bits.ts';
import { proof } from '../../garbling/authenticated/messages.ts';
import { proofBits, prove, verifyProof } from '../../garbling/authenticated/proof.ts';
import type { Party, ProvingEngine, Wires } from '../engine.ts';
import { requireUsage } from '../wires.ts';
import { BatchEngine } from './batch-engine.ts';

/** Step 13 of src/garbling/authenticated/README.md: each party proves one statement about what it has entered, with one set of random bits. */
export abstract class AuthenticatedProver extends BatchEngine implements ProvingEngine {
  /** How many gates a proof may have, once that has been said. */
  private room: number | undefined;
  /** The bits of both parties' proofs, once the first is made or verified: this engine's own copy, since a later batch zeroes what has been taken from the pools. */
  private random: Shares | undefined;
  private readonly proved = new Set<Party>();

  expectProof(ands: number): void {
    this.requireOpen();
    requireUsage(this.room === undefined, 'each party proves one statement');
    requireUsage(!this.started, 'proofs are expected before anything is prepared or revealed');
    requireUsage(Number.isSafeInteger(ands) && ands >= 0, 'a number of gates is a non-negative integer');
    this.room = ands;
    this.proofs = proofBits(ands);
  }

  async sendProof(circuit: Circuit, inputs: readonly Wires[], bits: Bits): Promise<void> {
    const { room, segments, random } = this.begin(circuit, inputs, this.party);
    await this.withJoined(segments, async (joined) => {
      const made = prove(this.context, { circuit, room }, { ...joined, random }, bits);
      await this.link.send(proof, { gates: room, outputs: circuit.outputWires.length }, made);
    });
  }

  async receiveProof(circuit: Circuit, inputs: readonly Wires[]): Promise<Bits> {
    const { room, segments, random } = this.begin(circuit, inputs, this.party === 'a' ? 'b' : 'a');
    try {
      return await this.withJoined(segments, async (joined) => {
        const shape = { gates: room, outputs: circuit.outputWires.length };
        const made = await this.link.receive(proof, shape);
        this.requireOpen();
        return verifyProof(this.context, { circuit, room }, { ...joined, random }, made);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What a proof is made of. No other of this party follows. */
  private begin(circuit: Circuit, inputs: readonly Wires[], prover: Party) {
    this.requireOpen();
    const { room } = this;
    requireUsage(room !== undefined && circuit.ands <= room, 'a proof has to be expected, with its gates');
    requireUsage(!this.proved.has(prover), 'each party proves one statement');
    const segments = this.provable(inputs, prover);
    this.proved.add(prover);
    this.random ??= this.takeBits();
    return { room, segments, random: this.random };
  }

  protected override wipe(): void {
    super.wipe();
    if (this.random === undefined) return;
    this.kernel.free(this.random.keys);
    this.kernel.free(this.random.macs);
    this.random = undefined;
  }

  private takeBits(): Shares {
    const { kernel, pools, proofs } = this;
    const [keys, macs] = pools.proofs.take(proofs).map((taken) => {
      const own = kernel.allocate(16 * proofs);
      kernel.write(own, kernel.view(taken, 16 * proofs));
      return own;
    });
    pools.proofs.sweep();
    this.proofs = 0;
    return { keys: keys!, macs: macs! };
  }
}
