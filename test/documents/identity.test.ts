import { inspect } from 'node:util';
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { verifySignature } from '../../src/crypto/ed25519.ts';
import {
  fingerprint,
  generateIdentity,
  importIdentity,
  parsePublicJwk,
  publicJwk,
  rawPublicKey,
  signWith,
} from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { buyer, seller } from './support.ts';

const refused = expect.objectContaining({ code: 'ERR_KEY_INVALID' });
// RFC 8037, appendix A.1 to A.4.
const rfc8037 = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
} as const;

describe('identity', () => {
  it('RFC 8037 appendix A: key, thumbprint and signature', async () => {
    const identity = importIdentity(rfc8037);
    expect(identity.publicKey).toEqual({ kty: 'OKP', crv: 'Ed25519', x: rfc8037.x });
    expect(await fingerprint(identity.publicKey)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc';
    expect(encodeBase64url(await signWith(identity, Buffer.from(input)))).toBe(
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    );
  });

  it('exports what it imports, and shows its private key nowhere else', () => {
    const identity = importIdentity(rfc8037);
    expect(identity.exportPrivate()).toEqual(rfc8037);
    expect(JSON.stringify(identity)).not.toContain(rfc8037.d);
    expect(inspect(identity, { depth: 9, showHidden: true })).not.toContain(rfc8037.d);
  });

  it('makes different identities that sign for themselves', async () => {
    const [one, two] = [generateIdentity(), generateIdentity()];
    expect(one.publicKey).not.toEqual(two.publicKey);
    const signature = await signWith(one, new Uint8Array([1]));
    expect(verifySignature(rawPublicKey(one.publicKey), new Uint8Array([1]), signature)).toBe(true);
    expect(verifySignature(rawPublicKey(two.publicKey), new Uint8Array([1]), signature)).toBe(false);
    expect(publicJwk(rawPublicKey(one.publicKey))).toEqual(one.publicKey);
  });

  it.each([
    ['nothing', undefined],
    ['a public key', seller.publicKey],
    ['another x', { ...rfc8037, x: buyer.publicKey.x }],
    ['another curve', { ...rfc8037, crv: 'X25519' }],
    ['a further member', { ...rfc8037, kid: 'me' }],
    ['a short d', { ...rfc8037, d: rfc8037.d.slice(0, 40) }],
    ['stray bits in d', { ...rfc8037, d: `${rfc8037.d.slice(0, -1)}B` }],
    ['padding', { ...rfc8037, d: `${rfc8037.d}=` }],
  ])('refuses as a private key: %s', (_, jwk) => {
    expect(() => importIdentity(jwk)).toThrowError(refused);
    expect(() => importIdentity(jwk)).not.toThrowError(expect.objectContaining({ message: /nWGx/ }));
  });

  it.each([
    ['a private key', rfc8037],
    ['a further member', { ...seller.publicKey, use: 'sig' }],
    ['a missing member', { kty: 'OKP', x: seller.publicKey.x }],
    ['stray bits', { ...seller.publicKey, x: `${seller.publicKey.x.slice(0, -1)}B` }],
    ['a small-order point', { ...seller.publicKey, x: small(1) }],
    ['the identity point', { ...seller.publicKey, x: small(0) }],
    ['p + 3 as y', { ...seller.publicKey, x: encodeBase64url(Buffer.from(`f0${'ff'.repeat(30)}7f`, 'hex')) }],
  ])('refuses as a public key: %s', (_, jwk) => {
    expect(() => parsePublicJwk(jwk)).toThrowError(refused);
  });

  it('notices a signer that signs wrongly', async () => {
    for (const length of [64, 63, 0]) {
      const faulty = { publicKey: seller.publicKey, sign: () => new Uint8Array(length) };
      await expect(signWith(faulty, new Uint8Array(3))).rejects.toThrowError(refused);
    }
    const other = { publicKey: seller.publicKey, sign: (bytes: Uint8Array) => buyer.sign(bytes) };
    await expect(signWith(other, new Uint8Array(3))).rejects.toThrowError(refused);
  });
});

function small(index: number): string {
  return encodeBase64url(Buffer.from(ED25519_TORSION_SUBGROUP[index]!, 'hex'));
}
