import { type Bits, packBits, unpackBits } from '../../circuit/bits.ts';
import type { Combinations } from '../../circuit/combinations.ts';
import { concatBytes, xorBytes } from '../../crypto/bytes.ts';
import { blockAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { type Opened, openShares, packShares, verifyShares, withPacked } from './opening.ts';

/** What is kept of one party's inputs, one after another: keys and MACs of the shares of their masks, and active labels. */
export interface FixedInputs extends Shares {
  readonly labels: Pointer;
  readonly width: number;
}

/** Random bits of one party, which it has corrected: at the other party with the corrections. */
export interface FixedBits extends Shares {
  readonly width: number;
}

/** Bits that a party has fixed without entering them: for each of its random bits what makes it the one that is fixed, packed. `bits` are at the party itself. */
export function corrections({ kernel }: Context, { macs, width }: FixedBits, bits: Bits): Uint8Array {
  return between(packShares(kernel, macs, width), packBits(bits));
}

/** Step 14 at the party whose `bits` these are, of its input and then those that it has fixed besides: combinations of them, with their MACs. */
export function openCombinations(
  context: Context,
  combinations: Combinations,
  parts: readonly FixedBits[],
  bits: Bits,
): Opened {
  const { kernel } = context;
  const blocks = joined(
    kernel,
    parts.map(({ macs, width }) => ({ blocks: macs, width })),
  );
  const known = between(packShares(kernel, blocks, bits.length), packBits(bits));
  const unit = new Uint8Array(16);
  unit[0] = 1;
  try {
    return summed(kernel, combinations, { blocks, width: bits.length, known, unit }, (sums, count) =>
      openShares(context, 'combinations', sums, count),
    );
  } finally {
    known.fill(0);
    kernel.free(blocks);
  }
}

/** What the other party has of the bits that a party has fixed without entering them. */
export interface CorrectedBits extends FixedBits {
  readonly corrections: Bits;
}

/** Step 14 at the other party: the values of the combinations. Throws `ERR_PEER_CHEATED` unless they are those of what was fixed. */
export function verifyCombinations(
  context: Context,
  combinations: Combinations,
  input: FixedInputs,
  besides: CorrectedBits | undefined,
  opened: Opened,
): Bits {
  const { kernel } = context;
  const { macs, labels, width } = input;
  const parts = besides === undefined ? [input] : [input, besides];
  const blocks = joined(
    kernel,
    parts.map((part) => ({ blocks: part.keys, width: part.width })),
  );
  const shares = between(packShares(kernel, labels, width), packShares(kernel, macs, width));
  const added = concatBytes(unpackBits(shares, width), besides?.corrections ?? new Uint8Array());
  const known = packBits(added);
  const unit = kernel.read(context.delta, 16);
  unit[0]! ^= 1;
  try {
    summed(kernel, combinations, { blocks, width: added.length, known, unit }, (sums, count) =>
      verifyShares(context, 'combinations', sums, count, opened),
    );
  } finally {
    for (const secret of [shares, added, known, unit]) secret.fill(0);
    kernel.free(blocks);
  }
  return unpackBits(opened.bits, combinations.ends.length);
}

/** One side of authenticated bits: blocks, to which `unit` is added where a bit of `known` is 1. */
interface Side {
  /** Changed in place. */
  readonly blocks: Pointer;
  readonly width: number;
  /** What both know to be between a bit that was fixed and the one that a block is of, packed. */
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
  const addend = load(kernel, unit);
  const [places, lasts] = [load(kernel, positions), load(kernel, ends)];
  const sums = kernel.allocate(16 * ends.length);
  try {
    withPacked(kernel, known, (bits) => kernel.call.addPublicBits(blocks, bits, width, addend, 16));
    kernel.call.sumBlocks(sums, blocks, places, lasts, ends.length);
    return use(sums, ends.length);
  } finally {
    for (const pointer of [addend, places, lasts, sums]) kernel.free(pointer);
  }
}

/** What is between two strings of bits, which are zeroed. */
function between(one: Uint8Array, other: Uint8Array): Uint8Array {
  const difference = xorBytes(one, other);
  for (const secret of [one, other]) secret.fill(0);
  return difference;
}

/** A copy of blocks, one part after another. The caller frees it. */
function joined(
  kernel: Kernel,
  parts: readonly { readonly blocks: Pointer; readonly width: number }[],
): Pointer {
  const whole = kernel.allocate(parts.reduce((sum, { width }) => sum + 16 * width, 0));
  let at = 0;
  for (const { blocks, width } of parts) {
    kernel.write(blockAt(whole, at), kernel.view(blocks, 16 * width));
    at += width;
  }
  return whole;
}

function load(kernel: Kernel, { buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Pointer {
  const pointer = kernel.allocate(byteLength);
  kernel.write(pointer, new Uint8Array(buffer, byteOffset, byteLength));
  return pointer;
}
