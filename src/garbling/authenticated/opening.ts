import { equalBytes } from '../../crypto/bytes.ts';
import { check } from '../../crypto/check.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { StreamingHash } from '../../crypto/platform/platform.ts';
import { tags } from '../../crypto/tags.ts';
import type { Context } from './context.ts';
import { packed } from './messages.ts';

/** Bits opened with their MACs: the bits packed, and a 32-byte digest of all their MACs. */
export interface Opened {
  readonly bits: Uint8Array;
  readonly macs: Uint8Array;
}

/** Opens this party's shares: bit 0 of each of `count` MACs, with a digest of the MACs bound to `step`. */
export function openShares(context: Context, step: string, macs: Pointer, count: number): Opened {
  return {
    bits: packShares(context.kernel, macs, count),
    macs: context.digest(tags.authenticatedOpening, context.role, step, context.blocks(macs, count)),
  };
}

/** Opens shares as `openShares` does, whose MACs come in pieces. */
export class OpeningInPieces {
  private readonly context: Context;
  private readonly state: StreamingHash;
  private readonly bits: Uint8Array;
  private done = 0;

  constructor(context: Context, step: string, count: number) {
    this.context = context;
    this.state = context.beginDigest(tags.authenticatedOpening, context.role, step, 16 * count);
    this.bits = new Uint8Array(packed(count));
  }

  /** The next `count` MACs: a multiple of 8, unless they are the last. */
  add(macs: Pointer, count: number): void {
    const { context } = this;
    this.state.update(context.blocks(macs, count));
    this.bits.set(packShares(context.kernel, macs, count), this.done >> 3);
    this.done += count;
  }

  finish(): Opened {
    return { bits: this.bits, macs: new Uint8Array(this.state.digest()) };
  }
}

/**
 * Verifies shares that the peer opened, against this party's `keys` on them, which are overwritten. Throws
 * `ERR_PEER_CHEATED` unless every MAC is the peer's own; then the bits are what the peer is bound to.
 */
export function verifyShares(
  context: Context,
  step: string,
  keys: Pointer,
  count: number,
  opened: Opened,
): void {
  requirePadding(opened.bits, count);
  const { kernel } = context;
  withPacked(kernel, opened.bits, (bits) => kernel.call.addPublicBits(keys, bits, count, context.delta, 16));
  const expected = context.digest(tags.authenticatedOpening, context.peer, step, context.blocks(keys, count));
  check(`macs of ${step}`, equalBytes(expected, opened.macs));
}

/** Bit 0 of each of `count` blocks, packed. */
export function packShares(kernel: Kernel, blocks: Pointer, count: number): Uint8Array {
  const target = kernel.allocate(packed(count));
  kernel.call.packBits(target, blocks, count, 0);
  const bits = kernel.read(target, packed(count));
  kernel.free(target);
  return bits;
}

/** Runs `use` on packed bits placed in the kernel's memory for the time of the call. */
export function withPacked(kernel: Kernel, bits: Uint8Array, use: (pointer: Pointer) => void): void {
  const pointer = kernel.allocate(bits.length);
  kernel.write(pointer, bits);
  use(pointer);
  kernel.free(pointer);
}

/** Refuses packed bits whose unused last bits are not zero: every message has exactly one form. */
export function requirePadding(bits: Uint8Array, count: number): void {
  const used = count & 7;
  check('padding of packed bits', used === 0 || bits[bits.length - 1]! >> used === 0);
}
