import { check } from '../crypto/check.ts';
import { InputError } from '../errors.ts';

/** The value that a strict decoder reads from the peer's bytes. If it refuses them, the check of that name fails. */
export function decodePeer<Value>(name: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    check(name, false);
    throw error;
  }
}
