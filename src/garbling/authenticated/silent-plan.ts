import { baseOf, leavesOf, roomFor, SILENT_FROM, type SilentShape, shapeFor } from '../../ot/index.ts';

/** How some bits are made, in each direction. It follows from public counts, so both parties have the same plan. */
export interface Plan {
  /** Bits left over by earlier extensions. */
  readonly stocked: number;
  /** Bits made by SoftSpoken OT. */
  readonly spoken: number;
  /** Silent extensions, one after another. */
  readonly rounds: readonly SilentShape[];
}

/** The plan for `count` bits when `available` are left over. */
export function planFor(count: number, available: number): Plan {
  const stocked = Math.min(count, available);
  let missing = count - stocked;
  if (missing < SILENT_FROM) return { stocked, spoken: missing, rounds: [] };
  const rounds: SilentShape[] = [];
  while (missing > 0) {
    const shape = shapeFor(missing);
    rounds.push(shape);
    missing -= gainOf(shape);
  }
  return { stocked, spoken: 0, rounds };
}

/** Bits that an extension gives, less those that it keeps for the next one. */
export function gainOf(shape: SilentShape): number {
  return leavesOf(shape) - baseOf(shape.size);
}

/** Blocks that the bits of a plan need, with what its extensions need behind them. */
export function roomOf({ stocked, rounds }: Plan): number {
  let [place, room] = [stocked, stocked];
  for (const shape of rounds) {
    room = Math.max(room, place + roomFor(shape));
    place += gainOf(shape);
  }
  return room;
}
