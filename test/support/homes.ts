import { type MemoryHome, type MemoryHomeOptions, memoryHome } from '../../src/desk/memory-home.ts';
import { generateIdentity, type Identity, rawPublicKey } from '../../src/documents/identity.ts';
import { proveSealKey, type SealKey } from '../../src/seals/index.ts';
import { alice, bob } from '../paillier/keys.ts';
import { testRandom } from './channels.ts';

const known = new Map<string, SealKey>();

/** A home that has its seal key, which would else be made for the first negotiation. The two sides of one need different Paillier keys. */
export function homeOf(
  identity: Identity,
  side: 'host' | 'join',
  options: Omit<MemoryHomeOptions, 'identity' | 'sealKey'> = {},
): MemoryHome {
  const name = `${side} ${identity.publicKey.x}`;
  const pair = side === 'host' ? alice : bob;
  const sealKey = known.get(name) ?? proveSealKey(pair, rawPublicKey(identity.publicKey));
  known.set(name, sealKey);
  return memoryHome({ ...options, identity, sealKey });
}

const somebody = {
  host: generateIdentity(testRandom(91)),
  join: generateIdentity(testRandom(92)),
};

/** A home of somebody who hosts or joins, for tests to which it does not matter who that is. */
export const anyHome = (side: 'host' | 'join'): MemoryHome => homeOf(somebody[side], side);
