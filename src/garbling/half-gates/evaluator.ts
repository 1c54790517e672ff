import { byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { LoadedSchedule } from '../loaded-schedule.ts';
import type { Permutation } from '../permutation.ts';
import { GATES_PER_KEY } from './garbler.ts';
import { GATES_AT_ONCE, type TableSource } from './tables.ts';

/** Step 4 of the README: evaluates garbled circuits from the active labels of their inputs, numbering gates as the garbler does. */
export class Evaluator {
  private readonly kernel: Kernel;
  private readonly permutation: Permutation;
  private readonly blocks: Pointer;
  private readonly tables: Pointer;
  private gate = 0;

  /** `blocks` and `tables` point to room for GATES_AT_ONCE gates. */
  constructor(kernel: Kernel, permutation: Permutation, blocks: Pointer, tables: Pointer) {
    this.kernel = kernel;
    this.permutation = permutation;
    this.blocks = blocks;
    this.tables = tables;
  }

  /** Runs a schedule over `copies` copies on a plane of active labels whose input slots are filled; see Garbler.garble. */
  async evaluate(loaded: LoadedSchedule, plane: Pointer, copies: number, source: TableSource): Promise<void> {
    const { kernel, blocks, tables } = this;
    const { call } = kernel;
    const { xorEnd, andEnd } = loaded.schedule;
    kernel.view(plane, copies * 32).fill(0);
    for (let layer = 0, xor = 0, and = 0; layer < xorEnd.length; layer += 1) {
      const xors = xorEnd[layer]! - xor;
      if (xors > 0) call.xorTriples(plane, byteAt(loaded.xors, xor * 12), xors, copies);
      const triples = byteAt(loaded.ands, and * 12);
      const gates = (andEnd[layer]! - and) * copies;
      for (let first = 0; first < gates; ) {
        if (source.room === 0) await source.fill();
        const { gate } = this;
        const count = Math.min(
          gates - first,
          source.room,
          GATES_AT_ONCE,
          GATES_PER_KEY - (gate % GATES_PER_KEY),
        );
        call.evaluatePrepare(blocks, plane, triples, copies, first, count, gate);
        this.permutation.permute(blocks, blocks, count * 2, Math.floor(gate / GATES_PER_KEY));
        kernel.write(tables, source.take(count));
        call.evaluateFinish(tables, blocks, plane, triples, copies, first, count, gate);
        this.gate += count;
        first += count;
      }
      xor = xorEnd[layer]!;
      and = andEnd[layer]!;
    }
  }
}
