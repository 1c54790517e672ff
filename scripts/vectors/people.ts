import { generateIdentity, type LocalIdentity } from '../../src/documents/identity.ts';
import { seeded } from './shape.ts';

/** An identity whose key never changes. Its seed is the first 32 bytes of a stream. */
export function identity(number: number): LocalIdentity {
  return generateIdentity(seeded(number));
}
