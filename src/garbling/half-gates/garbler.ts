import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { LoadedSchedule } from '../loaded-schedule.ts';
import { BLOCKS_PER_KEY, type Permutation } from '../permutation.ts';
import { GATES_AT_ONCE, TABLE_BYTES, type TableSink } from './tables.ts';

/** AND gates under one hash key: the garbler hashes four blocks per gate. */
export const GATES_PER_KEY = BLOCKS_PER_KEY / 4;

/**
 * Step 3 of the README: garbles circuits gate by gate from the zero labels of their inputs. Gates are numbered through the
 * whole session, and no number is used twice.
 */
export class Garbler {
  private readonly kernel: Kernel;
  private readonly permutation: Permutation;
  private readonly delta: Pointer;
  private readonly blocks: Pointer;
  private readonly tables: Pointer;
  private gate = 0;

  /** `delta` points to Δ (bit 0 set), `blocks` and `tables` to room for GATES_AT_ONCE gates. */
  constructor(kernel: Kernel, permutation: Permutation, delta: Pointer, blocks: Pointer, tables: Pointer) {
    this.kernel = kernel;
    this.permutation = permutation;
    this.delta = delta;
    this.blocks = blocks;
    this.tables = tables;
  }

  /**
   * Runs a schedule over `copies` copies on a plane of zero labels whose input slots are filled. Afterwards the output
   * slots hold the outputs' zero labels, and the tables of all gates are in the sink.
   */
  async garble(loaded: LoadedSchedule, plane: Pointer, copies: number, sink: TableSink): Promise<void> {
    const { kernel, delta, blocks, tables } = this;
    const { call } = kernel;
    const { xorEnd, andEnd } = loaded.schedule;
    setConstants(kernel, plane, copies, delta);
    for (let layer = 0, xor = 0, and = 0; layer < xorEnd.length; layer += 1) {
      const xors = xorEnd[layer]! - xor;
      if (xors > 0) call.xorTriples(plane, byteAt(loaded.xors, xor * 12), xors, copies);
      const triples = byteAt(loaded.ands, and * 12);
      const gates = (andEnd[layer]! - and) * copies;
      for (let first = 0; first < gates; ) {
        if (sink.room === 0) await sink.flush();
        const { gate } = this;
        const count = Math.min(
          gates - first,
          sink.room,
          GATES_AT_ONCE,
          GATES_PER_KEY - (gate % GATES_PER_KEY),
        );
        call.garblePrepare(blocks, plane, triples, copies, first, count, delta, gate);
        this.permutation.permute(blocks, blocks, count * 4, Math.floor(gate / GATES_PER_KEY));
        call.garbleFinish(tables, blocks, plane, triples, copies, first, count, delta, gate);
        sink.append(kernel.view(tables, count * TABLE_BYTES));
        this.gate += count;
        first += count;
      }
      xor = xorEnd[layer]!;
      and = andEnd[layer]!;
    }
  }
}

/** The zero labels of the constants: zero has 0 and one has Δ, so that the active label of both is zero. */
function setConstants(kernel: Kernel, plane: Pointer, copies: number, delta: Pointer): void {
  kernel.view(plane, copies * 16).fill(0);
  kernel.call.broadcastSlots(blockAt(plane, copies), delta, 1, copies);
}
