import { blockAt, byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { BlockCipher } from '../../crypto/platform/platform.ts';
import type { Slices } from '../../crypto/slices.ts';
import { CHUNK_LEAVES, type SilentShape } from './parameters.ts';

/** Where an extension's arrays are. Tree for tree, `bases` and `corrections` have a block for each level. */
export interface TreeArrays {
  /** The COTs of the paths: keys at the sender, MACs at the receiver. */
  readonly bases: Pointer;
  readonly corrections: Pointer;
  readonly leaves: Pointer;
}

/** Some trees that are worked on side by side. */
interface Group extends TreeArrays {
  readonly trees: number;
}

/** Room for what both ends need beside the leaves. */
interface Scratch {
  /** Inputs and outputs of π. */
  readonly outputs: Pointer;
  readonly missing: Pointer;
  readonly paths: Pointer;
}

/**
 * Steps 1 and 2, sender: grows the trees from `roots`, whose left one is drawn and whose right one is that ⊕ Δ. Writes leaves, with bit 0 cleared, and corrections.
 */
export function* growTrees(
  kernel: Kernel,
  cipher: BlockCipher,
  shape: SilentShape,
  arrays: TreeArrays,
  roots: { readonly left: Uint8Array; readonly delta: Pointer },
): Slices<void> {
  const { depth } = shape.size;
  const stride = 16 * depth;
  yield* inGroups(kernel, shape, arrays, ({ trees, bases, corrections, leaves }, { outputs }, first) => {
    const left = kernel.allocate(16 * trees);
    kernel.write(left, roots.left.subarray(16 * first, 16 * (first + trees)));
    kernel.call.growRoots(leaves, left, roots.delta, corrections, bases, stride, trees);
    kernel.free(left);
    for (let level = 1; level < depth; level++) {
      const width = 1 << level;
      kernel.call.nodeInputs(outputs, leaves, trees * width);
      cipher.permute(kernel, outputs, outputs, trees * width);
      const at = (start: Pointer) => blockAt(start, level);
      kernel.call.growNodes(leaves, outputs, at(corrections), at(bases), stride, width, trees);
    }
    kernel.call.clearBits(leaves, trees << depth);
  });
}

/** Step 3, receiver: all leaves but one of each tree, and that one plus Δ. Bit 0 of a leaf tells whether it is that one. */
export function* regrowTrees(
  kernel: Kernel,
  cipher: BlockCipher,
  shape: SilentShape,
  arrays: TreeArrays,
): Slices<void> {
  const { depth } = shape.size;
  const stride = 16 * depth;
  yield* inGroups(kernel, shape, arrays, ({ trees, bases, corrections, leaves }, scratch) => {
    const { outputs, missing, paths } = scratch;
    kernel.call.regrowRoots(leaves, missing, paths, corrections, bases, stride, trees);
    for (let level = 1; level < depth; level++) {
      const width = 1 << level;
      kernel.call.regrowInputs(outputs, leaves, missing, paths, width, trees);
      cipher.permute(kernel, outputs, outputs, trees * width);
      const [correction, mac] = [blockAt(corrections, level), blockAt(bases, level)];
      kernel.call.regrowNodes(leaves, outputs, missing, paths, correction, mac, stride, width, trees);
    }
    kernel.call.regrowLeaves(leaves, missing, paths, 1 << depth, trees);
  });
}

function* inGroups(
  kernel: Kernel,
  shape: SilentShape,
  { bases, corrections, leaves }: TreeArrays,
  work: (group: Group, scratch: Scratch, first: number) => void,
): Slices<void> {
  const { depth } = shape.size;
  const most = Math.min(shape.trees, Math.max(1, CHUNK_LEAVES >> depth));
  const outputs = kernel.allocate(16 * (most << (depth - 1)));
  const missing = kernel.allocate(16 * most);
  const paths = kernel.allocate(4 * most);
  for (let first = 0; first < shape.trees; first += most) {
    const trees = Math.min(most, shape.trees - first);
    const group = {
      trees,
      bases: blockAt(bases, first * depth),
      corrections: blockAt(corrections, first * depth),
      leaves: byteAt(leaves, (first << depth) * 16),
    };
    work(group, { outputs, missing, paths }, first);
    yield;
  }
  for (const pointer of [outputs, missing, paths]) kernel.free(pointer);
}
