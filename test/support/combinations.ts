import type { Combinations } from '../../src/circuit/combinations.ts';

/** Combinations, each given by its positions. */
export function combinationsOf(rows: readonly (readonly number[])[]): Combinations {
  let end = 0;
  return {
    positions: Uint32Array.from(rows.flat()),
    ends: Uint32Array.from(rows, (row) => {
      end += row.length;
      return end;
    }),
  };
}
