/**
 * A Boolean circuit over single-bit wires. Wire 0 is the constant zero, wire 1 the constant one; input groups follow in
 * order, then each gate's output in order, so gate `i` has output wire `2 + inputBits + i` and reads only lower wires.
 */
export interface Circuit {
  /** Width in bits of each input group. */
  readonly inputs: readonly number[];
  /** Width in bits of each output group. */
  readonly outputs: readonly number[];
  /** One entry per gate: 0 for XOR, 1 for AND. (NOT is XOR with wire 1.) */
  readonly kinds: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** The wires that are the outputs, all groups one after another. */
  readonly outputWires: Int32Array;
  /** Number of AND gates. */
  readonly ands: number;
  /** SHA-256 over all of the above (32 bytes). */
  readonly digest: Uint8Array;
}

/**
 * A circuit compiled into layers for an engine that keeps one label per slot. Slot 0 is zero, slot 1 is one, slots 2… are the
 * inputs in order; slots are reused after their last reader. AND gate number g, in layer order, reads
 * `ands[3g]`, `ands[3g+1]` and writes `ands[3g+2]`. A layer's XORs run in order, before its ANDs; the ANDs of one layer
 * do not depend on one another, and none writes a slot that another AND of that layer reads.
 */
export interface Schedule {
  readonly circuit: Circuit;
  readonly slots: number;
  /** Triples (left, right, target), each target = left XOR right. */
  readonly xors: Int32Array;
  readonly ands: Int32Array;
  /** Layer l runs XOR triples xorEnd[l-1]..xorEnd[l], then AND triples andEnd[l-1]..andEnd[l] (0 before the first). */
  readonly xorEnd: Int32Array;
  readonly andEnd: Int32Array;
  /** The slot of each output wire after the last layer. */
  readonly outputSlots: Int32Array;
}
