import { expect } from 'vitest';

/** Counts, for every bit position of equally long transcripts, how often it was one. */
export interface Tally {
  readonly runs: () => number;
  readonly ones: () => Uint32Array;
  add(transcript: Uint8Array): void;
}

export function newTally(): Tally {
  let ones: Uint32Array | undefined;
  let runs = 0;
  return {
    runs: () => runs,
    ones: () => ones!,
    add(transcript) {
      ones ??= new Uint32Array(transcript.length * 8);
      expect(transcript.length * 8).toBe(ones.length);
      for (let i = 0; i < ones.length; i += 1) ones[i]! += (transcript[i >> 3]! >> (i & 7)) & 1;
      runs += 1;
    },
  };
}

/**
 * The largest difference between two tallies over all bit positions, as a two-proportion z score, and the limit that independent
 * transcripts pass with probability at most 10⁻⁶ (a union bound over positions on the normal tail 2·exp(−z²/2)).
 */
export function worstScore(one: Tally, other: Tally): { score: number; limit: number } {
  const [left, right] = [one.ones(), other.ones()];
  expect(left.length).toBe(right.length);
  let score = 0;
  for (let i = 0; i < left.length; i += 1) {
    const pooled = (left[i]! + right[i]!) / (one.runs() + other.runs());
    const variance = pooled * (1 - pooled) * (1 / one.runs() + 1 / other.runs());
    if (variance === 0) continue;
    score = Math.max(score, Math.abs(left[i]! / one.runs() - right[i]! / other.runs()) / Math.sqrt(variance));
  }
  return { score, limit: Math.sqrt(2 * Math.log((2 * left.length) / 1e-6)) };
}
