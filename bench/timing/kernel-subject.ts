import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { Subject } from './measure.ts';

/** A subject's own kernel, with regions of random bytes. */
export class Regions {
  readonly kernel = new Kernel();

  /** `length` random bytes. */
  random(length: number): Pointer {
    const pointer = this.kernel.allocate(length);
    this.kernel.write(pointer, systemRandom(length));
    return pointer;
  }

  /** 32-bit numbers. */
  words(...words: readonly number[]): Pointer {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer);
    const pointer = this.kernel.allocate(bytes.length);
    this.kernel.write(pointer, bytes);
    return pointer;
  }

  /** A call whose secret is the `length` bytes at `secret`: all zero, or random. */
  subject(id: string, secret: Pointer, length: number, run: () => void): Subject {
    const { kernel } = this;
    const input = new Uint8Array(length);
    return {
      id,
      samples: 20_000,
      input,
      fixed: new Uint8Array(length),
      load: () => kernel.write(secret, input),
      run,
    };
  }
}
