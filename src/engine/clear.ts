import type { Circuit } from '../circuit/circuit.ts';
import { type Combinations, combine } from '../circuit/combinations.ts';
import { evaluateCircuit } from '../circuit/evaluate.ts';
import { PeerLeftError } from '../errors.ts';
import type { ApplyPiece, Batch } from './batches.ts';
import type { Bits, Party, ProvingEngine, Release, Wires } from './engine.ts';
import { QueuedEngine } from './queue.ts';
import type { Segment } from './wires.ts';

/** Values one side leaves for the other, in order. */
class Mailbox {
  private readonly waiting: Uint8Array[] = [];
  private wake: (() => void) | undefined;
  private closed = false;

  close(): void {
    this.closed = true;
    this.wake?.();
  }

  put(bytes: Uint8Array): void {
    this.waiting.push(bytes);
    this.wake?.();
  }

  async take(): Promise<Uint8Array> {
    while (this.waiting.length === 0) {
      if (this.closed) throw new PeerLeftError();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.waiting.shift()!;
  }
}

/**
 * INSECURE, for tests only: both engines run in one process and hand each other their inputs in the clear. Otherwise they obey
 * the whole contract of Engine, so a rule that is tested on them runs on the others.
 */
export class ClearEngine extends QueuedEngine<Bits> implements ProvingEngine {
  private readonly outgoing: Mailbox;
  private readonly incoming: Mailbox;
  /** AND gates evaluated so far. */
  ands = 0;
  /** What the peer has fixed without entering it. */
  private fixed: Bits = new Uint8Array();

  constructor(party: Party, outgoing: Mailbox, incoming: Mailbox) {
    super(party);
    this.outgoing = outgoing;
    this.incoming = incoming;
  }

  expectProof(): void {}

  async sendProof(_circuit: Circuit, inputs: readonly Wires[]): Promise<void> {
    this.provable(inputs, this.party);
  }

  async receiveProof(circuit: Circuit, inputs: readonly Wires[]): Promise<Bits> {
    const segments = this.provable(inputs, this.party === 'a' ? 'b' : 'a');
    return evaluateCircuit(
      circuit,
      segments.map(({ node }) => node.storage!),
    );
  }

  expectFixed(): void {}

  async sendFixed(bits: Bits): Promise<void> {
    this.outgoing.put(bits.slice());
  }

  async receiveFixed(): Promise<void> {
    this.fixed = await this.incoming.take();
  }

  async sendCombinations(combinations: Combinations, input: Wires, bits: Bits): Promise<Bits> {
    this.provable([input], this.party);
    return combine(combinations, bits);
  }

  async receiveCombinations(combinations: Combinations, input: Wires): Promise<Bits> {
    const [segment] = this.provable([input], this.party === 'a' ? 'b' : 'a');
    return combine(combinations, Uint8Array.from([...segment!.node.storage!, ...this.fixed]));
  }

  protected override allocate(width: number): Bits {
    return new Uint8Array(width);
  }

  protected override discard(storage: Bits): void {
    storage.fill(0);
  }

  protected override async runInputs(batch: Batch<Bits>): Promise<void> {
    for (const { node, start, end } of batch.inputs) {
      if (node.owner === this.party) this.outgoing.put(node.bits!.slice(start, end));
    }
    for (const { node, start, end } of batch.inputs) {
      const bits = node.owner === this.party ? node.bits!.subarray(start, end) : await this.incoming.take();
      node.storage!.set(bits, start);
    }
  }

  protected override async runApply({ node, first, copies }: ApplyPiece<Bits>): Promise<void> {
    const groups = node.inputs.map(gatherBits);
    const outputs = node.circuit.outputWires.length;
    for (let copy = first; copy < first + copies; copy += 1) {
      const inputs = groups.map((group, index) => {
        const width = node.circuit.inputs[index]!;
        return node.shared[index] ? group : group.subarray(copy * width, (copy + 1) * width);
      });
      node.storage!.set(evaluateCircuit(node.circuit, inputs), copy * outputs);
    }
    this.ands += copies * node.circuit.ands;
  }

  protected override async open(
    segments: readonly Segment<Bits>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined> {
    if (this.party === 'b') await release?.send();
    await release?.receive();
    if (this.party === 'a') await release?.send();
    return to === 'both' || to === this.party ? gatherBits(segments) : undefined;
  }

  protected override wipe(): void {
    this.outgoing.close();
    this.incoming.close();
  }
}

/** INSECURE, for tests only: the two engines of a computation in the clear, for parties a and b. */
export function clearEngines(): { a: ClearEngine; b: ClearEngine } {
  const toA = new Mailbox();
  const toB = new Mailbox();
  return { a: new ClearEngine('a', toB, toA), b: new ClearEngine('b', toA, toB) };
}

function gatherBits(segments: readonly Segment<Bits>[]): Bits {
  const whole = new Uint8Array(segments.reduce((sum, { start, end }) => sum + end - start, 0));
  let offset = 0;
  for (const { node, start, end } of segments) {
    whole.set(node.storage!.subarray(start, end), offset);
    offset += end - start;
  }
  return whole;
}
