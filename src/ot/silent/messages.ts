import { message } from '../../link/message.ts';

/** Step 2: for each level of each tree, the sum of the left nodes under the key of a COT. The shape is the number of these. */
export const silentTrees = message(0x24, 'silent OT trees', (levels: number) => ({
  corrections: 16 * levels,
}));

/** Step 4: the receiver's coins, and the hash of its noise, masked. */
export const silentChallenge = message(0x25, 'silent OT challenge', () => ({ coins: 16, noiseHash: 16 }));

/** Step 5: a digest of what the receiver's leaves must hash to. */
export const silentAnswer = message(0x26, 'silent OT answer', () => ({ digest: 32 }));
