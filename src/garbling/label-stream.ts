import { platform } from '#platform';
import { giveBack } from '../crypto/give-back.ts';
import { byteAt, type Kernel, type Pointer } from '../crypto/kernel.ts';
import type { Keystream } from '../crypto/platform/platform.ts';

/** Bytes made at a time. */
const PART = 65_536;

/** Active labels of inputs, from a 16-byte seed that both sides hold (AES-128 in counter mode). */
export class LabelStream {
  private readonly kernel: Kernel;
  private readonly stream: Keystream;

  constructor(kernel: Kernel, seed: Uint8Array) {
    this.kernel = kernel;
    this.stream = platform.keystream(seed);
  }

  /** Writes the next `count` labels, 16 bytes each, to `target`. */
  fill(target: Pointer, count: number): void {
    for (let offset = 0; offset < count * 16; offset += PART) {
      const labels = this.stream.next(Math.min(PART, count * 16 - offset));
      this.kernel.write(byteAt(target, offset), labels);
      giveBack(labels);
    }
  }
}
