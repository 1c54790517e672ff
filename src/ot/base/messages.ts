import { message } from '../../link/message.ts';

/** Oblivious transfers in a batch: one for each bit of a key, κ = 128. */
export const BASE_OTS = 128;

/** Step 1: the sender's point A, one for the whole batch. */
export const baseOtPoint = message(0x20, 'base OT point', () => ({ point: 32 }));

/** Step 2: the receiver's two points of every instance, r₀ ‖ r₁, instance after instance. */
export const baseOtPoints = message(0x21, 'base OT points', () => ({ points: BASE_OTS * 64 }));
