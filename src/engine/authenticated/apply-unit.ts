import { blockAt } from '../../crypto/kernel.ts';
import type { Plane, Unit } from '../../garbling/authenticated/units.ts';
import type { ScheduleCache } from '../../garbling/loaded-schedule.ts';
import { type BlockRun, collectOutputs, scatterGroup } from '../../garbling/planes.ts';
import type { ApplyPiece } from '../batches.ts';
import type { Segment } from '../wires.ts';
import type { WireStore } from './batch-engine.ts';

/** Copies of an applied circuit as a unit, whose first AND is number `gate` of the batch. */
export function unitOf(
  { node, first, copies }: ApplyPiece<WireStore>,
  gate: number,
  schedules: ScheduleCache,
): Unit {
  const { circuit } = node;
  const { kernel } = schedules;
  return {
    copies,
    gates: circuit.ands * copies,
    first: gate,
    slots: schedules.load(circuit).schedule.slots,
    schedule: () => schedules.load(circuit),
    load(plane, kind) {
      let slot = 2;
      for (const [group, width] of circuit.inputs.entries()) {
        const runs = runsOf(node.inputs[group]!, kind);
        scatterGroup(kernel, plane, slot, width, runs, node.shared[group]!, first, copies);
        slot += width;
      }
    },
    store(plane, kind) {
      const target = blockAt(node.storage![kind], first * circuit.outputWires.length);
      collectOutputs(kernel, target, plane, schedules.load(circuit), copies);
    },
  };
}

/** Where the blocks of some wires are. */
export function runsOf(segments: readonly Segment<WireStore>[], kind: Plane): BlockRun[] {
  return segments.map(({ node, start, end }) => ({
    pointer: blockAt(node.storage![kind], start),
    count: end - start,
  }));
}
