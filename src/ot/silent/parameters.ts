import { COLUMNS } from '../extension/parameters.ts';
import { SILENT_SIZES, type SilentSize } from './sizes.ts';

/** Bits of the secret that each output adds up. */
export const LOCALITY = 10;

/** COTs that the check of an extension uses up. */
export const CHECK_COTS = COLUMNS;

/** Leaves worked on at a time. */
export const CHUNK_LEAVES = 1 << 15;

/** One extension: so many trees of one size. */
export interface SilentShape {
  readonly size: SilentSize;
  readonly trees: number;
}

/** COTs that come out. */
export function leavesOf({ size, trees }: SilentShape): number {
  return trees * 2 ** size.depth;
}

/** Levels of all trees: so many corrections are sent. */
export function levelsOf({ size, trees }: SilentShape): number {
  return trees * size.depth;
}

/** COTs that go in at most, whatever the number of trees: the secret, one for each level of each tree, and those of the check. */
export function baseOf({ depth, secretBits, mostTrees }: SilentSize): number {
  return 2 ** secretBits + mostTrees * depth + CHECK_COTS;
}

/** COTs that come out of one extension at most, less those that the next one needs. */
export function mostGain(size: SilentSize): number {
  return leavesOf({ size, trees: size.mostTrees }) - baseOf(size);
}

/** The extension of the smallest size that gains `missing` COTs, with no more trees than it takes; the largest, if none does. */
export function shapeFor(missing: number): SilentShape {
  const largest = SILENT_SIZES.at(-1)!;
  const size = SILENT_SIZES.find((candidate) => mostGain(candidate) >= missing) ?? largest;
  const trees = Math.ceil((missing + baseOf(size)) / 2 ** size.depth);
  return { size, trees: Math.min(trees, size.mostTrees) };
}
