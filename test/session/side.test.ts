import { describe, expect, it } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import { findSide, requireSide } from '../../src/session/side.ts';

const [own, peer, third] = [generateIdentity(), generateIdentity(), generateIdentity()].map(
  ({ publicKey }) => publicKey,
) as [PublicKey, PublicKey, PublicKey];
type PublicKey = ReturnType<typeof generateIdentity>['publicKey'];

const seller = { party: 'a', role: 'seller', peerRole: 'buyer' };
const buyer = { party: 'b', role: 'buyer', peerRole: 'seller' };

describe('which side this is', () => {
  it.each([
    ['by its key', { seller: own, buyer: peer }, undefined, seller],
    ['by its key alone', { buyer: own }, undefined, buyer],
    ['by the key of the other', { seller: peer }, undefined, buyer],
    ['by its key, as asked for', { buyer: own }, 'buyer', buyer],
    ['as asked for', {}, 'buyer', buyer],
    ['as asked for, without keys', undefined, 'seller', seller],
    ['open', undefined, undefined, undefined],
  ])('%s', (_, parties, role, side) => {
    expect(findSide(split, { parties, own, role })).toEqual(side);
  });

  it.each([
    ['neither of two', { seller: peer, buyer: third }, undefined, 'ERR_USAGE'],
    ['another than its key says', { seller: own }, 'buyer', 'ERR_USAGE'],
    ['the one that the other key has', { seller: peer }, 'seller', 'ERR_USAGE'],
    ['a role that there is not', { seller: own }, 'broker', 'ERR_USAGE'],
    ['beside a party that there is not', { broker: peer }, 'seller', 'ERR_TERMS_INVALID'],
  ])('is refused as %s', (_, parties, role, code) => {
    expect(() => findSide(split, { parties, own, role })).toThrowError(expect.objectContaining({ code }));
  });

  it('must be known where it is needed', () => {
    const facts = { parties: {}, own, role: undefined };
    expect(() => requireSide(split, facts)).toThrowError(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
