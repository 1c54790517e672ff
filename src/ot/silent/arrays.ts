import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import { CHECK_COTS, leavesOf, type SilentShape } from './parameters.ts';

/** What an extension works on at one end, all in kernel memory. */
export interface ExtensionArrays {
  /** The COTs that go in, `baseOf(size)` of them: those of the secret, of the paths, and of the check. They serve this once. */
  readonly base: Pointer;
  /** Where the COTs come out. Room for `roomFor(shape)` blocks. */
  readonly leaves: Pointer;
}

/** Blocks that an extension needs where its COTs come out: the rows of its check lie behind them for a while. */
export function roomFor(shape: SilentShape): number {
  return leavesOf(shape) + CHECK_COTS;
}

/** The COTs of the secret. */
export function secretIn({ base }: ExtensionArrays): Pointer {
  return base;
}

/** The COTs of the paths, tree for tree. */
export function pathsIn({ base }: ExtensionArrays, { size }: SilentShape): Pointer {
  return blockAt(base, 2 ** size.secretBits);
}

/** Copies the COTs of the check behind the leaves, where the hash expects them, and gives the number of rows with them. */
export function appendCheck(kernel: Kernel, arrays: ExtensionArrays, shape: SilentShape): number {
  const { size } = shape;
  const check = blockAt(arrays.base, 2 ** size.secretBits + size.mostTrees * size.depth);
  const rows = leavesOf(shape);
  kernel.write(blockAt(arrays.leaves, rows), kernel.view(check, 16 * CHECK_COTS));
  return rows + CHECK_COTS;
}
