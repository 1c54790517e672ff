import { type Cipher, createCipheriv } from 'node:crypto';
import { giveBack } from '../../crypto/give-back.ts';
import { byteAt, type Kernel, type Pointer } from '../../crypto/kernel.ts';

const ZEROS = new Uint8Array(65_536);

/** The active labels of the garbler's inputs, from a 16-byte seed that both sides hold (AES-128 in counter mode). */
export class LabelStream {
  private readonly kernel: Kernel;
  private readonly cipher: Cipher;

  constructor(kernel: Kernel, seed: Uint8Array) {
    this.kernel = kernel;
    this.cipher = createCipheriv('aes-128-ctr', seed, new Uint8Array(16));
  }

  /** Writes the next `count` labels, 16 bytes each, to `target`. */
  fill(target: Pointer, count: number): void {
    for (let offset = 0; offset < count * 16; offset += ZEROS.length) {
      const labels = this.cipher.update(ZEROS.subarray(0, count * 16 - offset));
      this.kernel.write(byteAt(target, offset), labels);
      giveBack(labels);
    }
  }
}
