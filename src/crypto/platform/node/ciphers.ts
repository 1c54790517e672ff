import { type Cipher, createCipheriv } from 'node:crypto';
import { giveBack } from '../../give-back.ts';
import type { Kernel, Pointer } from '../../kernel.ts';
import type { BlockCipher, Keystream } from '../platform.ts';
import { plain } from './plain.ts';

const ZEROS = new Uint8Array(65_536);

/** AES-128 in ECB mode without padding: every call encrypts whole blocks. */
export class NodeBlockCipher implements BlockCipher {
  private readonly cipher: Cipher;

  constructor(key: Uint8Array) {
    this.cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  permute(kernel: Kernel, target: Pointer, source: Pointer, count: number): void {
    const output = this.cipher.update(kernel.view(source, count * 16));
    kernel.write(target, output);
    output.fill(0);
    giveBack(output);
  }

  permuted(blocks: Uint8Array): Uint8Array {
    return plain(this.cipher.update(blocks));
  }
}

export class NodeKeystream implements Keystream {
  private readonly cipher: Cipher;

  constructor(key: Uint8Array) {
    this.cipher = createCipheriv('aes-128-ctr', key, new Uint8Array(16));
  }

  next(length: number): Uint8Array {
    const zeros = length <= ZEROS.length ? ZEROS.subarray(0, length) : new Uint8Array(length);
    return plain(this.cipher.update(zeros));
  }
}
