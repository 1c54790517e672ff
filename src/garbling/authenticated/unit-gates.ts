import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import { Permutation } from '../permutation.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { GATE_CHUNK, GATES_PER_KEY } from './parameters.ts';
import { forEachChunk, loadPlane, type Unit } from './units.ts';

/** Domains of the hash at garbling: that of an AND's left operand; its right one has the next but one (README, step 7). */
const OPERANDS = 16;

/** Shares of λα, λβ, σ and λγ of every gate of a batch. The evaluator's MACs only are used. */
export interface GateShares {
  readonly alpha: Shares;
  readonly beta: Shares;
  readonly sigma: Shares;
  readonly gamma: Shares;
}

/** Active labels of the operands and outputs of every gate of a batch, 16 bytes each. */
export interface GateLabels {
  readonly lefts: Pointer;
  readonly rights: Pointer;
  readonly fresh: Pointer;
}

/** G₀ and G₁ of the gates of a unit, and b of each, a byte. */
export interface UnitTables {
  readonly tables: Pointer;
  readonly permutes: Pointer;
}

/** What the evaluation of some gates is told, but for MACs: where labels go, tables, inputs and outputs of the hash, the plane, and which gates. */
type GatePlaces = readonly [
  lefts: Pointer,
  rights: Pointer,
  fresh: Pointer,
  tables: Pointer,
  permutes: Pointer,
  inputs: Pointer,
  outputs: Pointer,
  plane: Pointer,
  ands: Pointer,
  gates: number,
  copies: number,
];

/** Steps 7 and 9 for the units of one batch, in order. */
export class UnitGates {
  private readonly context: Context;
  private readonly permutation: Permutation;
  private epoch = 0;
  private hashed = 0;

  constructor(context: Context) {
    this.context = context;
    this.permutation = new Permutation(context.kernel, 'authenticated gate', context.binding);
  }

  /** Step 7: writes a unit's tables, and the labels of zero of its gates. */
  garble(unit: Unit, shares: GateShares, fresh: Pointer, { tables, permutes }: UnitTables): void {
    const { context } = this;
    const { kernel } = context;
    const { alpha, beta, sigma, gamma } = shares;
    const plane = loadPlane(context, unit, 'zeros');
    const chunk = Math.max(GATE_CHUNK, unit.copies);
    const inputs = kernel.allocate(64 * chunk);
    const outputs = kernel.allocate(64 * chunk);
    const material = pointers(kernel, [
      ...[alpha.keys, alpha.macs, beta.keys, beta.macs],
      ...[sigma.keys, sigma.macs, gamma.keys, gamma.macs],
    ]);
    forEachChunk(kernel, unit, plane, (ands, gates, index) => {
      const { copies } = unit;
      const local = index - unit.first;
      kernel.call.garbleInputs(inputs, plane, ands, gates, copies, context.delta, OPERANDS, index);
      this.permute(outputs, inputs, gates * copies, 4);
      kernel.call.garbleGates(
        byteAt(tables, 32 * local),
        byteAt(permutes, local),
        blockAt(fresh, index),
        inputs,
        outputs,
        plane,
        ands,
        gates,
        copies,
        material,
        index,
        context.delta,
      );
    });
    unit.store(plane, 'zeros');
    for (const pointer of [plane, inputs, outputs, material]) kernel.free(pointer);
  }

  /** Step 9: the active labels of a unit's gates and of their operands. */
  evaluate(unit: Unit, shares: GateShares, labels: GateLabels, tables: UnitTables): void {
    const { kernel } = this.context;
    const { alpha, beta, sigma, gamma } = shares;
    const material = pointers(kernel, [alpha.macs, beta.macs, sigma.macs, gamma.macs]);
    this.evaluateBy(unit, labels, tables, (places, index) => {
      kernel.call.evaluateGates(...places, material, index);
    });
    kernel.free(material);
  }

  /** The same by tables to which MACs have been added (wasm/kept-gates.ts). `sums` has the other two MACs of each gate of the batch, added up. */
  evaluateKept(unit: Unit, sums: Pointer, labels: GateLabels, tables: UnitTables): void {
    const { kernel } = this.context;
    this.evaluateBy(unit, labels, tables, (places, index) => {
      kernel.call.evaluateKeptGates(...places, sums, index);
    });
  }

  private evaluateBy(
    unit: Unit,
    { lefts, rights, fresh }: GateLabels,
    { tables, permutes }: UnitTables,
    evaluateSome: (places: GatePlaces, index: number) => void,
  ): void {
    const { kernel } = this.context;
    const plane = loadPlane(this.context, unit, 'labels');
    const chunk = Math.max(GATE_CHUNK, unit.copies);
    const inputs = kernel.allocate(32 * chunk);
    const outputs = kernel.allocate(32 * chunk);
    forEachChunk(kernel, unit, plane, (ands, gates, index) => {
      const { copies } = unit;
      const local = index - unit.first;
      kernel.call.evaluateInputs(inputs, plane, ands, gates, copies, OPERANDS, index);
      this.permute(outputs, inputs, gates * copies, 2);
      const places = [
        blockAt(lefts, index),
        blockAt(rights, index),
        blockAt(fresh, index),
        byteAt(tables, 32 * local),
        byteAt(permutes, local),
        inputs,
        outputs,
        plane,
        ands,
        gates,
        copies,
      ] as const;
      evaluateSome(places, index);
    });
    unit.store(plane, 'labels');
    for (const pointer of [plane, inputs, outputs]) kernel.free(pointer);
  }

  private permute(outputs: Pointer, inputs: Pointer, gates: number, blocks: number): void {
    this.hashed += gates;
    if (this.hashed > GATES_PER_KEY) {
      this.epoch += 1;
      this.hashed = gates;
    }
    this.permutation.permute(outputs, inputs, gates * blocks, this.epoch);
  }
}

function pointers(kernel: Kernel, list: readonly Pointer[]): Pointer {
  const words = Uint32Array.from(list);
  const pointer = kernel.allocate(words.byteLength);
  kernel.write(pointer, new Uint8Array(words.buffer));
  return pointer;
}
