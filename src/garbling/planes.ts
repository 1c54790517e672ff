import { blockAt, type Kernel, type Pointer } from '../crypto/kernel.ts';
import type { LoadedSchedule } from './loaded-schedule.ts';

/** Consecutive blocks (labels, keys or MACs of consecutive wires) in kernel memory. */
export interface BlockRun {
  readonly pointer: Pointer;
  readonly count: number;
}

/**
 * Copies an input group's blocks into a plane, from `slot` on (its circuit wire number), for copies `first` to `first + copies` of
 * an apply. `runs` hold the group of every copy, copy after copy, or the group once if it is `shared` by all.
 */
export function scatterGroup(
  kernel: Kernel,
  plane: Pointer,
  slot: number,
  width: number,
  runs: readonly BlockRun[],
  shared: boolean,
  first: number,
  copies: number,
): void {
  const from = shared ? 0 : first * width;
  const to = from + (shared ? width : copies * width);
  const slots = blockAt(plane, slot * copies);
  let position = 0;
  for (const { pointer, count } of runs) {
    const start = Math.max(from, position);
    const end = Math.min(to, position + count);
    if (start < end) {
      const source = blockAt(pointer, start - position);
      if (shared) {
        kernel.call.broadcastSlots(blockAt(slots, start * copies), source, end - start, copies);
      } else {
        kernel.call.scatterCopies(slots, source, width, copies, start - from, end - start);
      }
    }
    position += count;
    if (position >= to) break;
  }
}

/** Copies the outputs of a plane's copies, copy after copy, to `target`. */
export function collectOutputs(
  kernel: Kernel,
  target: Pointer,
  plane: Pointer,
  { schedule, outputSlots }: LoadedSchedule,
  copies: number,
): void {
  kernel.call.collectSlots(target, plane, outputSlots, schedule.outputSlots.length, copies);
}

/**
 * How many copies to process side by side, so that planes of this schedule, `bytesPerSlot` bytes for each slot and copy, stay
 * within `budget` bytes: at least one.
 */
export function copiesAtOnce({ schedule }: LoadedSchedule, bytesPerSlot: number, budget: number): number {
  return Math.max(1, Math.floor(budget / (schedule.slots * bytesPerSlot)));
}
