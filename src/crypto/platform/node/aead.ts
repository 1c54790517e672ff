import { createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import type { Aead, AeadOpening, ChaChaPoly } from '../platform.ts';
import { plain } from './plain.ts';

const GCM = 'aes-256-gcm';
const CHACHA = 'chacha20-poly1305';
const TAG = 16;
/** Pieces shorter than this are joined, so that a peer that sends single bytes does not cost one object per byte. */
const SMALL_PIECE = 1_024;
const SMALL_RUN = 64;

/** AES-256-GCM. Everything is done in the call itself: nothing is copied, and a record is decrypted while it arrives. */
export class NodeAead implements Aead {
  private readonly key: Uint8Array;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  seal(nonce: Uint8Array, header: Uint8Array, pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    const cipher = createCipheriv(GCM, this.key, nonce, { authTagLength: TAG });
    cipher.setAAD(header);
    const parts: Uint8Array[] = [];
    for (const piece of pieces) parts.push(cipher.update(piece));
    cipher.final();
    parts.push(cipher.getAuthTag());
    return parts;
  }

  open(nonce: Uint8Array, header: Uint8Array): AeadOpening {
    const decipher = createDecipheriv(GCM, this.key, nonce, { authTagLength: TAG });
    decipher.setAAD(header);
    return new NodeOpening(decipher);
  }

  destroy(): void {
    this.key.fill(0);
  }
}

class NodeOpening implements AeadOpening {
  private readonly decipher: DecipherGCM;
  private readonly pieces: Uint8Array[] = [];
  private smallRun = 0;

  constructor(decipher: DecipherGCM) {
    this.decipher = decipher;
  }

  push(part: Uint8Array): void {
    const piece = plain(this.decipher.update(part));
    this.pieces.push(piece);
    this.smallRun = piece.length < SMALL_PIECE ? this.smallRun + 1 : 0;
    if (this.smallRun === SMALL_RUN) {
      this.pieces.push(joined(this.pieces.splice(-SMALL_RUN)));
      this.smallRun = 0;
    }
  }

  finish(tag: Uint8Array): readonly Uint8Array[] | undefined {
    try {
      this.decipher.setAuthTag(tag);
      this.decipher.final();
      return this.pieces;
    } catch {
      return undefined;
    }
  }
}

export const nodeChaChaPoly: ChaChaPoly = {
  seal(key, nonce, additional, plaintext) {
    const cipher = createCipheriv(CHACHA, key, nonce, { authTagLength: TAG });
    cipher.setAAD(additional, { plaintextLength: plaintext.length });
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return joined([ciphertext, cipher.getAuthTag()]);
  },
  open(key, nonce, additional, sealed) {
    if (sealed.length < TAG) return undefined;
    const length = sealed.length - TAG;
    const decipher = createDecipheriv(CHACHA, key, nonce, { authTagLength: TAG });
    decipher.setAAD(additional, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = plain(decipher.update(sealed.subarray(0, length)));
    try {
      decipher.final();
      return plaintext;
    } catch {
      plaintext.fill(0);
      return undefined;
    }
  },
};

/** The pieces in memory of their own, not in a Buffer's pool. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
