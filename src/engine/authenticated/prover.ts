import { type Bits, unpackBits } from '../../circuit/bits.ts';
import type { Circuit } from '../../circuit/circuit.ts';
import type { Combinations } from '../../circuit/combinations.ts';
import {
  corrections,
  type FixedBits,
  openCombinations,
  verifyCombinations,
} from '../../garbling/authenticated/combinations.ts';
import { type Shares, sharesAt } from '../../garbling/authenticated/correlated-bits.ts';
import { fixedBits, openedCombinations, proof } from '../../garbling/authenticated/messages.ts';
import { requirePadding } from '../../garbling/authenticated/opening.ts';
import { proofBits, prove, verifyProof } from '../../garbling/authenticated/proof.ts';
import type { Party, ProvingEngine, Wires } from '../engine.ts';
import { requireUsage } from '../wires.ts';
import { BatchEngine } from './batch-engine.ts';

/**
 * Steps 13 and 14 of src/garbling/authenticated/README.md: each party proves statements about what it has entered, each with random bits of its own, and opens combinations
 * of it.
 */
export abstract class AuthenticatedProver extends BatchEngine implements ProvingEngine {
  /** How many gates each proof of a party may have, in the order in which that has been said, and where its random bits are. */
  private readonly rooms: { readonly ands: number; readonly at: number }[] = [];
  /** How many bits each party fixes without entering them, and where the random bits for that are. */
  private besides: { readonly count: number; readonly at: number } | undefined;
  /** Whether this party has fixed its own. */
  private hasFixed = false;
  /** The peer's corrections, once it has fixed its own. */
  private corrections: Bits | undefined;
  /** The random bits of both parties for all of this, once the first are used: this engine's own copy, since a later batch zeroes what has been taken from the pools. */
  private random: Shares | undefined;
  /** How many statements each party has proved. */
  private readonly proved: Record<Party, number> = { a: 0, b: 0 };
  /** Which parties have opened combinations. */
  private readonly combined = new Set<Party>();

  expectProof(ands: number): void {
    this.requireOpen();
    requireUsage(!this.started, 'proofs are expected before anything is prepared or revealed');
    requireUsage(Number.isSafeInteger(ands) && ands >= 0, 'a number of gates is a non-negative integer');
    this.rooms.push({ ands, at: this.proofs });
    this.proofs += proofBits(ands);
  }

  async sendProof(circuit: Circuit, inputs: readonly Wires[], bits: Bits): Promise<void> {
    const { statement, segments, random } = this.begin(circuit, inputs, this.party);
    await this.withJoined(segments, async (joined) => {
      const made = prove(this.context, statement, { ...joined, random }, bits);
      await this.link.send(proof, { gates: statement.room, outputs: circuit.outputWires.length }, made);
    });
  }

  async receiveProof(circuit: Circuit, inputs: readonly Wires[]): Promise<Bits> {
    const { statement, segments, random } = this.begin(circuit, inputs, this.party === 'a' ? 'b' : 'a');
    try {
      return await this.withJoined(segments, async (joined) => {
        const shape = { gates: statement.room, outputs: circuit.outputWires.length };
        const made = await this.link.receive(proof, shape);
        this.requireOpen();
        return verifyProof(this.context, statement, { ...joined, random }, made);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  expectFixed(count: number): void {
    this.requireOpen();
    requireUsage(!this.started, 'bits to be fixed are expected before anything is prepared or revealed');
    requireUsage(this.besides === undefined, 'bits to be fixed are expected once');
    requireUsage(Number.isSafeInteger(count) && count > 0, 'at least one bit is fixed');
    this.besides = { count, at: this.proofs };
    this.proofs += count;
  }

  async sendFixed(bits: Bits): Promise<void> {
    const fixed = this.beginFixing(this.hasFixed);
    requireUsage(bits.length === fixed.width, 'as many bits are fixed as were expected');
    requireUsage(
      bits.every((bit) => bit <= 1),
      'bits are 0 or 1',
    );
    this.hasFixed = true;
    await this.link.send(fixedBits, fixed.width, { corrections: corrections(this.context, fixed, bits) });
  }

  async receiveFixed(): Promise<void> {
    const { width } = this.beginFixing(this.corrections !== undefined);
    try {
      const received = await this.link.receive(fixedBits, width);
      this.requireOpen();
      requirePadding(received.corrections, width);
      this.corrections = unpackBits(received.corrections, width);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async sendCombinations(combinations: Combinations, input: Wires, bits: Bits): Promise<Bits> {
    this.requireOpen();
    const besides = this.hasFixed ? this.fixed() : undefined;
    const width = input.width + (besides?.width ?? 0);
    const segments = this.beginCombinations(combinations, input, this.party, width);
    requireUsage(bits.length === width, 'combinations are of all bits that were fixed');
    const { length } = combinations.ends;
    return this.withJoined(segments, async (joined) => {
      const parts = besides === undefined ? [joined] : [joined, besides];
      const opened = openCombinations(this.context, combinations, parts, bits);
      await this.link.send(openedCombinations, length, opened);
      return unpackBits(opened.bits, length);
    });
  }

  async receiveCombinations(combinations: Combinations, input: Wires): Promise<Bits> {
    this.requireOpen();
    const besides = this.corrections && { ...this.fixed(), corrections: this.corrections };
    const width = input.width + (besides?.width ?? 0);
    const segments = this.beginCombinations(combinations, input, this.party === 'a' ? 'b' : 'a', width);
    try {
      return await this.withJoined(segments, async (joined) => {
        const opened = await this.link.receive(openedCombinations, combinations.ends.length);
        this.requireOpen();
        return verifyCombinations(this.context, combinations, joined, besides, opened);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where the input is whose combinations are opened: once for each party, since their MACs are those of one step. */
  private beginCombinations({ positions, ends }: Combinations, input: Wires, owner: Party, width: number) {
    this.requireOpen();
    requireUsage(!this.combined.has(owner), 'each party opens combinations once');
    const inside = positions.every((position) => position < width);
    requireUsage(inside, 'combinations are of bits of one input, and of those that were fixed besides');
    const inOrder =
      ends.every((end, i) => end >= (ends[i - 1] ?? 0)) && (ends.at(-1) ?? 0) === positions.length;
    requireUsage(inOrder, 'each combination begins where the last one ends');
    const segments = this.provable([input], owner);
    this.combined.add(owner);
    return segments;
  }

  /** The random bits that one party fixes, which the other fixes no second time. */
  private beginFixing(over: boolean): FixedBits {
    this.requireOpen();
    requireUsage(this.fixing, 'bits are fixed with a reveal, while its Fixing runs');
    requireUsage(!over, 'each party fixes bits once');
    return this.fixed();
  }

  private fixed(): FixedBits {
    const { besides } = this;
    requireUsage(besides !== undefined, 'bits are fixed if that was expected');
    return { ...sharesAt(this.randomBits(), besides.at), width: besides.count };
  }

  /** What the next proof of a party is made of. Statements are proved in the order in which they were expected, each once. */
  private begin(circuit: Circuit, inputs: readonly Wires[], prover: Party) {
    this.requireOpen();
    const number = this.proved[prover];
    const room = this.rooms[number];
    requireUsage(room !== undefined, 'each party proves the statements that were expected, each once');
    requireUsage(circuit.ands <= room.ands, 'a proof has at most the gates that were expected');
    const segments = this.provable(inputs, prover);
    this.proved[prover] += 1;
    const random = sharesAt(this.randomBits(), room.at);
    return { statement: { circuit, room: room.ands, number }, segments, random };
  }

  protected override wipe(): void {
    super.wipe();
    if (this.random === undefined) return;
    this.kernel.free(this.random.keys);
    this.kernel.free(this.random.macs);
    this.random = undefined;
  }

  private randomBits(): Shares {
    this.random ??= this.takeBits();
    return this.random;
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
