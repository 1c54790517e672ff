import { ParleyError } from '../../errors.ts';
import type { Platform } from './platform.ts';

/** What `#platform` is on a runtime that has no implementation: importing it fails with one clear error. */
export const platform: Platform = unsupported();

function unsupported(): never {
  throw new ParleyError('ERR_PLATFORM', 'Parley has no platform for this runtime yet');
}
