import { platform } from '#platform';
import { hash } from '../crypto/hash.ts';
import type { Tag } from '../crypto/tags.ts';

/**
 * A random oracle for many short inputs of one length: SHA-256 or SHA-512 over a 32-byte prefix, an index and the input.
 * The prefix is a tagged hash of the context (session, direction, messages so far), so oracles with different
 * contexts are independent; the index separates the calls within one.
 */
export class Oracle {
  private readonly block: Uint8Array;
  private readonly view: DataView;

  /** `inputLength` is the length in bytes of every input. */
  constructor(tag: Tag, context: readonly (Uint8Array | string | number)[], inputLength: number) {
    this.block = new Uint8Array(36 + inputLength);
    this.block.set(hash(tag, ...context));
    this.view = new DataView(this.block.buffer);
  }

  /** 32 bytes for `index` (below 2³²) and the concatenated parts. */
  short(index: number, ...parts: readonly Uint8Array[]): Uint8Array {
    return platform.sha256(this.fill(index, parts));
  }

  /** 64 bytes for `index` (below 2³²) and the concatenated parts. */
  long(index: number, ...parts: readonly Uint8Array[]): Uint8Array {
    return platform.sha512(this.fill(index, parts));
  }

  /** Zeroes the last input and its index. */
  clear(): void {
    this.block.fill(0, 32);
  }

  private fill(index: number, parts: readonly Uint8Array[]): Uint8Array {
    this.view.setUint32(32, index);
    let offset = 36;
    for (const part of parts) {
      this.block.set(part, offset);
      offset += part.length;
    }
    if (offset !== this.block.length) throw new RangeError('oracle input length');
    return this.block;
  }
}
