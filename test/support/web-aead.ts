import type { Aead } from '../../src/crypto/platform/platform.ts';

/** AES-256-GCM of WebCrypto, where every result is asynchronous, as on a platform that has nothing else. */
export class WebAead implements Aead {
  private readonly key: Promise<CryptoKey>;

  constructor(key: Uint8Array) {
    this.key = crypto.subtle.importKey('raw', key as BufferSource, 'AES-GCM', false, ['encrypt', 'decrypt']);
  }

  async seal(nonce: Uint8Array, header: Uint8Array, pieces: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const plaintext = Buffer.concat(pieces);
    await delay();
    const algorithm = { name: 'AES-GCM', iv: nonce as BufferSource, additionalData: header as BufferSource };
    return [new Uint8Array(await crypto.subtle.encrypt(algorithm, await this.key, plaintext))];
  }

  open(nonce: Uint8Array, header: Uint8Array) {
    const algorithm = {
      name: 'AES-GCM',
      iv: nonce as BufferSource,
      additionalData: header.slice() as BufferSource,
    };
    const parts: Uint8Array[] = [];
    return {
      push: (part: Uint8Array) => void parts.push(Uint8Array.from(part)),
      finish: async (tag: Uint8Array) => {
        const sealed = Buffer.concat([...parts, tag]);
        await delay();
        return crypto.subtle.decrypt(algorithm, await this.key, sealed).then(
          (plaintext) => [new Uint8Array(plaintext)],
          () => undefined,
        );
      },
    };
  }

  destroy(): void {}
}

/** A delay that lets results arrive in another order than the calls. */
async function delay(): Promise<void> {
  const turns = Math.floor(Math.random() * 4);
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
