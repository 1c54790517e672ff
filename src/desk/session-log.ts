/** Counts negotiations, and the bits that their outcomes may have told. It holds nothing of a mandate. */
export interface SessionLog {
  /** Takes one of `most` places since `since` (milliseconds since 1970); false if there is none left. */
  take(most: number, since: number): Promise<boolean>;
  /** Counts so many bits for good, if they come to `budget` at most with all that are counted already; else counts nothing, and gives false. */
  spend(bits: number, budget: number): Promise<boolean>;
}

/** Bits by which a sum of logarithms may be off. */
const ROUNDING = 1e-6;

/** Whether so many bits more stay within a budget. */
export function fits(bits: number, spent: number, budget: number): boolean {
  return spent + bits <= budget + ROUNDING;
}

/** Counts in this process only. */
export function memorySessionLog(): SessionLog {
  let times: number[] = [];
  let told = 0;
  return {
    async take(most, since) {
      times = times.filter((time) => time > since);
      if (times.length >= most) return false;
      times.push(Date.now());
      return true;
    },
    async spend(bits, budget) {
      if (!fits(bits, told, budget)) return false;
      told += bits;
      return true;
    },
  };
}
