import type { Bits } from '../../circuit/bits.ts';
import type { Circuit } from '../../circuit/circuit.ts';
import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';

/** Words of a block. */
const WORDS = 4;

/**
 * One side of the authenticated bits on all wires of a circuit whose inputs one party knows: MACs at that party (bit 0 being the bit itself), keys at the
 * other. Both sides do the same steps, each with its own `unit`, which is what an authenticated 1 that both know is at that side.
 */
export class GateValues {
  /** What has been added to the random bit of each AND gate, so that it becomes the gate's output. */
  readonly corrections: Bits;
  private readonly kernel: Kernel;
  private readonly circuit: Circuit;
  private readonly unit: Uint32Array;
  /** A block for each wire, and for the operands and the output of each AND gate. */
  private readonly wires: Pointer;
  private readonly left: Pointer;
  private readonly right: Pointer;
  private readonly results: Pointer;
  private readonly owned: Pointer[] = [];

  constructor(kernel: Kernel, circuit: Circuit, unit: Uint8Array) {
    this.kernel = kernel;
    this.circuit = circuit;
    this.unit = new Uint32Array(unit.buffer);
    this.corrections = new Uint8Array(circuit.ands);
    this.wires = this.room(this.firstGate + circuit.kinds.length);
    this.left = this.room(circuit.ands);
    this.right = this.room(circuit.ands);
    this.results = this.room(circuit.ands);
    this.words(this.wires, 2).set(this.unit, WORDS);
  }

  /** Places the inputs, which `blocks` are but for a public bit: `bit` says what is added to input i, given the lowest byte of its block. */
  enter(blocks: Pointer, bit: (i: number, lowest: number) => number): void {
    const count = this.firstGate - 2;
    const inputs = blockAt(this.wires, 2);
    this.kernel.write(inputs, this.kernel.view(blocks, 16 * count));
    const words = this.words(inputs, count);
    for (let i = 0; i < count; i += 1) this.addUnit(words, i, bit(i, words[WORDS * i]! & 0xff));
  }

  /**
   * Evaluates all gates. The output of AND gate number i is random bit number i with a correction, which `correct` gives from i, from bit 0 of the product of both
   * operands' blocks, bit by bit, and from bit 0 of the random bit's block.
   */
  multiply(random: Pointer, correct: (and: number, product: number, bit: number) => number): void {
    const { kernel, circuit } = this;
    const { kinds, left, right, ands } = circuit;
    kernel.write(this.results, kernel.view(random, 16 * ands));
    const wires = this.words(this.wires, this.firstGate + kinds.length);
    const [lefts, rights, results] = [this.left, this.right, this.results].map((blocks) =>
      this.words(blocks, ands),
    ) as [Uint32Array, Uint32Array, Uint32Array];
    let and = 0;
    for (let gate = 0; gate < kinds.length; gate += 1) {
      const [x, y] = [WORDS * left[gate]!, WORDS * right[gate]!];
      const out = WORDS * (this.firstGate + gate);
      if (kinds[gate] === 0) {
        for (let word = 0; word < WORDS; word += 1) wires[out + word] = wires[x + word]! ^ wires[y + word]!;
        continue;
      }
      const bit = correct(and, wires[x]! & wires[y]! & 1, results[WORDS * and]! & 1);
      this.corrections[and] = bit;
      this.addUnit(results, and, bit);
      for (let word = 0; word < WORDS; word += 1) {
        lefts[WORDS * and + word] = wires[x + word]!;
        rights[WORDS * and + word] = wires[y + word]!;
        wires[out + word] = results[WORDS * and + word]!;
      }
      and += 1;
    }
  }

  /** The blocks of the circuit's outputs. */
  outputs(): Pointer {
    const { kernel, circuit } = this;
    const target = this.room(circuit.outputWires.length);
    for (const [i, wire] of circuit.outputWires.entries()) {
      kernel.write(blockAt(target, i), kernel.view(blockAt(this.wires, wire), 16));
    }
    return target;
  }

  /** Σ χ_i·left_i·right_i over all AND gates. */
  sumOfProducts(chi: Pointer): Uint8Array {
    const products = this.times(chi, this.left);
    this.kernel.call.multiplyBlocks(products, products, this.right, this.circuit.ands);
    return this.sum(products);
  }

  /** Σ χ_i·result_i. */
  sumOfResults(chi: Pointer): Uint8Array {
    return this.sum(this.times(chi, this.results));
  }

  /** Σ χ_i·(a_i·right_i + b_i·left_i + result_i), a_i and b_i being the operands themselves. At the party that knows them. */
  sumOfCrossProducts(chi: Pointer): Uint8Array {
    const { ands } = this.circuit;
    const crossed = this.room(ands);
    const [target, lefts, rights, results] = [crossed, this.left, this.right, this.results].map((blocks) =>
      this.words(blocks, ands),
    ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
    for (let i = 0; i < WORDS * ands; i += 1) {
      const first = i & ~(WORDS - 1);
      const [a, b] = [-(lefts[first]! & 1), -(rights[first]! & 1)];
      target[i] = (a & rights[i]!) ^ (b & lefts[i]!) ^ results[i]!;
    }
    return this.sum(this.times(chi, crossed));
  }

  /** Zeroes everything. */
  free(): void {
    this.unit.fill(0);
    for (const pointer of this.owned) this.kernel.free(pointer);
  }

  private get firstGate(): number {
    return 2 + this.circuit.inputs.reduce((sum, width) => sum + width, 0);
  }

  private times(chi: Pointer, blocks: Pointer): Pointer {
    const products = this.room(this.circuit.ands);
    this.kernel.call.multiplyBlocks(products, chi, blocks, this.circuit.ands);
    return products;
  }

  private sum(blocks: Pointer): Uint8Array {
    const sum = new Uint32Array(WORDS);
    const words = this.words(blocks, this.circuit.ands);
    for (let i = 0; i < words.length; i += 1) sum[i & (WORDS - 1)]! ^= words[i]!;
    return new Uint8Array(sum.buffer);
  }

  /** Adds the unit to block i, if `bit` is 1. */
  private addUnit(blocks: Uint32Array, i: number, bit: number): void {
    for (let word = 0; word < WORDS; word += 1) blocks[WORDS * i + word]! ^= this.unit[word]! & -bit;
  }

  private room(count: number): Pointer {
    const pointer = this.kernel.allocate(16 * count);
    this.owned.push(pointer);
    return pointer;
  }

  /** The words of some blocks, by reference, until the next allocation. */
  private words(blocks: Pointer, count: number): Uint32Array {
    const bytes = this.kernel.view(blocks, 16 * count);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS * count);
  }
}
