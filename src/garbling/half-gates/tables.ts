import type { Kernel, Pointer } from '../../crypto/kernel.ts';

/** Bytes of garbled table for each AND gate: its two ciphertexts. */
export const TABLE_BYTES = 32;

/**
 * Takes a garbler's tables, in order. `room` is the number of gates that still fit before `flush` must be called; its promise is the back-pressure.
 */
export interface TableSink {
  readonly room: number;
  append(tables: Uint8Array): void;
  flush(): Promise<void>;
}

/** Gives an evaluator its tables. `room` is the number of gates whose tables are at hand before the next `fill`. */
export interface TableSource {
  readonly room: number;
  /** The next `gates` tables, by reference until the next call. */
  take(gates: number): Uint8Array;
  fill(): Promise<void>;
}

/** Gates hashed at a time: their hash inputs (64 bytes each) and tables stay in the second-level cache. */
export const GATES_AT_ONCE = 1024;

/** Working memory of a garbler or evaluator: hash inputs and tables of GATES_AT_ONCE gates, one plane of labels, and Δ or zero. */
export class Workspace {
  readonly blocks: Pointer;
  readonly tables: Pointer;
  private readonly kernel: Kernel;
  private planePointer: Pointer | undefined;
  private planeBytes = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.blocks = kernel.allocate(GATES_AT_ONCE * 64);
    this.tables = kernel.allocate(GATES_AT_ONCE * TABLE_BYTES);
  }

  /** A plane of at least `bytes`, the same one each time unless it must grow. */
  plane(bytes: number): Pointer {
    if (this.planePointer === undefined || this.planeBytes < bytes) {
      if (this.planePointer !== undefined) this.kernel.free(this.planePointer);
      this.planePointer = this.kernel.allocate(bytes);
      this.planeBytes = bytes;
    }
    return this.planePointer;
  }

  /** Zeroes and gives back all of it. */
  free(): void {
    this.kernel.free(this.blocks);
    this.kernel.free(this.tables);
    if (this.planePointer !== undefined) this.kernel.free(this.planePointer);
    this.planePointer = undefined;
  }
}
