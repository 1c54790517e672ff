import type { Circuit, Schedule } from '../circuit/circuit.ts';
import { compileSchedule } from '../circuit/schedule.ts';
import type { Kernel, Pointer } from '../crypto/kernel.ts';

/** A schedule whose triples and output slots (int32) are in a kernel's memory. Holds nothing secret. */
export interface LoadedSchedule {
  readonly schedule: Schedule;
  /** (left, right, target) of every XOR, 12 bytes each. */
  readonly xors: Pointer;
  /** (left, right, target) of every AND, 12 bytes each. */
  readonly ands: Pointer;
  readonly outputSlots: Pointer;
  /** Where each layer's XORs and ANDs end, as in Schedule. */
  readonly xorEnd: Pointer;
  readonly andEnd: Pointer;
}

/** The most memory that schedules may take in one kernel, in bytes. */
const CACHE_BYTES = 64 << 20;

/** The schedules loaded into one kernel: each circuit once, the oldest dropped when they take more than `limit` bytes. */
export class ScheduleCache {
  readonly kernel: Kernel;
  private readonly loaded = new Map<Circuit, LoadedSchedule>();
  private readonly limit: number;
  private bytes = 0;

  constructor(kernel: Kernel, limit = CACHE_BYTES) {
    this.kernel = kernel;
    this.limit = limit;
  }

  /** The circuit's schedule, valid until the next call. May allocate. */
  load(circuit: Circuit): LoadedSchedule {
    const known = this.loaded.get(circuit);
    if (known !== undefined) return known;
    const schedule = compileSchedule(circuit);
    const size = sizeOf(schedule);
    for (const [old, entry] of this.loaded) {
      if (this.bytes + size <= this.limit) break;
      this.unload(old, entry);
    }
    const entry = {
      schedule,
      xors: loadInts(this.kernel, schedule.xors),
      ands: loadInts(this.kernel, schedule.ands),
      outputSlots: loadInts(this.kernel, schedule.outputSlots),
      xorEnd: loadInts(this.kernel, schedule.xorEnd),
      andEnd: loadInts(this.kernel, schedule.andEnd),
    };
    this.bytes += size;
    this.loaded.set(circuit, entry);
    return entry;
  }

  /** Gives back the memory of all of them. */
  clear(): void {
    for (const [circuit, entry] of this.loaded) this.unload(circuit, entry);
  }

  private unload(circuit: Circuit, entry: LoadedSchedule): void {
    const { xors, ands, outputSlots, xorEnd, andEnd } = entry;
    for (const pointer of [xors, ands, outputSlots, xorEnd, andEnd]) this.kernel.free(pointer);
    this.bytes -= sizeOf(entry.schedule);
    this.loaded.delete(circuit);
  }
}

function sizeOf({ xors, ands, outputSlots, xorEnd, andEnd }: Schedule): number {
  return xors.byteLength + ands.byteLength + outputSlots.byteLength + xorEnd.byteLength + andEnd.byteLength;
}

function loadInts(kernel: Kernel, ints: Int32Array): Pointer {
  const pointer = kernel.allocate(ints.byteLength);
  kernel.write(pointer, new Uint8Array(ints.buffer, ints.byteOffset, ints.byteLength));
  return pointer;
}
