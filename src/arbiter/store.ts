/**
 * Where an arbiter keeps what it has decided: one record a case, which is never changed or removed. A case is named by 64 hexadecimal digits.
 */
export interface CaseStore {
  /** The record of a case. What has been returned once must be there after a crash, too. */
  get(name: string): Promise<Uint8Array | undefined>;
  /**
   * Makes the record of a case, unless there is one already: of any number of callers, in any number of processes, exactly one gets true. Resolves with true
   * only when the record is whole and durable. If it rejects, there may be a whole record or none.
   */
  create(name: string, record: Uint8Array): Promise<boolean>;
}

/** A store in this process, for tests and trials: it forgets everything, and a real arbiter must not. */
export function memoryCases(): CaseStore {
  const records = new Map<string, Uint8Array>();
  return {
    get: async (name) => records.get(name)?.slice(),
    async create(name, record) {
      if (records.has(name)) return false;
      records.set(name, record.slice());
      return true;
    },
  };
}
