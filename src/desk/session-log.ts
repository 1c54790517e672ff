/** Counts negotiations over time. */
export interface SessionLog {
  /** Takes one of `most` places since `since` (milliseconds since 1970); false if there is none left. */
  take(most: number, since: number): Promise<boolean>;
}

/** Counts in this process only. */
export function memorySessionLog(): SessionLog {
  let times: number[] = [];
  return {
    async take(most, since) {
      times = times.filter((time) => time > since);
      if (times.length >= most) return false;
      times.push(Date.now());
      return true;
    },
  };
}
