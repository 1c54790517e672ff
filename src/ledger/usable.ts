import { LedgerError, ParleyError } from '../errors.ts';

/** Runs an operation of a store. An error that is not Parley's own becomes LedgerError `ERR_LEDGER_UNUSABLE`. */
export async function usable<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ParleyError || cause instanceof RangeError) throw cause;
    throw new LedgerError('ERR_LEDGER_UNUSABLE', 'the ledger of attempts cannot be read or written', {
      hint: 'check where it is kept: permissions, free space',
      cause,
    });
  }
}
