/** Columns of the extension matrix: the length of Δ, of keys and of MACs in bits. */
export const COLUMNS = 128;

/** Levels k of a punctured tree: a COT costs 128/k bits on the wire and 2ᵏ·128/k bits of AES. */
export type TreeDepth = 1 | 2 | 4 | 8;

export const DEFAULT_DEPTH: TreeDepth = 4;

/** The largest batch. The consistency check's error does not depend on its size (README, “Why it is secure”). */
export const MAX_BATCH = 1 << 22;

/** The parameters that determine the length of a setup message. */
export interface SetupShape {
  readonly depth?: TreeDepth;
}

/** The parameters that determine the length of a batch message. */
export interface CorrelationShape extends SetupShape {
  /** COTs in the batch, 1 to 2²². */
  readonly count: number;
}

/** Rows of the matrix for `count` COTs: rounded up to whole 128-row blocks, then one block that hides the check. */
export function matrixRows(count: number): number {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH) {
    throw new RangeError(`a COT batch holds 1 to ${MAX_BATCH}`);
  }
  return Math.ceil(count / 128) * 128 + 128;
}

/** Bytes of corrections: one bit for each row and tree. */
export function correctionLength({ count, depth = DEFAULT_DEPTH }: CorrelationShape): number {
  return (COLUMNS / depth) * (matrixRows(count) / 8);
}

/** Bytes of the setup's fields; none at depth 1, where base seeds are the leaves. */
export function setupLengths({ depth = DEFAULT_DEPTH }: SetupShape) {
  const trees = depth === 1 ? 0 : COLUMNS / depth;
  return { sums: trees * (depth - 1) * 32, proof: trees * 32, digest: trees === 0 ? 0 : 32 };
}
