import { type Bits, packBits, unpackBits } from '../../circuit/bits.ts';
import type { Combinations } from '../../circuit/combinations.ts';
import { xorBytes } from '../../crypto/bytes.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { type Opened, openShares, packShares, verifyShares, withPacked } from './opening.ts';

/** What is kept of one party's inputs, one after another: keys and MACs of the shares of their masks, and active labels. */
export interface FixedInputs extends Shares {
  readonly labels: Pointer;
  readonly width: number;
}

/** Step 14 at the party that has entered `bits`: combinations of them, with their MACs. */
export function openCombinations(
  context: Context,
  combinations: Combinations,
  { macs, width }: FixedInputs,
  bits: Bits,
): Opened {
  const { kernel } = context;
  const known = xorBytes(packShares(kernel, macs, width), packBits(bits));
  const unit = new Uint8Array(16);
  unit[0] = 1;
  try {
    return summed(kernel, combinations, { blocks: macs, width, known, unit }, (sums, count) =>
      openShares(context, 'combinations', sums, count),
    );
  } finally {
    known.fill(0);
  }
}

/** Step 14 at the other party: the values of the combinations. Throws `ERR_PEER_CHEATED` unless they are those of what was entered. */
export function verifyCombinations(
  context: Context,
  combinations: Combinations,
  { keys, macs, labels, width }: FixedInputs,
  opened: Opened,
): Bits {
  const { kernel } = context;
  const known = xorBytes(packShares(kernel, labels, width), packShares(kernel, macs, width));
  const unit = kernel.read(context.delta, 16);
  unit[0]! ^= 1;
  try {
    summed(kernel, combinations, { blocks: keys, width, known, unit }, (sums, count) =>
      verifyShares(context, 'combinations', sums, count, opened),
    );
  } finally {
    for (const secret of [known, unit]) secret.fill(0);
  }
  return unpackBits(opened.bits, combinations.ends.length);
}

/** One side of the inputs' authenticated bits: blocks, to which `unit` is added where a bit of `known` is 1. */
interface Side {
  readonly blocks: Pointer;
  readonly width: number;
  /** What both know to be between an input and the bit that a block is of, packed. */
  readonly known: Uint8Array;
  readonly unit: Uint8Array;
}

/** Gives `use` the blocks of the combinations, for the time of the call. */
function summed<Value>(
  kernel: Kernel,
  { positions, ends }: Combinations,
  { blocks, width, known, unit }: Side,
  use: (sums: Pointer, count: number) => Value,
): Value {
  const [inputs, addend] = [kernel.allocate(16 * width), load(kernel, unit)];
  const [places, lasts] = [load(kernel, positions), load(kernel, ends)];
  const sums = kernel.allocate(16 * ends.length);
  kernel.write(inputs, kernel.view(blocks, 16 * width));
  try {
    withPacked(kernel, known, (bits) => kernel.call.addPublicBits(inputs, bits, width, addend, 16));
    kernel.call.sumBlocks(sums, inputs, places, lasts, ends.length);
    return use(sums, ends.length);
  } finally {
    for (const pointer of [inputs, addend, places, lasts, sums]) kernel.free(pointer);
  }
}

function load(kernel: Kernel, { buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Pointer {
  const pointer = kernel.allocate(byteLength);
  kernel.write(pointer, new Uint8Array(buffer, byteOffset, byteLength));
  return pointer;
}
