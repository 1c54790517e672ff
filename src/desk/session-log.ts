import { fits } from '../ledger/index.ts';

/** Counts negotiations, and the bits that their outcomes may have told. It holds nothing about a mandate. */
export interface SessionLog {
  /** Takes one of `most` places since `since` (milliseconds since 1970); false if there is none left. */
  take(most: number, since: number): Promise<boolean>;
  /** Adds `bits` to the count for good if the total stays within `budget`; otherwise counts nothing and returns false. */
  spend(bits: number, budget: number): Promise<boolean>;
  /** What `take` would answer now. Takes nothing. */
  canTake(most: number, since: number): Promise<boolean>;
  /** What `spend` would answer now. Counts nothing. */
  canSpend(bits: number, budget: number): Promise<boolean>;
}

/** Counts in this process only. */
export function memorySessionLog(): SessionLog {
  let times: number[] = [];
  let told = 0;
  const hasPlace = (most: number, since: number) => {
    times = times.filter((time) => time > since);
    return times.length < most;
  };
  return {
    async take(most, since) {
      if (!hasPlace(most, since)) return false;
      times.push(Date.now());
      return true;
    },
    async spend(bits, budget) {
      if (!fits(bits, told, budget)) return false;
      told += bits;
      return true;
    },
    canTake: async (most, since) => hasPlace(most, since),
    canSpend: async (bits, budget) => fits(bits, told, budget),
  };
}
