import { blockAt, byteAt, type Kernel, NOWHERE, type Pointer } from '../../crypto/kernel.ts';
import type { LoadedSchedule } from '../loaded-schedule.ts';
import type { Context } from './context.ts';
import { GATE_CHUNK } from './parameters.ts';

/** What is kept for a wire: keys and MACs of its mask's shares; the label of zero (garbler only); the active label, whose bit 0 is the masked value. */
export type Plane = 'keys' | 'macs' | 'zeros' | 'labels';

/** Some copies of one circuit, which are processed side by side. */
export interface Unit {
  readonly copies: number;
  /** AND gates in all copies, and the number of the first one among the batch's. */
  readonly gates: number;
  readonly first: number;
  readonly slots: number;
  schedule(): LoadedSchedule;
  /** Fills the input slots of a plane from what is kept. */
  load(plane: Pointer, kind: Plane): void;
  /** Keeps the outputs of a plane. */
  store(plane: Pointer, kind: Plane): void;
}

/**
 * Runs a unit's schedule on one plane, linear parts only: the operands of each AND are copied to `lefts` and `rights`, and its output
 * comes from `fresh` (arrays of the batch, 16 bytes a gate). A unit without ANDs needs no arrays.
 */
export function spreadUnit(
  context: Context,
  unit: Unit,
  kind: Plane,
  lefts: Pointer = NOWHERE,
  rights: Pointer = NOWHERE,
  fresh: Pointer = NOWHERE,
): void {
  const { kernel } = context;
  const plane = loadPlane(context, unit, kind);
  const { schedule, xors, ands, xorEnd, andEnd } = unit.schedule();
  kernel.call.propagate(
    plane,
    unit.copies,
    xors,
    ands,
    xorEnd,
    andEnd,
    schedule.andEnd.length,
    blockAt(lefts, unit.first),
    blockAt(rights, unit.first),
    blockAt(fresh, unit.first),
  );
  unit.store(plane, kind);
  kernel.free(plane);
}

/** A plane with its constants and inputs. The mask of the constant one is zero, so its masked value is one. */
export function loadPlane(context: Context, unit: Unit, kind: Plane): Pointer {
  const { kernel } = context;
  const plane = kernel.allocate(16 * unit.slots * unit.copies);
  if (kind === 'labels' || kind === 'zeros') {
    const one = blockAt(plane, unit.copies);
    if (kind === 'zeros') kernel.call.broadcastSlots(one, context.delta, 1, unit.copies);
    for (let copy = 0; copy < unit.copies; copy += 1) kernel.view(blockAt(one, copy), 1)[0]! ^= 1;
  }
  unit.load(plane, kind);
  return plane;
}

/** Runs a unit's schedule on a plane of labels; `use` is given the ANDs in order, about GATE_CHUNK gates at a time at most. */
export function forEachChunk(
  kernel: Kernel,
  unit: Unit,
  plane: Pointer,
  use: (ands: Pointer, gates: number, index: number) => void,
): void {
  const { schedule, xors, ands } = unit.schedule();
  const { copies } = unit;
  const step = Math.max(1, Math.floor(GATE_CHUNK / copies));
  let xor = 0;
  let and = 0;
  for (let layer = 0; layer < schedule.andEnd.length; layer += 1) {
    const xorEnd = schedule.xorEnd[layer]!;
    if (xorEnd > xor) kernel.call.xorTriples(plane, byteAt(xors, 12 * xor), xorEnd - xor, copies);
    xor = xorEnd;
    for (const andEnd = schedule.andEnd[layer]!; and < andEnd; ) {
      const gates = Math.min(step, andEnd - and);
      use(byteAt(ands, 12 * and), gates, unit.first + and * copies);
      and += gates;
    }
  }
}
