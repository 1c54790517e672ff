import { blockAt, type Pointer } from '../../crypto/kernel.ts';
import type { Context } from './context.ts';
import type { Shares } from './correlated-bits.ts';
import { withPacked } from './opening.ts';

/** Adds public bits to shared ones: the garbler's share takes them, and the evaluator's keys follow. */
export function addPublic(context: Context, { keys, macs }: Shares, bits: Uint8Array, count: number): void {
  const { kernel, role } = context;
  const [blocks, index] = role === 'garbler' ? [macs, 1] : [keys, 0];
  const addends = publicAddends(context);
  withPacked(kernel, bits, (pointer) => {
    kernel.call.addPublicBits(blocks, pointer, count, blockAt(addends, index), 16);
  });
  kernel.free(addends);
}

/** What adding a public 1 adds to this party's key, then to its MAC: 32 bytes, the caller's to free. */
export function publicAddends({ kernel, role, delta }: Context): Pointer {
  const addends = kernel.allocate(32);
  if (role === 'evaluator') kernel.write(addends, kernel.view(delta, 16));
  kernel.view(blockAt(addends, role === 'garbler' ? 1 : 0), 1)[0]! ^= 1;
  return addends;
}
