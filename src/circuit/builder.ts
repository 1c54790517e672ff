import type { Circuit } from './circuit.ts';
import { circuitDigest } from './digest.ts';

declare const bitBrand: unique symbol;

/**
 * One Boolean value of the circuit under construction: twice a node's number, plus one if complemented, so that NOT
 * costs nothing until an AND gate or an output needs it. Only its own builder may use it.
 */
export type Bit = number & { readonly [bitBrand]: true };

/** An unsigned number of `length` bits, least significant first. */
export type Word = readonly Bit[];

/** The constants; the same in every builder. */
export const ZERO = 0 as Bit;
export const ONE = 1 as Bit;

const XOR = 0;
const AND = 1;
const INPUT = 2;
const MAX_NODES = 2 ** 30;

/**
 * Builds a circuit gate by gate. Constants are folded, equal gates shared (AND gates also when their operands differ only by
 * a complement), and gates that no output depends on are left out of the result.
 */
export class CircuitBuilder {
  /** Node 0 is the constant zero. A gate's operands are Bits; an XOR's are never complemented. */
  private kinds = new Uint8Array(1024);
  private left = new Int32Array(1024);
  private right = new Int32Array(1024);
  private nodes = 1;
  /** Gate nodes by (kind, operand nodes), open addressing; 0 is empty. */
  private table = new Int32Array(2048);
  private gates = 0;
  private readonly inputWidths: number[] = [];
  private readonly inputNodes: number[] = [];
  private readonly outputWidths: number[] = [];
  private readonly outputBits: Bit[] = [];

  /** A new input group of `width` bits. */
  input(width: number): Word {
    if (!Number.isSafeInteger(width) || width < 1)
      throw new RangeError('an input group has at least one bit');
    this.inputWidths.push(width);
    return Array.from({ length: width }, () => {
      const node = this.append(INPUT, 0, 0);
      this.inputNodes.push(node);
      return (node * 2) as Bit;
    });
  }

  /** The `width` bits of a public number. Throws RangeError unless 0 ≤ value < 2^width. */
  constant(value: bigint, width: number): Word {
    if (value < 0n || value >> BigInt(width) !== 0n) throw new RangeError(`not a ${width}-bit number`);
    return Array.from({ length: width }, (_, i) => ((value >> BigInt(i)) & 1n ? ONE : ZERO));
  }

  /** A new output group. */
  output(word: Word): void {
    if (word.length === 0) throw new RangeError('an output group has at least one bit');
    this.outputWidths.push(word.length);
    for (const bit of word) this.outputBits.push(bit);
  }

  not(bit: Bit): Bit {
    return (bit ^ 1) as Bit;
  }

  xor(first: Bit, second: Bit): Bit {
    const complement = (first ^ second) & 1;
    let low = first >>> 1;
    let high = second >>> 1;
    if (low > high) [low, high] = [high, low];
    if (low === high) return complement as Bit;
    if (low === 0) return (high * 2 + complement) as Bit;
    if (this.kinds[high] === XOR) {
      if (this.left[high] === low * 2) return (this.right[high]! ^ complement) as Bit;
      if (this.right[high] === low * 2) return (this.left[high]! ^ complement) as Bit;
    }
    const place = this.find(XOR, low, high);
    const node = this.table[place] || this.insert(place, XOR, low * 2, high * 2);
    return (node * 2 + complement) as Bit;
  }

  and(first: Bit, second: Bit): Bit {
    let low = first;
    let high = second;
    if (low > high) [low, high] = [high, low];
    if (low === ZERO || low === (high ^ 1)) return ZERO;
    if (low === ONE || low === high) return high;
    const above = high >>> 1;
    if (this.kinds[above] === AND && (high & 1) === 0) {
      if (this.left[above] === low || this.right[above] === low) return high;
      if (this.left[above] === (low ^ 1) || this.right[above] === (low ^ 1)) return ZERO;
    }
    const place = this.find(AND, low >>> 1, above);
    const node = this.table[place]!;
    if (node === 0) return (this.insert(place, AND, low, high) * 2) as Bit;
    // (x ⊕ p)(y ⊕ q) from the gate that has (x ⊕ p′)(y ⊕ q′)
    const sharedLow = this.left[node]! as Bit;
    const sharedHigh = this.right[node]! as Bit;
    let bit = (node * 2) as Bit;
    if (low !== sharedLow) bit = this.xor(bit, sharedHigh);
    if (high !== sharedHigh) bit = this.xor(bit, low);
    return bit;
  }

  or(first: Bit, second: Bit): Bit {
    return this.not(this.and(this.not(first), this.not(second)));
  }

  /** The circuit of everything that the outputs depend on. The builder may be used further. */
  build(): Circuit {
    const live = this.markLive();
    const wires = new Int32Array(this.nodes);
    const complements = new Int32Array(this.nodes);
    complements[0] = 1;
    let next = 2;
    for (const node of this.inputNodes) wires[node] = next++;
    const emit = new Emitter(this.gates + this.nodes, next);
    const wireOf = (bit: number): number => {
      const node = bit >>> 1;
      if ((bit & 1) === 0) return wires[node]!;
      complements[node] ||= emit.gate(XOR, wires[node]!, 1);
      return complements[node]!;
    };
    for (let node = 1; node < this.nodes; node++) {
      if (live[node] === 0 || this.kinds[node] === INPUT) continue;
      const left = wireOf(this.left[node]!);
      const right = wireOf(this.right[node]!);
      wires[node] = emit.gate(this.kinds[node]!, left, right);
    }
    const outputWires = Int32Array.from(this.outputBits, wireOf);
    const parts = {
      inputs: [...this.inputWidths],
      outputs: [...this.outputWidths],
      ...emit.finish(),
      outputWires,
    };
    return { ...parts, digest: circuitDigest(parts) };
  }

  private markLive(): Uint8Array {
    const live = new Uint8Array(this.nodes);
    for (const bit of this.outputBits) live[bit >>> 1] = 1;
    for (let node = this.nodes - 1; node > 0; node--) {
      if (live[node] === 0 || this.kinds[node] === INPUT) continue;
      live[this.left[node]! >>> 1] = 1;
      live[this.right[node]! >>> 1] = 1;
    }
    return live;
  }

  /** The place in the table of this gate, or the empty place where it belongs. */
  private find(kind: number, low: number, high: number): number {
    const mask = this.table.length - 1;
    let place = mix(kind, low, high) & mask;
    for (;;) {
      const node = this.table[place]!;
      if (node === 0) return place;
      if (this.kinds[node] === kind && this.left[node]! >>> 1 === low && this.right[node]! >>> 1 === high) {
        return place;
      }
      place = (place + 1) & mask;
    }
  }

  private insert(place: number, kind: number, left: number, right: number): number {
    const node = this.append(kind, left, right);
    this.table[place] = node;
    if (++this.gates * 2 > this.table.length) this.growTable();
    return node;
  }

  private append(kind: number, left: number, right: number): number {
    const node = this.nodes++;
    if (node >= MAX_NODES) throw new RangeError('the circuit has too many gates');
    if (node === this.kinds.length) {
      this.kinds = doubled(this.kinds, Uint8Array);
      this.left = doubled(this.left, Int32Array);
      this.right = doubled(this.right, Int32Array);
    }
    this.kinds[node] = kind;
    this.left[node] = left;
    this.right[node] = right;
    return node;
  }

  private growTable(): void {
    this.table = new Int32Array(this.table.length * 2);
    for (let node = 1; node < this.nodes; node++) {
      if (this.kinds[node] === INPUT) continue;
      this.table[this.find(this.kinds[node]!, this.left[node]! >>> 1, this.right[node]! >>> 1)] = node;
    }
  }
}

/** Collects the gates of the finished circuit in typed arrays. */
class Emitter {
  private readonly kinds: Uint8Array;
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly first: number;
  private count = 0;
  private ands = 0;

  constructor(capacity: number, firstWire: number) {
    this.kinds = new Uint8Array(capacity);
    this.left = new Int32Array(capacity);
    this.right = new Int32Array(capacity);
    this.first = firstWire;
  }

  /** Appends a gate and gives its output wire. */
  gate(kind: number, left: number, right: number): number {
    this.kinds[this.count] = kind;
    this.left[this.count] = left;
    this.right[this.count] = right;
    if (kind === AND) this.ands++;
    return this.first + this.count++;
  }

  finish(): Pick<Circuit, 'kinds' | 'left' | 'right' | 'ands'> {
    return {
      kinds: this.kinds.slice(0, this.count),
      left: this.left.slice(0, this.count),
      right: this.right.slice(0, this.count),
      ands: this.ands,
    };
  }
}

function mix(kind: number, low: number, high: number): number {
  let value = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ kind;
  value = Math.imul(value ^ (value >>> 15), 0xc2b2ae35);
  return (value ^ (value >>> 13)) >>> 0;
}

function doubled<A extends Uint8Array | Int32Array>(array: A, type: new (length: number) => A): A {
  const larger = new type(array.length * 2);
  larger.set(array);
  return larger;
}
