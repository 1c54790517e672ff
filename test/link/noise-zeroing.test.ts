import { expect, test, vi } from 'vitest';
import { platform } from '../../src/crypto/platform/node.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { Noise } from '../../src/link/noise.ts';

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

test('a finished handshake leaves none of its secrets in memory but the two keys it gives', () => {
  const secrets: Uint8Array[] = [];
  const kept = (bytes: Uint8Array) => {
    secrets.push(bytes);
    return bytes;
  };
  const { hmacBlake2b, x25519 } = platform;
  // Everything secret comes out of one of these, or goes into one: HKDF outputs, DH results, private keys, cipher keys.
  vi.spyOn(platform, 'hmacBlake2b').mockImplementation((...args) => kept(hmacBlake2b(...args)));
  vi.spyOn(platform, 'x25519').mockImplementation((secret) => {
    kept(secret);
    const key = x25519(secret);
    const agree = key.agree.bind(key);
    key.agree = (peer) => kept(agree(peer)!);
    return key;
  });
  const seal = platform.chaChaPoly.seal;
  vi.spyOn(platform.chaChaPoly, 'seal').mockImplementation((key, ...rest) => seal(kept(key), ...rest));
  const random = seededRandom(new Uint8Array(16));
  const psk = new Uint8Array(32).fill(7);
  const make = (initiator: boolean) => new Noise({ initiator, prologue: new Uint8Array(1), psk, random });
  const [a, b] = [make(true), make(false)];
  b.read(a.write(new Uint8Array(0)));
  a.read(b.write(new Uint8Array(5)));
  b.read(a.write(new Uint8Array(5)));
  const given = [a.finish(), b.finish()];
  vi.restoreAllMocks();

  expect(secrets.length).toBeGreaterThan(50);
  expect(secrets.filter((bytes) => !isZero(bytes))).toEqual([]);
  for (const { send, receive } of given) expect(isZero(send) || isZero(receive)).toBe(false);
  expect(psk).toEqual(new Uint8Array(32).fill(7)); // the caller's own
});
